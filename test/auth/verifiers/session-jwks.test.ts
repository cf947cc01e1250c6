// Whether the cookie cache that a key signed is taken, and told from every other token of the same keys.
import { jwt } from "better-auth/plugins";
import { describe, expect, test } from "vitest";
import { KeySets } from "../../../auth/key-sets.ts";
import type { KeySource } from "../../../auth/ports.ts";
import type { Verification, Verifier } from "../../../auth/verifier.ts";
import { jwtVerifier } from "../../../auth/verifiers/jwt.ts";
import { sessionJwksVerifier } from "../../../auth/verifiers/session-jwks.ts";
import { startBetterAuth } from "../../support/better-auth.ts";
import { claims, claimsWith, encode, NOW_MS, NOW_S, otherTextsOfSameBytes } from "../../support/hostile-token.ts";
import { GATEWAY_ORIGIN, occasionAt } from "../../support/occasion.ts";
import { SESSION_TOKEN, sessionPayload } from "../../support/session-token.ts";
import { SESSION_CACHE_TYPE, SigningKeys } from "../../support/signing-keys.ts";

const RULES = { cacheVersion: "1", maxTokenLifetimeS: 604_800 };
const KEYS = await SigningKeys.make("EdDSA");
const STRANGER = await SigningKeys.make("EdDSA");
const SETS = new KeySets(KEYS.source);
const verifier = sessionJwksVerifier(SETS, RULES);

function verify(token: string): Promise<Verification> {
  return verifier(token, occasionAt());
}

/** A source of the keys of a real Better Auth. */
function sourceOf(auth: ReturnType<typeof startBetterAuth>): KeySource {
  return {
    issuerOf: (gatewayOrigin) => gatewayOrigin,
    ask: async () => ({ kind: "keys", keySet: await (await auth.get("/jwks")).json() }),
  };
}

const GOOD = await KEYS.signSession(claims());
const [, PAYLOAD = "", SIGNATURE = ""] = GOOD.split(".");

describe("takes", () => {
  test.each(["EdDSA", "ES256"] as const)("the cookie of a real Better Auth that signs with %s", async (alg) => {
    const plugin = jwt({ sessionCookieCache: true, jwks: { keyPairConfig: { alg } } });
    const auth = startBetterAuth({ strategy: "jwt" }, { plugins: [plugin] });
    const { sessionData, userId, sessionId } = await auth.signUp();
    const ours = sessionJwksVerifier(new KeySets(sourceOf(auth)), RULES);
    expect(await ours(sessionData, occasionAt(Date.now()))).toMatchObject({
      kind: "verified",
      tokenKind: "session-jwks",
      principal: { kind: "user", userId, sessionId },
    });
  });

  test("a token made by hand, so that the refusals below are not for how they are made", async () => {
    expect(await verify(GOOD)).toEqual({
      kind: "verified",
      tokenKind: "session-jwks",
      keyId: KEYS.jwk.kid,
      principal: { kind: "user", userId: "user-1", sessionId: "session-of-user-1" },
      issuedAtS: NOW_MS / 1000 - 10,
      sessionEndsAtMs: NOW_MS + 3_600_000,
      tokenEndsAtMs: NOW_MS + 290_000,
    });
  });
});

describe("one kind is not the other, though one key signs both", () => {
  const plain: Verifier = jwtVerifier(SETS, 604_800);

  test("a session is no JWT of the plugin", async () => {
    expect(await plain(GOOD, occasionAt())).toEqual({ reason: "header-refused" });
  });

  test("nor is it one where its typ is gone", async () => {
    expect(await plain(await KEYS.signSession(claims(), null), occasionAt())).toMatchObject({ claim: "aud" });
  });

  test("a JWT of the plugin is no session", async () => {
    expect(await verify(await KEYS.sign())).toEqual({ reason: "header-refused" });
  });

  test("nor is it one where it has the typ, or all that a session holds beside", async () => {
    expect(await verify(await KEYS.sign({}, { typ: SESSION_CACHE_TYPE }))).toMatchObject({ claim: "updatedAt" });
    const both = { ...sessionPayload({ nowMs: NOW_MS }), sid: SESSION_TOKEN };
    expect(await verify(await KEYS.sign(both, { typ: SESSION_CACHE_TYPE }))).toMatchObject({ claim: "aud" });
  });
});

