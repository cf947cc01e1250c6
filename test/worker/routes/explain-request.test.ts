// What an operator asks about, read strictly: a slip must not answer for somebody else.
import { expect, test } from "vitest";
import type { ApiKey } from "../../../auth/api-keys.ts";
import { isUserId } from "../../../auth/principal.ts";
import { ANYBODY, type ExplainSetting, readExplainRequest } from "../../../worker/routes/explain-request.ts";

const ARCHIVE: ApiKey = {
  name: "archive",
  secret: { plain: "not-shown" },
  scopes: ["read"],
  streams: ["cam-*"],
  adminOf: [],
};
const SETTING: ExplainSetting = { keys: [ARCHIVE], policy: "claim" };
const READS = { streamId: "cam-1", operation: "read" };
const ask = (body: Record<string, unknown>, setting = SETTING): unknown =>
  readExplainRequest({ ...READS, ...body }, setting);

test("A stream and an operation alone are about anybody", () => {
  expect(ask({})).toEqual({ kind: "request", ...READS, types: [], whom: { kind: "anybody" } });
});

test("A token is taken as it is", () => {
  expect(ask({ token: "a.b.c", operation: "write", types: ["note", "*"] })).toEqual({
    kind: "request",
    streamId: "cam-1",
    operation: "write",
    types: ["note", "*"],
    whom: { kind: "token", token: "a.b.c" },
  });
});

test.each([
  [
    { kind: "user", userId: "anna", sessionId: "s-1" },
    { kind: "user", userId: "anna", sessionId: "s-1" },
  ],
  [
    { kind: "user", userId: "jwt:anna" },
    { kind: "user", userId: "jwt:anna", sessionId: "jwt:anna" },
  ],
  [
    { kind: "service", userId: "key:archive" },
    { kind: "service", userId: "key:archive", grants: { operations: ["read"], streams: ["cam-*"] } },
  ],
  [
    { kind: "service", userId: "svc:robot" },
    { kind: "service", userId: "svc:robot", grants: { operations: ["read", "write"], streams: ["*"] } },
  ],
  [
    { kind: "service", userId: "svc:unnamed" },
    { kind: "service", userId: "svc:unnamed", grants: { operations: ["read"], streams: ["*"] } },
  ],
])("%j is who its credential would make it", (said, principal) => {
  expect(ask({ principal: said })).toMatchObject({ whom: { kind: "principal", principal } });
});

test.each([
  [{ streamid: "cam-1" }],
  [{ operation: "own" }],
  [{ operation: undefined }],
  [{ operation: "write", types: "note" }],
  [{ operation: "write", types: ["error"] }],
  [{ operation: "write", types: Array.from({ length: 33 }, (_, index) => `t${index}`) }],
  [{ types: ["note"] }],
  [{ token: "" }],
  [{ token: 5 }],
  [{ token: null }],
  [{ token: "t", principal: { kind: "user", userId: "anna" } }],
  [{ principal: "anna" }],
  [{ principal: null }],
  [{ principal: { kind: "ticket", userId: "anna" } }],
  [{ principal: { kind: "user" } }],
  [{ principal: { kind: "user", userId: "key:archive" } }],
  [{ principal: { kind: "user", userId: "anna", session: "s-1" } }],
  [{ principal: { kind: "user", userId: "anna", sessionId: "" } }],
  [{ principal: { kind: "service", userId: "anna" } }],
  [{ principal: { kind: "service", userId: "key:other" } }],
  [{ principal: { kind: "service", userId: "svc:" } }],
  [{ principal: { kind: "service", userId: "svc:a b" } }],
  [{ principal: { kind: "service", userId: "key:archive", sessionId: "s-1" } }],
])("%j is refused", (body) => {
  expect(ask(body)).toMatchObject({ kind: "wrong", code: "BAD_REQUEST" });
});

test("What is no stream's id is said to be none", () => {
  expect(ask({ streamId: "a/b" })).toMatchObject({ kind: "wrong", code: "INVALID_STREAM_ID" });
});

test("Where a Worker decides, it is asked about somebody", () => {
  const delegating = { ...SETTING, policy: "delegate" } as const;
  expect(ask({}, delegating)).toMatchObject({ kind: "wrong" });
  expect(ask({ principal: { kind: "user", userId: "anna" } }, delegating)).toMatchObject({ kind: "request" });
});

test("What is wrong is said, without what was sent", () => {
  const secret = "s-e-c-r-e-t";
  for (const body of [{ [secret]: 1 }, { types: [secret] }, { token: [secret] }, { principal: { kind: secret } }]) {
    expect(JSON.stringify(ask(body))).not.toContain(secret);
  }
});

test("Anybody has an id that nobody has", () => {
  expect(isUserId(ANYBODY.userId)).toBe(false);
});
