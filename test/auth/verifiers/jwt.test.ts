// Whether JWTs of Better Auth's jwt plugin are taken by its public keys alone, for this auth server and its users.
import { createHmac } from "node:crypto";
import { jwt } from "better-auth/plugins";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { KeySets } from "../../../auth/key-sets.ts";
import type { KeySource } from "../../../auth/ports.ts";
import type { Verification, Verifier } from "../../../auth/verifier.ts";
import { jwtVerifier } from "../../../auth/verifiers/jwt.ts";
import { startBetterAuth } from "../../support/better-auth.ts";
import { BASE64URL, encode, handMadeToken, NOW_MS, NOW_S, otherTextsOfSameBytes } from "../../support/hostile-token.ts";
import { occasionAt } from "../../support/occasion.ts";
import { SigningKeys } from "../../support/signing-keys.ts";
import { vectorsOf } from "../../support/wycheproof.ts";

const EDDSA = await SigningKeys.make("EdDSA");
const STRANGER = await SigningKeys.make("EdDSA");
const RSA = await SigningKeys.make("RS256");
EDDSA.answer = { kind: "keys", keySet: { keys: [EDDSA.jwk, RSA.jwk] } };
const verifier = verifierOf(EDDSA.source);

function verifierOf(source: KeySource): Verifier {
  return jwtVerifier(new KeySets(source), 604_800);
}

function verify(token: string): Promise<Verification> {
  return verifier(token, occasionAt());
}

const GOOD = await EDDSA.sign();
const LONG = await EDDSA.sign({ padding: "x".repeat(8192) });
const [, PAYLOAD = "", SIGNATURE = ""] = GOOD.split(".");

describe("takes", () => {
  test.each(["EdDSA", "ES256", "RS256"] as const)(
    "what a real Better Auth signs with %s and its keys verify",
    async (alg) => {
      const plugin = jwt({ jwks: { keyPairConfig: { alg } } });
      const auth = startBetterAuth({ strategy: "jwt" }, { plugins: [plugin] });
      const { cookie, userId } = await auth.signUp();
      const { token } = (await (await auth.get("/token", cookie)).json()) as { token: string };
      const source: KeySource = {
        issuerOf: (gatewayOrigin) => gatewayOrigin,
        ask: async () => ({ kind: "keys", keySet: await (await auth.get("/jwks")).json() }),
      };
      expect(await verifierOf(source)(token, occasionAt(Date.now()))).toMatchObject({
        kind: "verified",
        tokenKind: "jwt",
        principal: { kind: "user", userId },
      });
    },
  );

  test.each(["EdDSA", "ES256", "ES512", "PS256", "RS256"])(
    "%s until the token ends, as a user of the auth server",
    async (alg) => {
      const keys = await SigningKeys.make(alg);
      expect(await verifierOf(keys.source)(await keys.sign(), occasionAt())).toEqual({
        kind: "verified",
        tokenKind: "jwt",
        keyId: keys.jwk.kid,
        principal: { kind: "user", userId: "user-1", sessionId: "user-1" },
        issuedAtS: NOW_MS / 1000 - 10,
        sessionEndsAtMs: NOW_MS + 890_000,
        tokenEndsAtMs: NOW_MS + 890_000,
      });
    },
  );

  test("a user of whom nothing but the sub is said", async () => {
    const token = await EDDSA.sign({ id: undefined, name: undefined, email: undefined });
    expect(await verify(token)).toMatchObject({ principal: { userId: "user-1" } });
  });

  test("an audience among others, and a typ that says what it is", async () => {
    const token = await EDDSA.sign({ aud: ["other", "https://gateway.test"] }, { typ: "JWT" });
    expect(await verify(token)).toMatchObject({ kind: "verified" });
  });
});

describe("refuses for its key", () => {
  test("a token of another auth server's key under our key's name", async () => {
    expect(await verify(await STRANGER.sign())).toEqual({ reason: "signature-mismatch" });
  });

  test("a token under a name that nobody knows", async () => {
    expect(await verify(await EDDSA.sign({}, { kid: "another" }))).toEqual({ reason: "unknown-kid" });
  });

  test("a token under the name of a key that is made for another algorithm", async () => {
    expect(await verify(await EDDSA.sign({}, { kid: RSA.jwk.kid }))).toEqual({ reason: "unknown-kid" });
  });

  test("every token where the keys cannot be had, without a word on the token", async () => {
    const source: KeySource = { ...EDDSA.source, ask: () => Promise.resolve({ kind: "unavailable" }) };
    expect(await verifierOf(source)(GOOD, occasionAt())).toEqual({ reason: "auth-server-unavailable" });
  });

  test("and asks nobody for keys because of a token that has no right form", async () => {
    const before = EDDSA.questions.length;
    const fresh = verifierOf(EDDSA.source);
    for (const token of [`${GOOD}=`, await EDDSA.sign({}, { typ: "at+jwt" }), handMadeToken(), ""]) {
      await fresh(token, occasionAt());
    }
    expect(EDDSA.questions).toHaveLength(before);
  });
});

