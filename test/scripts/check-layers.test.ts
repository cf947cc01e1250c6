// The check of import directions sees what it is there to see.
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkFile, checkLayers } from "../../scripts/check-layers.ts";
import { ROOT } from "../../scripts/wrangler.ts";

const complaintsOf = (file: string, room: string, ...lines: string[]): readonly string[] =>
  checkFile(file, ["// A file.", ...lines].join("\n"), room);

test("the project itself has no complaint", () => {
  expect(checkLayers(ROOT)).toEqual([]);
});

test("a folder without files is a complaint, since nothing was checked there", () => {
  const empty = mkdtempSync(join(tmpdir(), "sluice-"));
  expect(checkLayers(empty).join("\n")).toContain("protocol: no files seen");
});

test("imports go downward only", () => {
  expect(complaintsOf("auth/a.ts", "auth", 'import { x } from "../protocol/codes.ts";')).toEqual([]);
  expect(complaintsOf("auth/a.ts", "auth", 'import { x } from "../worker/app.ts";').join()).toContain(
    "auth may not see worker",
  );
  expect(complaintsOf("auth/a.ts", "auth", 'export * from "../worker/app.ts";')).toHaveLength(1);
  expect(complaintsOf("auth/a.ts", "auth", 'const x = await import("../worker/app.ts");')).toHaveLength(1);
});

test("the console imports nothing but itself, since a browser could not load it", () => {
  expect(complaintsOf("console/a.js", "console", 'import { x } from "./b.js";')).toEqual([]);
  expect(complaintsOf("console/a.js", "console", 'import { x } from "../protocol/codes.ts";')).toHaveLength(1);
  expect(complaintsOf("console/a.js", "console", 'import { Hono } from "hono";')).toHaveLength(1);
});

test("an import over several lines is seen", () => {
  expect(complaintsOf("auth/a.ts", "auth", "import {", "  x,", "  type Y,", '} from "../worker/app.ts";')).toHaveLength(
    1,
  );
});

test("a package belongs to its room", () => {
  expect(complaintsOf("auth/a.ts", "auth", 'import { jwtVerify } from "jose";')).toEqual([]);
  expect(complaintsOf("worker/a.ts", "worker", 'import { jwtVerify } from "jose";')).toHaveLength(1);
  expect(complaintsOf("protocol/a.ts", "protocol", 'import { DurableObject } from "cloudflare:workers";')).toHaveLength(
    1,
  );
});

test("only the door reaches into the verifiers", () => {
  const line = 'import { sessionJwtVerifier } from "./verifiers/session-jwt.ts";';
  expect(complaintsOf("auth/compose.ts", "auth", line)).toEqual([]);
  expect(complaintsOf("auth/config.ts", "auth", line).join()).toContain("only auth/compose.ts");
});

test("a method that is private to TypeScript alone is refused in a class that RPC reaches", () => {
  const lines = ["export class A extends DurableObject {", "  private secret() {}", "}"];
  expect(complaintsOf("durable-objects/a.ts", "durable-objects", ...lines).join()).toContain("#names");
});

test("a file says what it is for in its first line", () => {
  expect(checkFile("auth/a.ts", 'import "jose";', "auth").join()).toContain("first line");
});
