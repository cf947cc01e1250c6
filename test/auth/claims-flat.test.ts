// Whether a flat payload, as systems beside Better Auth write it, is a session that lives.
import { describe, expect, test } from "vitest";
import { checkFlatClaims, type ClaimRules } from "../../auth/claims.ts";
import { claims, NOW_MS, NOW_S } from "../support/hostile-token.ts";

const RULES: ClaimRules = { cacheVersion: "1", maxTokenLifetimeS: 604_800 };
const FLAT = { id: "s-1", userId: "user-1", expiresAt: NOW_MS + 60_000, iat: NOW_S - 10, exp: NOW_S + 290 };

/** An undefined value takes a claim away. */
function check(changes: Record<string, unknown> = {}): unknown {
  return checkFlatClaims({ ...FLAT, ...changes }, RULES, NOW_MS);
}

test("a good payload says who it is and until when, and nothing else leaves it", () => {
  expect(check({ token: "opaque", role: "admin" })).toEqual({
    kind: "claims",
    principal: { kind: "user", userId: "user-1", sessionId: "s-1" },
    sessionEndsAtMs: NOW_MS + 60_000,
    issuedAtS: NOW_S - 10,
    tokenEndsAtMs: (NOW_S + 290) * 1000,
  });
});

test("the version of the cache has no say, as the payload has none", () => {
  expect(check({ version: "7" })).toMatchObject({ kind: "claims" });
});

describe("the end of the session", () => {
  test.each([
    ["milliseconds", NOW_MS + 1000],
    ["seconds", NOW_S + 1],
    ["a date", new Date(NOW_MS + 1000).toISOString()],
  ])("may be %s", (_unit, expiresAt) => {
    expect(check({ expiresAt })).toMatchObject({ sessionEndsAtMs: NOW_MS + 1000 });
  });

  test.each([
    ["milliseconds", NOW_MS],
    ["seconds", NOW_S],
    ["a date", new Date(NOW_MS).toISOString()],
  ])("is over from its very moment on, in %s", (_unit, expiresAt) => {
    expect(check({ expiresAt })).toEqual({ reason: "session-expired", expiresAtMs: NOW_MS });
  });

  test("is seconds up to a number that would lie in 1973 as milliseconds", () => {
    expect(check({ expiresAt: 99_999_999_999 })).toMatchObject({ sessionEndsAtMs: 99_999_999_999_000 });
  });

  test("is milliseconds from there on", () => {
    expect(check({ expiresAt: 100_000_000_000 })).toEqual({ reason: "session-expired", expiresAtMs: 100_000_000_000 });
  });

  test.each([
    undefined,
    null,
    0,
    -1,
    -NOW_MS,
    NOW_S + 0.5,
    Infinity,
    Number.NaN,
    2 ** 53,
    8.64e15,
    253_402_300_800_000,
    String(NOW_S + 1),
    "2027-01-01",
    "tomorrow",
    true,
    [NOW_S + 1],
    {},
  ])("is not read from %j", (expiresAt) => {
    expect(check({ expiresAt })).toEqual({ reason: "claims-invalid", claim: "session.expiresAt" });
  });
});

describe("who it is", () => {
  test.each([undefined, null, "", 42, "svc:detector", "key:admin", "a\nb", "x".repeat(129), ["user-1"], {}])(
    "%j is no user id",
    (userId) => {
      expect(check({ userId })).toEqual({ reason: "claims-invalid", claim: "user.id" });
    },
  );

  test.each([undefined, null, "", 5, "s\r\n1", "s".repeat(129), ["s-1"]])("%j is no session id", (id) => {
    expect(check({ id })).toEqual({ reason: "claims-invalid", claim: "session.id" });
  });
});

describe("the times of the token are demanded as of every other", () => {
  test.each([
    ["no iat", { iat: undefined }, { reason: "claims-missing", claim: "iat" }],
    ["no exp", { exp: undefined }, { reason: "claims-missing", claim: "exp" }],
    ["an iat that is a text", { iat: String(NOW_S) }, { reason: "claims-missing", claim: "iat" }],
    ["an exp that has passed", { exp: NOW_S }, { reason: "token-expired", exp: NOW_S }],
    ["an iat ahead", { iat: NOW_S + 61 }, { reason: "issued-in-the-future", iat: NOW_S + 61 }],
    ["a life of more than a week", { exp: NOW_S + 604_800 }, { reason: "lifetime-too-long", lifetimeS: 604_810 }],
    ["an nbf ahead", { nbf: NOW_S + 61 }, { reason: "claims-invalid", claim: "nbf" }],
  ])("%s", (_what, changes, failure) => {
    expect(check(changes)).toEqual(failure);
  });
});

describe("what is no flat session", () => {
  test("the e-mail verification token, which the same secret signs", () => {
    const email = { email: "user-1@example.test", updateTo: "new@example.test", iat: NOW_S, exp: NOW_S + 3600 };
    expect(checkFlatClaims(email, RULES, NOW_MS)).toEqual({ reason: "claims-invalid", claim: "user.id" });
  });

  test("the nested payload", () => {
    expect(checkFlatClaims(claims(), RULES, NOW_MS)).toEqual({ reason: "claims-invalid", claim: "user.id" });
  });

  test.each([{}, { id: "user-1", iat: NOW_S, exp: NOW_S + 300 }, { userId: "user-1", iat: NOW_S, exp: NOW_S + 300 }])(
    "%j, as other systems sign it",
    (payload) => {
      expect(checkFlatClaims(payload, RULES, NOW_MS)).toHaveProperty("reason");
    },
  );
});
