// The secret of local development: made once, random, readable by its owner only.
import { mkdtempSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { secretFault } from "../../auth/secret-strength.ts";
import { ensureSecret } from "../../scripts/local-secret.ts";

const newPath = (): string => join(mkdtempSync(join(tmpdir(), "sluice-")), ".env");
const secretIn = (path: string): string => /^BETTER_AUTH_SECRET=(.*)$/m.exec(readFileSync(path, "utf8"))?.[1] ?? "";

test("is made on the first run, good enough for the gateway, and readable by nobody else", () => {
  const path = newPath();
  expect(ensureSecret(path)).toBe("made");
  expect(secretFault(secretIn(path))).toBeUndefined();
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test("stays the same on later runs, and differs between checkouts", () => {
  const [path, other] = [newPath(), newPath()];
  ensureSecret(path);
  const first = secretIn(path);
  expect(ensureSecret(path)).toBe("present");
  expect(secretIn(path)).toBe(first);
  ensureSecret(other);
  expect(secretIn(other)).not.toBe(first);
});

test("leaves what else stands in the file alone", () => {
  const path = newPath();
  writeFileSync(path, "ADMIN_KEY=x");
  ensureSecret(path);
  expect(readFileSync(path, "utf8")).toMatch(/^ADMIN_KEY=x\nBETTER_AUTH_SECRET=.{43}\n$/);
});
