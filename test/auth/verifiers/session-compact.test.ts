// Whether the compact cookie cache is taken as Better Auth signs it, and nothing of it is believed without its signature.
import { createHmac } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Verification } from "../../../auth/verifier.ts";
import { sessionCompactVerifier } from "../../../auth/verifiers/session-compact.ts";
import { startBetterAuth } from "../../support/better-auth.ts";
import {
  BASE64URL,
  claimsWith,
  compactSession,
  compactToken,
  encode,
  handMadeToken,
  NOW_MS,
  otherTextsOfSameBytes,
} from "../../support/hostile-token.ts";
import { occasionAt } from "../../support/occasion.ts";
import { TEST_SECRET } from "../../support/session-token.ts";
import { timedKey } from "../../support/timed-key.ts";

const RULES = { cacheVersion: "1", maxTokenLifetimeS: 604_800 };
const OTHER_SECRET = "another-8Qw2eR4tY6uI1oP3aS5dF7gH9jK0lZxC";
const OURS = await timedKey(TEST_SECRET);
const verifier = sessionCompactVerifier([OURS], RULES);

const GOOD = compactToken();
const ENVELOPE = JSON.parse(Buffer.from(GOOD, "base64url").toString()) as Record<string, unknown>;
const ENDS_MS = NOW_MS + 300_000;

function verify(token: string): Promise<Verification> {
  return verifier(token, occasionAt());
}

/** The good token with another envelope around its signed parts. */
function enveloped(changes: Record<string, unknown>): string {
  return encode(JSON.stringify({ ...ENVELOPE, ...changes }));
}

/** A payload of which one half is changed inside. */
function inside(changes: Parameters<typeof claimsWith>[0]): Record<string, unknown> {
  const { session, user } = claimsWith(changes);
  return compactSession({ session, user });
}

describe("takes", () => {
  test("the cookie of a real Better Auth, whose user's name is not ASCII", async () => {
    const { sessionData, userId, sessionId } = await startBetterAuth({ strategy: "compact" }).signUp("Ünï 😀");
    expect(await verifier(sessionData, occasionAt(Date.now()))).toMatchObject({
      kind: "verified",
      tokenKind: "session-compact",
      principal: { kind: "user", userId, sessionId },
    });
  });

  test("a token made by hand, so that the refusals below are not for how they are made", async () => {
    expect(await verify(GOOD)).toEqual({
      kind: "verified",
      tokenKind: "session-compact",
      keyNumber: 0,
      principal: { kind: "user", userId: "user-1", sessionId: "session-of-user-1" },
      issuedAtS: NOW_MS / 1000,
      sessionEndsAtMs: NOW_MS + 3_600_000,
      tokenEndsAtMs: ENDS_MS,
    });
  });

  test("a token of an old secret until that ends", async () => {
    const both = sessionCompactVerifier([await timedKey(OTHER_SECRET), { ...OURS, endsAtMs: NOW_MS + 1 }], RULES);
    expect(await both(GOOD, occasionAt())).toMatchObject({ kind: "verified", keyNumber: 1 });
    expect(await both(GOOD, occasionAt(NOW_MS + 1))).toEqual({ reason: "signature-mismatch" });
  });
});

describe("refuses for its signature", () => {
  const { session, expiresAt } = ENVELOPE;
  const hmac = (text: string, secret = TEST_SECRET) => createHmac("sha256", secret).update(text).digest("base64url");

  test.each([
    ["another secret", compactToken(undefined, undefined, OTHER_SECRET)],
    ["the payload without its end", enveloped({ signature: hmac(JSON.stringify(session)) })],
    ["the envelope", enveloped({ signature: hmac(JSON.stringify({ session, expiresAt })) })],
    ["nothing", enveloped({ signature: hmac("") })],
    ["zeros", enveloped({ signature: "A".repeat(43) })],
    ["another end", enveloped({ expiresAt: ENDS_MS + 1 })],
    ["another user", enveloped({ session: inside({ user: { id: "user-2" }, session: { userId: "user-2" } }) })],
    [
      "the same in another order",
      enveloped({ session: Object.fromEntries(Object.entries(compactSession()).toReversed()) }),
    ],
  ])("a token signed for %s", async (_what, token) => {
    expect(await verify(token)).toEqual({ reason: "signature-mismatch" });
  });

  test("every token where there is no key", async () => {
    expect(await sessionCompactVerifier([], RULES)(GOOD, occasionAt())).toEqual({ reason: "signature-mismatch" });
  });

  test("a forged token that is over without saying that it is over", async () => {
    expect(await verify(compactToken(undefined, NOW_MS - 1, OTHER_SECRET))).toEqual({ reason: "signature-mismatch" });
  });
});

