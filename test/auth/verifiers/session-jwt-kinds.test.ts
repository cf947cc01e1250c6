// Which payloads of a good signature are taken, by the kinds that the deployment takes.
import { describe, expect, test } from "vitest";
import type { TokenKind, Verification } from "../../../auth/verifier.ts";
import { sessionJwtVerifier } from "../../../auth/verifiers/session-jwt.ts";
import { claims, handMadeToken, NOW_MS, NOW_S } from "../../support/hostile-token.ts";
import { occasionAt } from "../../support/occasion.ts";
import { TEST_SECRET } from "../../support/session-token.ts";
import { timedKey } from "../../support/timed-key.ts";

const KEY = await timedKey(TEST_SECRET);
const FLAT = { id: "s-1", userId: "user-1", expiresAt: NOW_S + 60, iat: NOW_S, exp: NOW_S + 300 };
const NOT_TAKEN = { reason: "kind-not-taken" };

function verify(payload: unknown, ...kinds: readonly TokenKind[]): Promise<Verification> {
  const verifier = sessionJwtVerifier([KEY], { cacheVersion: "1", maxTokenLifetimeS: 604_800 }, new Set(kinds));
  return verifier(handMadeToken({ payload: JSON.stringify(payload) }), occasionAt());
}

test("flat claims are a user's session", async () => {
  expect(await verify(FLAT, "session-jwt-flat")).toEqual({
    kind: "verified",
    tokenKind: "session-jwt-flat",
    keyNumber: 0,
    principal: { kind: "user", userId: "user-1", sessionId: "s-1" },
    issuedAtS: NOW_MS / 1000,
    sessionEndsAtMs: NOW_MS + 60_000,
    tokenEndsAtMs: NOW_MS + 300_000,
  });
});

test("each kind is told by what it holds where both are taken", async () => {
  const both = await Promise.all([
    verify(FLAT, "session-jwt", "session-jwt-flat"),
    verify(claims(), "session-jwt", "session-jwt-flat"),
  ]);
  expect(both).toMatchObject([{ tokenKind: "session-jwt-flat" }, { tokenKind: "session-jwt" }]);
});

describe("a kind that is switched off is not taken", () => {
  test("flat claims where only nested ones are", async () => {
    expect(await verify(FLAT, "session-jwt")).toEqual(NOT_TAKEN);
  });

  test("nested claims where only flat ones are", async () => {
    expect(await verify(claims(), "session-jwt-flat")).toEqual(NOT_TAKEN);
  });
});

describe("a payload that is both is nested, and judged as that alone", () => {
  test.each([{}, null, "s-1"])("with a session that is %j", async (session) => {
    const both = { ...FLAT, ...claims(), session };
    expect(await verify(both, "session-jwt", "session-jwt-flat")).toHaveProperty("reason");
  });

  test("so that flat claims of another user beside a nested session do not count", async () => {
    const both = { ...FLAT, userId: "user-2", ...claims() };
    expect(await verify(both, "session-jwt", "session-jwt-flat")).toMatchObject({ principal: { userId: "user-1" } });
  });
});

test.each([
  ["the token of an e-mail", { email: "a@b.test", updateTo: "c@d.test", iat: NOW_S, exp: NOW_S + 3600 }],
  ["the claims of a plain JWT", { sub: "user-1", id: "user-1", iat: NOW_S, exp: NOW_S + 3600 }],
  ["an empty payload", {}],
])("%s is no session where both kinds are taken", async (_what, payload) => {
  expect(await verify(payload, "session-jwt", "session-jwt-flat")).toHaveProperty("reason");
});
