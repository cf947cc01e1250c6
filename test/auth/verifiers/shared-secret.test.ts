// Whether another system's JWTs are taken with that system's secret alone, as users that are told from Better Auth's.
import * as fc from "fast-check";
import { SignJWT } from "jose";
import { describe, expect, test } from "vitest";
import { importHmacKey } from "../../../auth/keys.ts";
import type { Verification } from "../../../auth/verifier.ts";
import { sharedSecretVerifier } from "../../../auth/verifiers/shared-secret.ts";
import { BASE64URL, encode, handMadeToken, NOW_MS, NOW_S, otherTextsOfSameBytes } from "../../support/hostile-token.ts";
import { occasionAt } from "../../support/occasion.ts";
import { TEST_SECRET } from "../../support/session-token.ts";

const SECRET = "theirs-8Qw2eR4tY6uI1oP3aS5dF7gH9jK0lZxC";
const KEY = await importHmacKey(SECRET);
const HEADER = '{"alg":"HS256","typ":"JWT"}';
const RULES = { userClaim: "id", issuer: undefined, audience: undefined };
const CLAIMS = { id: "42", iat: NOW_S - 10, exp: NOW_S + 3600 };

function verify(text: string, rules: Partial<Record<keyof typeof RULES, string>> = {}): Promise<Verification> {
  return sharedSecretVerifier(KEY, { ...RULES, ...rules }, 604_800)(text, occasionAt());
}

/** A token with their signature, whatever it says. */
function token(claims: Record<string, unknown> = {}, header = HEADER, secret = SECRET): string {
  return handMadeToken({ header, payload: JSON.stringify({ ...CLAIMS, ...claims }), secret });
}

/** Texts as the libraries of the printed sources write them: `iat` is put in without being asked for, and `exp` where it was. */
describe("takes the tokens that the sources print", () => {
  test.each([
    [
      'S3, `jwtService.sign({ userId, type: "ws" }, { expiresIn: "1h" })`',
      { userId: "u-7", type: "ws" },
      "userId",
      "u-7",
    ],
    [
      "S4, `jwt.sign({ id }, secret, { expiresIn })`",
      { id: "507f1f77bcf86cd799439011" },
      "id",
      "507f1f77bcf86cd799439011",
    ],
  ])("%s", async (_what, ofUser, userClaim, id) => {
    const payload = JSON.stringify({ ...ofUser, iat: NOW_S, exp: NOW_S + 3600 });
    const text = handMadeToken({ header: HEADER, payload, secret: SECRET });
    expect(await verify(text, { userClaim })).toMatchObject({ principal: { userId: `jwt:${id}` } });
  });
});

describe("takes", () => {
  test("a token as libraries sign it, until its end, as a user of the other system", async () => {
    const signed = await new SignJWT({ id: "42" })
      .setProtectedHeader({ alg: "HS256", typ: "JWT" })
      .setIssuedAt(NOW_S)
      .setExpirationTime(NOW_S + 3600)
      .sign(new TextEncoder().encode(SECRET));
    expect(await verify(signed)).toEqual({
      kind: "verified",
      tokenKind: "shared-secret",
      principal: { kind: "user", userId: "jwt:42", sessionId: "jwt:42" },
      sessionEndsAtMs: NOW_MS + 3_600_000,
      issuedAtS: NOW_MS / 1000,
      tokenEndsAtMs: NOW_MS + 3_600_000,
    });
  });

  test.each([
    '{"alg":"HS256"}',
    '{"typ":"JWT","alg":"HS256"}',
    '{"alg":"HS256","kid":"2026-11"}',
    '{ "alg" : "HS256" }',
  ])("a header of %s", async (header) => {
    expect(await verify(token({}, header))).toMatchObject({ kind: "verified" });
  });

  test.each([
    ["a number, as databases with serial ids have", 42, "jwt:42"],
    ["an id with a colon, which is told from services all the same", "svc:a", "jwt:svc:a"],
    ["a number and the same as a text, which are one user", "42", "jwt:42"],
    ["an id with a bar", "auth0|5f7c8ec7", "jwt:auth0|5f7c8ec7"],
    ["an id of 124 characters", "x".repeat(124), `jwt:${"x".repeat(124)}`],
  ])("%s", async (_what, id, userId) => {
    expect(await verify(token({ id }))).toMatchObject({ principal: { userId } });
  });

  test("another claim for who it is, where configured", async () => {
    const claims = { id: "not-me", userId: "me", type: "ws" };
    expect(await verify(token(claims), { userClaim: "userId" })).toMatchObject({ principal: { userId: "jwt:me" } });
  });

  test("the issuer and the audience that are demanded", async () => {
    const demanded = { issuer: "https://a.test", audience: "streams" };
    expect(await verify(token({ iss: "https://a.test", aud: ["streams"] }), demanded)).toMatchObject({
      kind: "verified",
    });
    expect(await verify(token({ iss: "https://b.test", aud: "streams" }), demanded)).toMatchObject({ claim: "iss" });
    expect(await verify(token({ iss: "https://a.test" }), demanded)).toMatchObject({ claim: "aud" });
  });

  test("no token that is for somebody, where the operator did not say that this gateway is meant", async () => {
    expect(await verify(token({ aud: "another-service" }))).toEqual({ reason: "claims-invalid", claim: "aud" });
    expect(await verify(token({ aud: "streams" }), { audience: "streams" })).toMatchObject({ kind: "verified" });
  });
});