describe("refuses for its form, though its signature is right", () => {
  const text = JSON.stringify(ENVELOPE);
  const end = `"expiresAt":${ENDS_MS}`;

  test.each([
    ["a space in its JSON", encode(text.replace(end, ` ${end}`))],
    ["a newline behind its JSON", encode(`${text}\n`)],
    ["a byte order mark", encode(`\uFEFF${text}`)],
    ["a letter written as an escape", encode(text.replace("user-1", "\\u0075ser-1"))],
    ["its end as a fraction", encode(text.replace(end, `${end}.0`))],
    ["a name twice", encode(text.replace(end, `"expiresAt":1,${end}`))],
    ["a name beside", enveloped({ more: 1 })],
    ["its names in another order", encode(JSON.stringify(Object.fromEntries(Object.entries(ENVELOPE).toReversed())))],
    ["an own __proto__", encode(text.replace(end, `"__proto__":null,${end}`))],
    ["padding in the signature", enveloped({ signature: `${String(ENVELOPE["signature"])}=` })],
    ["a signature of half its length", enveloped({ signature: String(ENVELOPE["signature"]).slice(0, 22) })],
    ["padding behind", `${GOOD}=`],
    ["a newline behind", `${GOOD}\n`],
    ["a dot behind", `${GOOD}.`],
  ])("a token with %s", async (_what, token) => {
    expect(await verify(token)).toHaveProperty("reason", expect.stringMatching(/^not-(canonical|a-token)$/));
  });

  test("every other text that a decoder reads as the same signature", async () => {
    const others = otherTextsOfSameBytes(String(ENVELOPE["signature"])).map((signature) => enveloped({ signature }));
    expect(await Promise.all(others.map(verify))).toEqual(others.map(() => ({ reason: "not-canonical" })));
    expect(others).toHaveLength(3);
  });

  test("a token of more characters than a cookie may have", async () => {
    expect(await verify(compactToken(compactSession({ padding: "x".repeat(16_384) })))).toEqual({ reason: "too-long" });
  });
});

describe("refuses what is no token of this kind", () => {
  const deep = `{"session":{"a":${"[".repeat(5000)}${"]".repeat(5000)}},"expiresAt":1,"signature":""}`;

  test.each([
    ["an empty object", "{}"],
    ["null", "null"],
    ["a list", "[]"],
    ["half of it", '{"session":{'],
    ["no signature", '{"session":{},"expiresAt":1}'],
    ["a session that is a text", '{"session":"","expiresAt":1,"signature":""}'],
    ["an end that is a text", '{"session":{},"expiresAt":"1","signature":""}'],
    ["an end without an end", '{"session":{},"expiresAt":1e400,"signature":""}'],
    ["lists in lists, five thousand deep", deep],
  ])("%s", async (_what, text) => {
    expect(await verify(encode(text))).toHaveProperty("reason", expect.stringMatching(/^not-(canonical|a-token)$/));
  });

  test("bytes that are not UTF-8", async () => {
    expect(await verify(encode(new Uint8Array([0x7b, 0xff, 0x7d])))).toEqual({ reason: "not-a-token" });
  });

  test("a JWT of the same session", async () => {
    expect(await verify(handMadeToken())).toEqual({ reason: "not-canonical" });
  });
});

describe("refuses for its payload, though its signature is right", () => {
  test.each<readonly [string, string, Record<string, unknown>]>([
    ["no time of making", compactToken(compactSession({ updatedAt: undefined })), { claim: "iat" }],
    ["a text for it", compactToken(compactSession({ updatedAt: "now" })), { claim: "iat" }],
    [
      "a time of making ahead",
      compactToken(compactSession({ updatedAt: NOW_MS + 61_000 })),
      { reason: "issued-in-the-future" },
    ],
    ["an end that has come", compactToken(undefined, NOW_MS), { reason: "token-expired" }],
    ["an end in seconds, which was in 1970", compactToken(undefined, NOW_MS / 1000), { reason: "token-expired" }],
    ["an end of zero", compactToken(undefined, 0), { claim: "exp" }],
    ["an end before all time", compactToken(undefined, -5000), { claim: "exp" }],
    ["an end in eight days", compactToken(undefined, NOW_MS + 8 * 86_400_000), { reason: "lifetime-too-long" }],
    ["another cache version", compactToken(compactSession({ version: "2" })), { reason: "wrong-cache-version" }],
    [
      "a session that has ended",
      compactToken(inside({ session: { expiresAt: new Date(NOW_MS).toISOString() } })),
      { reason: "session-expired" },
    ],
    ["another user's session", compactToken(inside({ session: { userId: "user-2" } })), { claim: "session.userId" }],
    ["a banned user", compactToken(inside({ user: { banned: true } })), { reason: "user-banned" }],
    ["no user", compactToken(compactSession({ user: undefined })), { claim: "user" }],
    ["claims of a JWT, which do not count", compactToken(compactSession({ iat: 1, exp: 2 })), { kind: "verified" }],
    [
      "an end inside, which does not count",
      compactToken(compactSession({ expiresAt: NOW_MS * 2 }), NOW_MS),
      { reason: "token-expired" },
    ],
  ])("a token that holds %s", async (_what, token, why) => {
    expect(await verify(token)).toMatchObject(why);
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