describe("refuses for its key, its header or its form", () => {
  const named = { alg: "EdDSA", kid: KEYS.jwk.kid, typ: SESSION_CACHE_TYPE };
  const withHeader = (header: unknown): string => `${encode(JSON.stringify(header))}.${PAYLOAD}.${SIGNATURE}`;

  test("a token of another auth server's key", async () => {
    expect(await verify(await STRANGER.signSession(claims()))).toEqual({ reason: "signature-mismatch" });
  });

  test("every token where the keys cannot be had", async () => {
    const source: KeySource = { ...KEYS.source, ask: () => Promise.resolve({ kind: "unavailable" }) };
    const lonely = sessionJwksVerifier(new KeySets(source), RULES);
    expect(await lonely(GOOD, occasionAt())).toEqual({ reason: "auth-server-unavailable" });
  });

  test.each([
    ["no typ", { ...named, typ: undefined }],
    ["another typ", { ...named, typ: "JWT" }],
    ["the typ in capitals", { ...named, typ: SESSION_CACHE_TYPE.toUpperCase() }],
    ["an HMAC", { ...named, alg: "HS256" }],
    ["no name of a key", { ...named, kid: undefined }],
    ["a fourth name", { ...named, cty: "JWT" }],
  ])("a header with %s", async (_what, header) => {
    expect(await verify(withHeader(header))).toEqual({ reason: "header-refused" });
  });

  test("every other text of the same signature", async () => {
    const others = otherTextsOfSameBytes(SIGNATURE).map((other) => GOOD.replace(SIGNATURE, other));
    expect(await Promise.all(others.map(verify))).toEqual(others.map(() => ({ reason: "not-canonical" })));
  });

  test("a token of more characters than a cookie may have", async () => {
    const long = await KEYS.signSession(claims({ padding: "x".repeat(16_384) }));
    expect(await verify(long)).toEqual({ reason: "too-long" });
  });
});

describe("refuses for its payload, though its signature is right", () => {
  test.each<readonly [string, Record<string, unknown>, Record<string, unknown>]>([
    ["another issuer", claims({ iss: "https://other.test" }), { claim: "iss" }],
    ["the issuer of a server without a base URL", claims({ iss: "better-auth:session-cache" }), { claim: "iss" }],
    ["another audience", claims({ aud: GATEWAY_ORIGIN }), { claim: "aud" }],
    ["another subject", claims({ sub: "user-2" }), { claim: "sub" }],
    ["no subject", claims({ sub: undefined }), { claim: "sub" }],
    ["another session outside", claims({ sid: "another" }), { claim: "sid" }],
    ["no session outside", claims({ sid: undefined }), { claim: "sid" }],
    [
      "no session's token on either side",
      { ...claimsWith({ session: { token: undefined } }), sid: undefined },
      { claim: "sid" },
    ],
    ["an exp that has come", claims({ exp: NOW_S }), { reason: "token-expired" }],
    ["another user's session", claimsWith({ session: { userId: "user-2" } }), { claim: "session.userId" }],
    [
      "a session that has ended",
      claimsWith({ session: { expiresAt: new Date(NOW_MS).toISOString() } }),
      { reason: "session-expired" },
    ],
    ["a banned user", claimsWith({ user: { banned: true } }), { reason: "user-banned" }],
    ["another cache version", claims({ version: "2" }), { reason: "wrong-cache-version" }],
  ])("a token with %s", async (_what, payload, why) => {
    expect(await verify(await KEYS.signSession(payload))).toMatchObject(why);
  });
});