describe("refuses for its signature", () => {
  test.each([
    ["the auth server's secret", TEST_SECRET],
    ["the empty secret", ""],
    ["the secret and a newline", `${SECRET}\n`],
  ])("a token signed with %s", async (_what, secret) => {
    expect(await verify(token({}, HEADER, secret))).toEqual({ reason: "signature-mismatch" });
  });
});

describe("refuses for its header, though its signature is right", () => {
  test.each([
    '{"alg":"none"}',
    '{"alg":"HS384"}',
    '{"alg":"RS256"}',
    '{"alg":"EdDSA"}',
    '{"alg":"hs256"}',
    '{"alg":["HS256"]}',
    "{}",
    '{"typ":"JWT"}',
    '{"alg":"HS256","typ":"at+jwt"}',
    '{"alg":"HS256","typ":"jwt"}',
    '{"alg":"HS256","typ":null}',
    '{"alg":"HS256","kid":5}',
    '{"alg":"HS256","jwk":{"kty":"oct","k":"AAAA"}}',
    '{"alg":"HS256","jku":"https://evil.test/jwks.json"}',
    '{"alg":"HS256","crit":["exp"],"exp":1}',
    '{"alg":"HS256","zip":"DEF"}',
    '{"alg":"HS256","cty":"JWT"}',
    '["HS256"]',
    "null",
  ])("%s", async (header) => {
    expect(await verify(token({}, header))).toEqual({ reason: "header-refused" });
  });
});

describe("refuses for its form", () => {
  const good = token();
  const [header = "", payload = "", signature = ""] = good.split(".");

  test.each([
    ["no text at all", "", "not-a-token"],
    ["no signature", `${header}.${payload}.`, "not-a-token"],
    ["four parts", `${good}.${signature}`, "not-a-token"],
    ["a newline behind", `${good}\n`, "not-a-token"],
    ["more characters than are looked at", token({ padding: "x".repeat(8192) }), "too-long"],
  ])("a token with %s", async (_what, text, reason) => {
    expect(await verify(text)).toEqual({ reason });
  });

  test("every other text of the same signature", async () => {
    const others = otherTextsOfSameBytes(signature).map((other) => `${header}.${payload}.${other}`);
    expect(await Promise.all(others.map((other) => verify(other)))).toEqual(
      others.map(() => ({ reason: "not-canonical" })),
    );
  });
});

describe("refuses for its payload, though its signature is right", () => {
  test.each<readonly [string, Record<string, unknown>, Record<string, unknown>]>([
    ["no exp", { exp: undefined }, { reason: "claims-missing", claim: "exp" }],
    ["no iat", { iat: undefined }, { reason: "claims-missing", claim: "iat" }],
    ["an exp in milliseconds", { exp: NOW_MS + 3_600_000 }, { reason: "lifetime-too-long" }],
    ["an exp that has come", { exp: NOW_S }, { reason: "token-expired" }],
    ["an iat ahead", { iat: NOW_S + 61 }, { reason: "issued-in-the-future" }],
    ["an nbf ahead", { nbf: NOW_S + 61 }, { claim: "nbf" }],
    ["a life of eight days", { exp: NOW_S + 8 * 86_400 }, { reason: "lifetime-too-long" }],
    ["no id", { id: undefined }, { claim: "id" }],
    ["only a sub", { id: undefined, sub: "42" }, { claim: "id" }],
    ["an empty id", { id: "" }, { claim: "id" }],
    ["an id that is null", { id: null }, { claim: "id" }],
    ["an id that is a list", { id: ["42"] }, { claim: "id" }],
    ["an id that is true", { id: true }, { claim: "id" }],
    ["an id that is an object", { id: { $oid: "507f1f77bcf86cd799439011" } }, { claim: "id" }],
    ["a number that another number reads as", { id: 2 ** 53 }, { claim: "id" }],
    ["an id with a fraction", { id: 4.2 }, { claim: "id" }],
    ["an id that would end a header", { id: "a\r\nb" }, { claim: "id" }],
    ["an id of half a surrogate pair", { id: "\ud800" }, { claim: "id" }],
    ["an id that is too long", { id: "x".repeat(125) }, { claim: "id" }],
  ])("a token with %s", async (_what, claims, why) => {
    expect(await verify(token(claims))).toMatchObject(why);
  });

  test.each(["__proto__", "constructor", "toString"])(
    "a token without the claim %s, which all objects seem to have",
    async (userClaim) => {
      expect(await verify(token(), { userClaim })).toEqual({ reason: "claims-invalid", claim: userClaim });
    },
  );
});

test("whatever it is given, it answers with a refusal instead of throwing", async () => {
  const letter = fc.constantFrom(...Array.from(`${BASE64URL}.=+/ \n\u0000é`));
  const part = fc.oneof(fc.string({ unit: letter }), fc.json().map(encode), fc.uint8Array().map(encode));
  const anything = fc.oneof(
    fc.array(part, { maxLength: 6 }).map((parts) => parts.join(".")),
    fc.json().map((payload) => handMadeToken({ header: HEADER, payload, secret: SECRET })),
  );
  await fc.assert(
    fc.asyncProperty(anything, async (text) => {
      expect(await verify(text)).toHaveProperty("reason");
    }),
    { seed: 20_261, numRuns: 500 },
  );
});
