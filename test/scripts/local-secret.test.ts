// The secrets of local development: made once, random, readable by their owner only.
import { mkdtempSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { keyFault, secretFault } from "../../auth/secret-strength.ts";
import { ensureSecrets } from "../../scripts/local-secret.ts";

const newPath = (): string => join(mkdtempSync(join(tmpdir(), "sluice-")), ".env");

function valueIn(path: string, name: string): string {
  return new RegExp(`^${name}=(.*)$`, "m").exec(readFileSync(path, "utf8"))?.[1] ?? "";
}

test("are made on the first run, good enough for the gateway, and readable by nobody else", () => {
  const path = newPath();
  expect(ensureSecrets(path)).toEqual(["BETTER_AUTH_SECRET", "ADMIN_KEY"]);
  expect(secretFault(valueIn(path, "BETTER_AUTH_SECRET"))).toBeUndefined();
  expect(keyFault(valueIn(path, "ADMIN_KEY"))).toBeUndefined();
  expect(valueIn(path, "ADMIN_KEY")).not.toBe(valueIn(path, "BETTER_AUTH_SECRET"));
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test("stay the same on later runs, and differ between checkouts", () => {
  const [path, other] = [newPath(), newPath()];
  ensureSecrets(path);
  const first = readFileSync(path, "utf8");
  expect(ensureSecrets(path)).toEqual([]);
  expect(readFileSync(path, "utf8")).toBe(first);
  ensureSecrets(other);
  expect(valueIn(other, "BETTER_AUTH_SECRET")).not.toBe(valueIn(path, "BETTER_AUTH_SECRET"));
});

test("of a checkout that has one already are left as they are, and so is what else stands in the file", () => {
  const path = newPath();
  writeFileSync(path, "BETTER_AUTH_SECRET=x\nMINE=y");
  expect(ensureSecrets(path)).toEqual(["ADMIN_KEY"]);
  expect(readFileSync(path, "utf8")).toMatch(/^BETTER_AUTH_SECRET=x\nMINE=y\nADMIN_KEY=.{43}\n$/);
});