describe("refuses for its header", () => {
  const named = { alg: "EdDSA", kid: EDDSA.jwk.kid };

  test.each([
    ["HS256 under the name of our key", { ...named, alg: "HS256" }],
    ["HS512 under the name of our key", { ...named, alg: "HS512" }],
    ["alg none", { ...named, alg: "none" }],
    ["an algorithm that nobody sets", { ...named, alg: "RS384" }],
    ["no name of a key", { alg: "EdDSA" }],
    ["an empty name", { ...named, kid: "" }],
    ["a name that is a number", { ...named, kid: 1 }],
    ["the typ of an access token", { ...named, typ: "at+jwt" }],
    ["the typ of the session cache", { ...named, typ: "better-auth.session-cache+jwt" }],
    ["a typ of null", { ...named, typ: null }],
    ["a key of its own", { ...named, jwk: STRANGER.jwk }],
    ["an address of keys", { ...named, jku: "https://evil.test/jwks.json" }],
    ["a crit", { ...named, crit: ["exp"], exp: 1 }],
    ["a payload that is not base64", { ...named, b64: false, crit: ["b64"] }],
  ])("%s", async (_what, header) => {
    expect(await verify(`${encode(JSON.stringify(header))}.${PAYLOAD}.${SIGNATURE}`)).toEqual({
      reason: "header-refused",
    });
  });

  test.each([
    ["the key as it is published", JSON.stringify(RSA.jwk)],
    ["its modulus", RSA.jwk.n ?? ""],
  ])("an HMAC made with the public key's text: %s", async (_what, secret) => {
    const parts = `${encode(JSON.stringify({ alg: "HS256", kid: RSA.jwk.kid }))}.${PAYLOAD}`;
    const token = `${parts}.${createHmac("sha256", secret).update(parts).digest("base64url")}`;
    expect(await verify(token)).toEqual({ reason: "header-refused" });
  });
});

describe("refuses for its form", () => {
  test.each([
    ["no signature", `${GOOD.slice(0, GOOD.lastIndexOf("."))}.`, "not-a-token"],
    ["four parts", `${GOOD}.${SIGNATURE}`, "not-a-token"],
    ["a newline behind", `${GOOD}\n`, "not-a-token"],
    ["half a signature", GOOD.slice(0, -42), "signature-mismatch"],
    ["more characters than are looked at", LONG, "too-long"],
  ])("a token with %s", async (_what, token, reason) => {
    expect(await verify(token)).toHaveProperty("reason", reason);
  });

  test("every other text of the same signature", async () => {
    const others = otherTextsOfSameBytes(SIGNATURE).map((other) => GOOD.replace(SIGNATURE, other));
    expect(await Promise.all(others.map(verify))).toEqual(others.map(() => ({ reason: "not-canonical" })));
  });
});

describe("refuses for its payload, though its signature is right", () => {
  test.each<readonly [string, Record<string, unknown>, Record<string, unknown>]>([
    ["no exp", { exp: undefined }, { reason: "claims-missing", claim: "exp" }],
    ["no iat", { iat: undefined }, { reason: "claims-missing", claim: "iat" }],
    ["an exp that has come", { exp: NOW_S }, { reason: "token-expired" }],
    ["an nbf ahead", { nbf: NOW_S + 61 }, { claim: "nbf" }],
    ["a life of eight days", { exp: NOW_S + 8 * 86_400 }, { reason: "lifetime-too-long" }],
    ["no issuer", { iss: undefined }, { claim: "iss" }],
    ["an empty issuer and audience, as a server without a base URL writes", { iss: "", aud: "" }, { claim: "iss" }],
    ["another issuer", { iss: "https://other.test" }, { claim: "iss" }],
    ["no audience", { aud: undefined }, { claim: "aud" }],
    ["another audience, as an id token has", { aud: "a-client" }, { claim: "aud" }],
    ["no sub", { sub: undefined }, { claim: "sub" }],
    ["a sub that is not the user's id", { sub: "user-1@example.test" }, { claim: "sub" }],
    ["a sub that would be another system's", { sub: "jwt:42", id: "jwt:42" }, { claim: "sub" }],
    ["a sub that would be a service", { sub: "svc:x", id: undefined }, { claim: "sub" }],
    ["a sub that is a number", { sub: 42, id: 42 }, { claim: "sub" }],
    ["a banned user", { banned: true }, { reason: "user-banned" }],
  ])("a token with %s", async (_what, claims, why) => {
    expect(await verify(await EDDSA.sign(claims))).toMatchObject(why);
  });
});

describe("Wycheproof's vectors of ES256", () => {
  test.each(vectorsOf("ES256"))("$vector.tcId, $vector.comment: $vector.result", async ({ key, vector }) => {
    const source: KeySource = {
      issuerOf: (gatewayOrigin) => gatewayOrigin,
      ask: () => Promise.resolve({ kind: "keys", keySet: { keys: [key] } }),
    };
    const verification = await verifierOf(source)(vector.jws, occasionAt());
    // Their payloads are no JSON objects, which is what is found only behind a right signature.
    const isSigned = "reason" in verification && verification.reason === "claims-missing";
    expect(isSigned).toBe(vector.result === "valid");
  });
});

test("any single-character edit of a good token is refused, and nothing throws", async () => {
  const letter = fc.constantFrom(...Array.from(`${BASE64URL}.=+/ \n\u0000é`));
  await fc.assert(
    fc.asyncProperty(fc.nat(GOOD.length), fc.constantFrom(0, 1), letter, async (at, replaced, put) => {
      const edited = GOOD.slice(0, at) + put + GOOD.slice(at + replaced);
      fc.pre(edited !== GOOD);
      expect(await verify(edited)).toHaveProperty("reason");
    }),
    { seed: 20_261, numRuns: 500 },
  );
});
