// Whether the encrypted cookie cache is opened with Better Auth's key, and everything else with that form refused.
import * as fc from "fast-check";
import { CompactEncrypt, type CompactJWEHeaderParameters } from "jose";
import { describe, expect, test } from "vitest";
import { deriveEncryptionKey, type EncryptionKey, type TimedKey } from "../../../auth/keys.ts";
import type { Verification } from "../../../auth/verifier.ts";
import { sessionJweVerifier } from "../../../auth/verifiers/session-jwe.ts";
import { startBetterAuth } from "../../support/better-auth.ts";
import {
  BASE64URL,
  claims,
  claimsWith,
  encode,
  NOW_MS,
  NOW_S,
  otherTextsOfSameBytes,
} from "../../support/hostile-token.ts";
import { occasionAt } from "../../support/occasion.ts";
import { TEST_SECRET } from "../../support/session-token.ts";

const RULES = { cacheVersion: "1", maxTokenLifetimeS: 604_800 };
const OTHER_SECRET = "another-8Qw2eR4tY6uI1oP3aS5dF7gH9jK0lZxC";

async function encryptionKey(secret: string, endsAtMs?: number): Promise<TimedKey<EncryptionKey>> {
  return { key: await deriveEncryptionKey(secret), endsAtMs };
}

const OURS = await encryptionKey(TEST_SECRET);
const THEIRS = await encryptionKey(OTHER_SECRET);
const GOOD_HEADER: CompactJWEHeaderParameters = { alg: "dir", enc: "A256CBC-HS512", kid: OURS.key.kid };
const verifier = sessionJweVerifier([OURS], RULES);

function verify(token: string): Promise<Verification> {
  return verifier(token, occasionAt());
}

/** A token that its key opens, whatever it says. */
function encrypt(payload: unknown = claims(), bytes = OURS.key.bytes, header = GOOD_HEADER): Promise<string> {
  const text = typeof payload === "string" ? payload : JSON.stringify(payload);
  return new CompactEncrypt(new TextEncoder().encode(text)).setProtectedHeader(header).encrypt(bytes);
}

const GOOD = await encrypt();
const [HEADER = "", , IV = "", TEXT = "", TAG = ""] = GOOD.split(".");

/** The good token under another header; its tag is then wrong, so the header must be what it is refused for. */
function withHeader(header: string): string {
  return [encode(header), "", IV, TEXT, TAG].join(".");
}

describe("takes", () => {
  test("the cookie of a real Better Auth", async () => {
    const { sessionData, userId, sessionId } = await startBetterAuth({ strategy: "jwe" }).signUp();
    expect(await verifier(sessionData, occasionAt(Date.now()))).toMatchObject({
      kind: "verified",
      tokenKind: "session-jwe",
      principal: { kind: "user", userId, sessionId },
    });
  });

  test("a token made by hand, so that the refusals below are not for how they are made", async () => {
    expect(await verify(GOOD)).toEqual({
      kind: "verified",
      tokenKind: "session-jwe",
      keyNumber: 0,
      principal: { kind: "user", userId: "user-1", sessionId: "session-of-user-1" },
      issuedAtS: NOW_MS / 1000 - 10,
      sessionEndsAtMs: NOW_MS + 3_600_000,
      tokenEndsAtMs: NOW_MS + 290_000,
    });
  });

  test("a token of an old secret, by the name of its key, until that secret ends", async () => {
    const both = sessionJweVerifier([THEIRS, { ...OURS, endsAtMs: NOW_MS + 1 }], RULES);
    expect(await both(GOOD, occasionAt())).toMatchObject({ kind: "verified", keyNumber: 1 });
    expect(await both(GOOD, occasionAt(NOW_MS + 1))).toEqual({ reason: "unknown-kid" });
  });
});

describe("refuses for its key", () => {
  test("the cookie of another secret", async () => {
    const { sessionData } = await startBetterAuth({ strategy: "jwe" }, { secret: OTHER_SECRET }).signUp();
    expect(await verifier(sessionData, occasionAt(Date.now()))).toEqual({ reason: "unknown-kid" });
  });

  test("a token under our name, made with another key", async () => {
    expect(await verify(await encrypt(claims(), THEIRS.key.bytes))).toEqual({ reason: "signature-mismatch" });
  });

  test("a token of another of our own keys, under the wrong name", async () => {
    const both = sessionJweVerifier([OURS, THEIRS], RULES);
    const token = await encrypt(claims(), THEIRS.key.bytes);
    expect(await both(token, occasionAt())).toEqual({ reason: "signature-mismatch" });
  });

  test("a token made with the first bytes of the secret itself", async () => {
    const raw = new Uint8Array(64);
    raw.set(new TextEncoder().encode(TEST_SECRET));
    expect(await verify(await encrypt(claims(), raw))).toEqual({ reason: "signature-mismatch" });
  });

  test("every token where there is no key", async () => {
    expect(await sessionJweVerifier([], RULES)(GOOD, occasionAt())).toEqual({ reason: "unknown-kid" });
  });

  test.each([
    ["the initialisation vector", [HEADER, "", "A".repeat(22), TEXT, TAG]],
    ["the content", [HEADER, "", IV, "A".repeat(TEXT.length), TAG]],
    ["the tag", [HEADER, "", IV, TEXT, "A".repeat(43)]],
  ])("a token where %s was changed", async (_what, parts) => {
    expect(await verify(parts.join("."))).toEqual({ reason: "signature-mismatch" });
  });
});

