// What an operator asks to be revoked, read strictly: a slip must not revoke more than was meant.
import { expect, test } from "vitest";
import { readRevocationOrder } from "../../../worker/routes/revocation-order.ts";

const NOW_MS = 1_800_000_000_999;

test("A user alone is all of his sessions, up to now, at once", () => {
  expect(readRevocationOrder({ userId: "anna" }, NOW_MS)).toEqual({
    kind: "order",
    revocation: { userId: "anna", sessionId: undefined, issuedBeforeS: 1_800_000_000 },
    issuedBefore: NOW_MS,
    graceMs: 0,
  });
});

test("All that may be said is taken", () => {
  const body = { userId: "jwt:anna", sessionId: "s-1", issuedBefore: 5999, graceMs: 300_000 };
  expect(readRevocationOrder(body, NOW_MS)).toEqual({
    kind: "order",
    revocation: { userId: "jwt:anna", sessionId: "s-1", issuedBeforeS: 5 },
    issuedBefore: 5999,
    graceMs: 300_000,
  });
});

test.each([
  [{ userId: "anna", issuedBefore: NOW_MS + 60_000 }, "order"],
  [{ userId: "anna", issuedBefore: NOW_MS + 60_001 }, "wrong"],
  [{ userId: "anna", issuedBefore: 0 }, "order"],
  [{ userId: "anna", issuedBefore: -1 }, "wrong"],
  [{ userId: "anna", issuedBefore: 1.5 }, "wrong"],
  [{ userId: "anna", issuedBefore: null }, "wrong"],
  [{ userId: "anna", graceMs: 300_001 }, "wrong"],
  [{ userId: "anna", graceMs: -1 }, "wrong"],
  [{ userId: "anna", graceMs: "0" }, "wrong"],
  [{ userId: "anna", sessionId: "x".repeat(128) }, "order"],
  [{ userId: "anna", sessionId: "x".repeat(129) }, "wrong"],
  [{ userId: "anna", sessionId: null }, "wrong"],
  [{ userId: "anna", sessionID: "s-1" }, "wrong"],
  [{ userId: "svc:robot" }, "wrong"],
  [{ userId: "key:robot" }, "wrong"],
  [{ userId: "" }, "wrong"],
  [{}, "wrong"],
])("%j is %s", (body, kind) => {
  expect(readRevocationOrder(body, NOW_MS).kind).toBe(kind);
});

test("What is wrong is said, without what was sent", () => {
  expect(readRevocationOrder({ userId: "anna", "s-e-c-r-e-t": 1 }, NOW_MS)).toEqual({
    kind: "wrong",
    detail: "Only userId, sessionId, issuedBefore and graceMs are known",
  });
});
