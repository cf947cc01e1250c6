// Whether a payload whose signature was right is a session that lives, claim by claim.
import { describe, expect, test } from "vitest";
import { checkSessionClaims, type ClaimRules } from "../../auth/claims.ts";
import type { JsonObject } from "../../protocol/json.ts";
import { claims, claimsWith, NOW_MS, NOW_S } from "../support/hostile-token.ts";

const WEEK_S = 604_800;
const RULES: ClaimRules = { cacheVersion: "1", maxTokenLifetimeS: WEEK_S };
const ACCEPTED = { kind: "claims" };

function check(payload: JsonObject, rules = RULES): unknown {
  return checkSessionClaims(payload, rules, NOW_MS);
}

test("a good payload says who it is and until when, and nothing else leaves it", () => {
  expect(check(claims())).toEqual({
    kind: "claims",
    principal: { kind: "user", userId: "user-1", sessionId: "session-of-user-1" },
    sessionEndsAtMs: NOW_MS + 3_600_000,
    issuedAtS: NOW_S - 10,
    tokenEndsAtMs: (NOW_S + 290) * 1000,
  });
});

describe("what is no session", () => {
  test("the e-mail verification token, which the same secret signs", () => {
    const email = { email: "user-1@example.test", updateTo: "new@example.test", iat: NOW_S, exp: NOW_S + 3600 };
    expect(check(email)).toEqual({ reason: "claims-missing", claim: "updatedAt" });
  });

  test("flat claims, which are another kind of token", () => {
    const flat = { id: "s-1", userId: "user-1", expiresAt: "2027-01-01T00:00:00.000Z", iat: NOW_S, exp: NOW_S + 300 };
    expect(check(flat)).toEqual({ reason: "claims-missing", claim: "updatedAt" });
  });

  test("nested claims mixed into the token of an e-mail", () => {
    const mixed = { email: "a@example.test", user: claims()["user"], updatedAt: NOW_MS, iat: NOW_S, exp: NOW_S + 300 };
    expect(check(mixed)).toEqual({ reason: "claims-missing", claim: "session" });
  });

  test.each<readonly [string, unknown]>([
    ["session", undefined],
    ["session", null],
    ["session", "session-of-user-1"],
    ["session", []],
    ["user", undefined],
    ["user", null],
    ["user", "user-1"],
    ["user", []],
    ["updatedAt", undefined],
    ["updatedAt", null],
    ["updatedAt", "2026-11-21T12:00:00.000Z"],
    ["updatedAt", Infinity],
  ])("a payload whose %s is %j", (claim, value) => {
    expect(check(claims({ [claim]: value }))).toEqual({ reason: "claims-missing", claim });
  });
});

describe("times of the token", () => {
  const noTimes: readonly unknown[] = [
    undefined,
    null,
    Number.NaN,
    Infinity,
    -Infinity,
    0,
    -1,
    NOW_S + 0.5,
    2 ** 53,
    String(NOW_S),
    true,
    [NOW_S],
    { valueOf: NOW_S },
  ];

  test.each(noTimes)("an exp of %j is none", (exp) => {
    expect(check(claims({ exp }))).toEqual({ reason: "claims-missing", claim: "exp" });
  });

  test.each(noTimes)("an iat of %j is none", (iat) => {
    expect(check(claims({ iat }))).toEqual({ reason: "claims-missing", claim: "iat" });
  });

  test("an exp in milliseconds would let a token live for ages", () => {
    expect(check(claims({ exp: NOW_MS + 300_000 }))).toMatchObject({ reason: "lifetime-too-long" });
  });

  test("an iat in milliseconds lies far in the future", () => {
    expect(check(claims({ iat: NOW_MS, exp: NOW_MS + 300 }))).toEqual({ reason: "issued-in-the-future", iat: NOW_MS });
  });

  test("the clock of the auth server may be a minute ahead", () => {
    expect(check(claims({ iat: NOW_S + 60 }))).toMatchObject(ACCEPTED);
  });

  test("an iat more than a minute ahead is refused", () => {
    expect(check(claims({ iat: NOW_S + 61 }))).toEqual({ reason: "issued-in-the-future", iat: NOW_S + 61 });
  });

  test("a token may live as long as the operator allows", () => {
    expect(check(claims({ iat: NOW_S, exp: NOW_S + WEEK_S }))).toMatchObject(ACCEPTED);
  });

  test("a token that lives a second longer is refused", () => {
    expect(check(claims({ iat: NOW_S, exp: NOW_S + WEEK_S + 1 }))).toEqual({
      reason: "lifetime-too-long",
      lifetimeS: WEEK_S + 1,
    });
  });

  test("a token that was made long ago to live long is refused too", () => {
    expect(check(claims({ iat: 1 }))).toMatchObject({ reason: "lifetime-too-long" });
  });

  test("a token lives until the second before its exp", () => {
    expect(check(claims({ exp: NOW_S + 1 }))).toMatchObject(ACCEPTED);
  });

  test.each([NOW_S, NOW_S - 1])("a token is over from its exp on (now is 1795262400, exp is %d)", (exp) => {
    expect(check(claims({ exp }))).toEqual({ reason: "token-expired", exp });
  });

  test("an nbf that has come is fine", () => {
    expect(check(claims({ nbf: NOW_S }))).toMatchObject(ACCEPTED);
  });

  test.each([NOW_S + 61, "soon", null, Infinity])("an nbf of %j is refused", (nbf) => {
    expect(check(claims({ nbf }))).toEqual({ reason: "claims-invalid", claim: "nbf" });
  });
});