describe("refuses for its header, though its key is right", () => {
  test.each([
    ["a fourth name", { typ: "JWT" }],
    ["a key of its own", { jwk: { kty: "oct", k: "AAAA" } }],
    ["a compressed content", { zip: "DEF" }],
  ])("a token with %s", async (_what, header) => {
    expect(await verify(withHeader(JSON.stringify({ ...GOOD_HEADER, ...header })))).toEqual({
      reason: "header-refused",
    });
  });

  test("a token that names no key", async () => {
    expect(await verify(await encrypt(claims(), OURS.key.bytes, { alg: "dir", enc: "A256CBC-HS512" }))).toEqual({
      reason: "header-refused",
    });
  });

  test.each([
    ["another content encryption", { enc: "A256GCM" }],
    ["a weaker content encryption", { enc: "A128CBC-HS256" }],
    ["another key management", { alg: "A256KW" }],
    ["a key from a password", { alg: "PBES2-HS256+A128KW", p2c: 1_000_000 }],
    ["a crit", { crit: ["exp"], exp: 1 }],
    ["a kid that is a list", { kid: [OURS.key.kid] }],
    ["an alg in capitals", { alg: "DIR" }],
  ])("a token with %s", async (_what, header) => {
    expect(await verify(withHeader(JSON.stringify({ ...GOOD_HEADER, ...header })))).toEqual({
      reason: "header-refused",
    });
  });

  test.each(["null", "[]", '"dir"', "{", "", `\uFEFF${JSON.stringify(GOOD_HEADER)}`])(
    "%j for a header",
    async (header) => {
      expect(await verify(withHeader(header))).toHaveProperty("reason");
    },
  );
});

describe("refuses for its form", () => {
  test.each([
    ["no text at all", ""],
    ["four parts", [HEADER, "", IV, TEXT].join(".")],
    ["six parts", `${GOOD}.${TAG}`],
    ["an encrypted key", [HEADER, "AAAA", IV, TEXT, TAG].join(".")],
    ["the short vector of GCM", [HEADER, "", "A".repeat(16), TEXT, TAG].join(".")],
    ["the short tag of GCM", [HEADER, "", IV, TEXT, "A".repeat(22)].join(".")],
    ["no content", [HEADER, "", IV, "", TAG].join(".")],
    ["a space in front", ` ${GOOD}`],
    ["a newline behind", `${GOOD}\n`],
    ["padding behind", `${GOOD}=`],
    ["three parts", "eyJhbGciOiJIUzI1NiJ9.e30.c2ln"],
  ])("a token with %s", async (_what, token) => {
    expect(await verify(token)).toEqual({ reason: "not-a-token" });
  });

  test("every other text that a decoder reads as the same tag or vector", async () => {
    const tags = otherTextsOfSameBytes(TAG).map((tag) => [HEADER, "", IV, TEXT, tag].join("."));
    const vectors = otherTextsOfSameBytes(IV).map((iv) => [HEADER, "", iv, TEXT, TAG].join("."));
    const refusals = await Promise.all([...tags, ...vectors].map((token) => verify(token)));
    expect(refusals).toEqual(Array.from({ length: 3 + 15 }, () => ({ reason: "not-canonical" })));
  });

  test("a token of more characters than a cookie may have, though its key is right", async () => {
    expect(await verify(await encrypt(claims({ padding: "x".repeat(16_384) })))).toEqual({ reason: "too-long" });
  });
});

describe("refuses for its payload, though its key is right", () => {
  test.each<readonly [string, unknown, Record<string, unknown>]>([
    ["no JSON", "hello", { claim: "payload" }],
    ["a list", [], { claim: "payload" }],
    ["null", null, { claim: "payload" }],
    ["no iat", claims({ iat: undefined }), { claim: "iat" }],
    ["no exp", claims({ exp: undefined }), { claim: "exp" }],
    ["an exp that has passed", claims({ exp: NOW_S }), { reason: "token-expired" }],
    [
      "a session that has ended",
      claimsWith({ session: { expiresAt: "2026-11-21T12:00:00.000Z" } }),
      { reason: "session-expired" },
    ],
    ["another user's session", claimsWith({ session: { userId: "user-2" } }), { claim: "session.userId" }],
    ["a banned user", claimsWith({ user: { banned: true } }), { reason: "user-banned" }],
    ["another cache version", claims({ version: "2" }), { reason: "wrong-cache-version" }],
    [
      "flat claims",
      { id: "s", userId: "user-1", expiresAt: NOW_MS, iat: NOW_S, exp: NOW_S + 300 },
      { claim: "updatedAt" },
    ],
  ])("a token that holds %s", async (_what, payload, why) => {
    expect(await verify(await encrypt(payload))).toMatchObject(why);
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