describe("who it is", () => {
  test("a session of somebody else is refused", () => {
    expect(check(claimsWith({ session: { userId: "user-2" } }))).toEqual({
      reason: "claims-invalid",
      claim: "session.userId",
    });
  });

  test("a session without a user is refused", () => {
    expect(check(claimsWith({ session: { userId: undefined } }))).toMatchObject({ reason: "claims-invalid" });
  });

  test("a number in the session is the text in the user, as databases with serial ids have it", () => {
    expect(check(claimsWith({ session: { userId: 42 }, user: { id: "42" } }))).toMatchObject({
      principal: { userId: "42" },
    });
  });

  test.each(["svc:detector", "jwt:user-1", ":", "", "x".repeat(129), "a\nb", 42, null, undefined, ["user-1"]])(
    "%j is no user id",
    (id) => {
      expect(check(claimsWith({ session: { userId: id }, user: { id } }))).toEqual({
        reason: "claims-invalid",
        claim: "user.id",
      });
    },
  );

  test.each([undefined, null, "", 5, ["s-1"], "s\r\n1", "s".repeat(129)])("%j is no session id", (id) => {
    expect(check(claimsWith({ session: { id } }))).toEqual({ reason: "claims-invalid", claim: "session.id" });
  });

  test.each([
    [["user-1"], "user-1"],
    [undefined, "undefined"],
    [null, "null"],
    [{ toString: 1 }, "x"],
    [{}, "[object Object]"],
  ])("a session's user id %j is not made into text to fit", (userId, id) => {
    expect(check(claimsWith({ session: { userId }, user: { id } }))).toEqual({
      reason: "claims-invalid",
      claim: "session.userId",
    });
  });

  test("a banned user is refused", () => {
    expect(check(claimsWith({ user: { banned: true } }))).toEqual({ reason: "user-banned" });
  });

  test.each([false, null, undefined])("a user whose banned is %j is not banned", (banned) => {
    expect(check(claimsWith({ user: { banned } }))).toMatchObject(ACCEPTED);
  });
});

describe("the end of the session", () => {
  test.each([0, -1, -86_400_000])("is refused %d ms from now", (fromNowMs) => {
    const expiresAtMs = NOW_MS + fromNowMs;
    expect(check(claimsWith({ session: { expiresAt: new Date(expiresAtMs).toISOString() } }))).toEqual({
      reason: "session-expired",
      expiresAtMs,
    });
  });

  test.each(["2026-11-21T12:00:01Z", "2026-11-21T12:00:00.001Z", "2026-11-21T12:00:00.5Z"])(
    "may be %s",
    (expiresAt) => {
      expect(check(claimsWith({ session: { expiresAt } }))).toMatchObject({ sessionEndsAtMs: Date.parse(expiresAt) });
    },
  );

  test.each([
    undefined,
    null,
    NOW_MS + 1000,
    String(NOW_MS + 1000),
    "",
    "tomorrow",
    "2027-01-01",
    "2027-01-01T00:00:00",
    "2027-01-01T00:00:00+00:00",
    "2027-01-01 00:00:00Z",
    "Fri, 01 Jan 2027 00:00:00 GMT",
    "+002027-01-01T00:00:00Z",
    "2027-01-01T00:00:00.0001Z",
    " 2027-01-01T00:00:00Z",
    "2027-01-01T00:00:00Z\n",
    ["2027-01-01T00:00:00Z"],
  ])("is not read from %j", (expiresAt) => {
    expect(check(claimsWith({ session: { expiresAt } }))).toEqual({
      reason: "claims-invalid",
      claim: "session.expiresAt",
    });
  });

  test.each(["2027-13-01T00:00:00Z", "2027-01-32T00:00:00Z", "2027-02-30T00:00:00Z", "2027-01-01T25:00:00Z"])(
    "is no date in %j",
    (expiresAt) => {
      expect(check(claimsWith({ session: { expiresAt } }))).toEqual({
        reason: "claims-invalid",
        claim: "session.expiresAt",
      });
    },
  );
});

describe("the version of the cache", () => {
  test.each(["2", "", 1, "01", true])("%j is refused where 1 is expected", (version) => {
    expect(check(claims({ version }))).toEqual({ reason: "wrong-cache-version" });
  });

  test("counts as 1 where a token has none", () => {
    expect(check(claims({ version: undefined }))).toMatchObject(ACCEPTED);
  });

  test("counts as 1 where a token has none, and so is refused where 2 is expected", () => {
    expect(check(claims({ version: undefined }), { ...RULES, cacheVersion: "2" })).toEqual({
      reason: "wrong-cache-version",
    });
  });

  test("may be any where the operator expects none", () => {
    expect(check(claims({ version: "whatever" }), { ...RULES, cacheVersion: undefined })).toMatchObject(ACCEPTED);
  });

  test("cannot be a star in the token", () => {
    expect(check(claims({ version: "*" }))).toEqual({ reason: "wrong-cache-version" });
  });
});
