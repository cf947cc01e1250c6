// Whether the session token's verifier takes what Better Auth signs and nothing that only resembles it.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ClaimRules } from "../../../auth/claims.ts";
import type { TokenKind, Verification, Verifier } from "../../../auth/verifier.ts";
import { sessionJwtVerifier } from "../../../auth/verifiers/session-jwt.ts";
import {
  BASE64URL,
  claims,
  claimsWith,
  encode,
  handMadeToken,
  NOW_MS,
  NOW_S,
  signTexts,
} from "../../support/hostile-token.ts";
import { occasionAt } from "../../support/occasion.ts";
import { signSession, TEST_SECRET } from "../../support/session-token.ts";
import { timedKey } from "../../support/timed-key.ts";

const RULES: ClaimRules = { cacheVersion: "1", maxTokenLifetimeS: 604_800 };
const OTHER_SECRET = "another-8Qw2eR4tY6uI1oP3aS5dF7gH9jK0lZxC";
const GOOD = handMadeToken();
const [HEADER = "", , SIGNATURE = ""] = GOOD.split(".");

const NESTED: ReadonlySet<TokenKind> = new Set(["session-jwt"]);

async function verifierOf(rules: ClaimRules, ...secrets: readonly string[]): Promise<Verifier> {
  return sessionJwtVerifier(await Promise.all(secrets.map((secret) => timedKey(secret))), rules, NESTED);
}

const verifier = await verifierOf(RULES, TEST_SECRET);

function verify(token: string): Promise<Verification> {
  return verifier(token, occasionAt());
}

describe("takes", () => {
  test("a token as Better Auth's own library signs it", async () => {
    expect(await verify(await signSession({ nowMs: NOW_MS }))).toEqual({
      kind: "verified",
      tokenKind: "session-jwt",
      keyNumber: 0,
      principal: { kind: "user", userId: "user-1", sessionId: "session-of-user-1" },
      issuedAtS: NOW_MS / 1000,
      sessionEndsAtMs: NOW_MS + 3_600_000,
      tokenEndsAtMs: NOW_MS + 300_000,
    });
  });

  test("a token made by hand, so that the refusals below are not for how it is made", async () => {
    expect(await verify(GOOD)).toMatchObject({ kind: "verified" });
  });

  test("a token of the previous secret where both are given", async () => {
    const takesBoth = await verifierOf(RULES, OTHER_SECRET, TEST_SECRET);
    expect(await takesBoth(GOOD, occasionAt())).toMatchObject({ kind: "verified" });
  });

  test("a token of the previous secret until that ends", async () => {
    const keys = await Promise.all([timedKey(OTHER_SECRET), timedKey(TEST_SECRET, NOW_MS + 1)]);
    const endsSoon = sessionJwtVerifier(keys, RULES, NESTED);
    expect(await endsSoon(GOOD, occasionAt())).toMatchObject({ kind: "verified", keyNumber: 1 });
    expect(await endsSoon(GOOD, occasionAt(NOW_MS + 1))).toEqual({ reason: "signature-mismatch" });
  });

  test("a user whose name is not ASCII", async () => {
    const payload = JSON.stringify(claimsWith({ user: { name: "Ünï 😀" } }));
    expect(await verify(handMadeToken({ payload }))).toMatchObject({ kind: "verified" });
  });

  test("a serial user id, which is a number in the session", async () => {
    const payload = JSON.stringify(claimsWith({ session: { userId: 42 }, user: { id: "42" } }));
    expect(await verify(handMadeToken({ payload }))).toMatchObject({ principal: { userId: "42" } });
  });
});

describe("refuses for its signature", () => {
  test.each([
    ["another secret", OTHER_SECRET],
    ["the empty secret", ""],
    ["the secret and a newline", `${TEST_SECRET}\n`],
    ["the secret without its last character", TEST_SECRET.slice(0, -1)],
  ])("a token signed with %s", async (_what, secret) => {
    expect(await verify(handMadeToken({ secret }))).toEqual({ reason: "signature-mismatch" });
  });

  test("a payload under the signature of another", async () => {
    const payload = encode(JSON.stringify(claimsWith({ user: { name: "Somebody" } })));
    expect(await verify(`${HEADER}.${payload}.${SIGNATURE}`)).toEqual({ reason: "signature-mismatch" });
  });

  test("every token where there is no key", async () => {
    const keyless = await verifierOf(RULES);
    expect(await keyless(GOOD, occasionAt())).toEqual({ reason: "signature-mismatch" });
  });

  test("a forged token that is over without saying that it is over", async () => {
    const payload = JSON.stringify(claims({ exp: NOW_S - 1 }));
    expect(await verify(handMadeToken({ payload, secret: OTHER_SECRET }))).toEqual({ reason: "signature-mismatch" });
  });
});

describe("refuses for its payload, though the signature is right", () => {
  const now = String(NOW_S);
  const soon = String(NOW_S + 300);

  test.each<readonly [string, string | Uint8Array, Record<string, unknown>]>([
    ["no JSON", "hello", { claim: "payload" }],
    [
      "a name that is not UTF-8",
      Buffer.from(JSON.stringify(claimsWith({ user: { name: "\u00ff" } })), "latin1"),
      { claim: "payload" },
    ],
    ["a byte order mark", `\uFEFF${JSON.stringify(claims())}`, { claim: "payload" }],
    ["a list", "[]", { claim: "payload" }],
    ["null", "null", { claim: "payload" }],
    ["a text", '"user-1"', { claim: "payload" }],
    ["a number", "5", { claim: "payload" }],
    ["a boolean", "true", { claim: "payload" }],
    ["an exp of NaN, which is no JSON", payloadWithTimes(now, "NaN"), { claim: "payload" }],
    ["an exp of 1e400, which reads as infinite", payloadWithTimes(now, "1e400"), { claim: "exp" }],
    ["an iat of -1e400", payloadWithTimes("-1e400", soon), { claim: "iat" }],
    ["an exp with a fraction", payloadWithTimes(now, `${soon}.5`), { claim: "exp" }],
    ["an exp that is a text", payloadWithTimes(now, `"${soon}"`), { claim: "exp" }],
    ["a second exp, where the last one counts", payloadWithTimes(now, `${soon},"exp":null`), { claim: "exp" }],
    ["inherited claims", `{"__proto__":${JSON.stringify(claims())}}`, { reason: "kind-not-taken" }],
    [
      "an e-mail to verify",
      JSON.stringify({ email: "a@b.test", updateTo: "c@d.test", iat: NOW_S, exp: NOW_S + 3600 }),
      { reason: "kind-not-taken" },
    ],
    [
      "flat claims",
      JSON.stringify({ id: "s", userId: "user-1", expiresAt: NOW_MS, iat: NOW_S, exp: NOW_S + 300 }),
      { reason: "kind-not-taken" },
    ],
    ["an exp that has passed", JSON.stringify(claims({ exp: NOW_S })), { reason: "token-expired" }],
    [
      "a session that has ended",
      JSON.stringify(claimsWith({ session: { expiresAt: "2026-11-21T12:00:00.000Z" } })),
      { reason: "session-expired" },
    ],
    [
      "another user's session",
      JSON.stringify(claimsWith({ session: { userId: "user-2" } })),
      { claim: "session.userId" },
    ],
    ["an audience, which is somebody else", JSON.stringify(claims({ aud: "another-service" })), { claim: "aud" }],
    ["a banned user", JSON.stringify(claimsWith({ user: { banned: true } })), { reason: "user-banned" }],
  ])("a token that holds %s", async (_what, payload, why) => {
    expect(await verify(handMadeToken({ payload }))).toMatchObject(why);
  });

  test("a token of another cache version, unless any version is taken", async () => {
    const token = handMadeToken({ payload: JSON.stringify(claims({ version: "2" })) });
    const takesAny = await verifierOf({ ...RULES, cacheVersion: undefined }, TEST_SECRET);
    expect([await verify(token), await takesAny(token, occasionAt())]).toMatchObject([
      { reason: "wrong-cache-version" },
      { kind: "verified" },
    ]);
  });
});

describe("whatever it is given", () => {
  const tokenLetter = fc.constantFrom(...Array.from(`${BASE64URL}.=+/ \n\u0000é`));

  test("any single-character edit of a good token is refused", async () => {
    const edit = fc.record({ at: fc.nat(GOOD.length), letter: tokenLetter, replaced: fc.constantFrom(0, 1) });
    const edits = fc.oneof(
      edit,
      fc.nat(GOOD.length - 1).map((at) => ({ at, letter: "", replaced: 1 })),
    );
    await fc.assert(
      fc.asyncProperty(edits, async ({ at, letter, replaced }) => {
        const edited = GOOD.slice(0, at) + letter + GOOD.slice(at + replaced);
        fc.pre(edited !== GOOD);
        expect(await verify(edited)).toHaveProperty("reason");
      }),
      { seed: 20_261, numRuns: 1000 },
    );
  });

  test("it answers with a refusal instead of throwing", async () => {
    const part = fc.oneof(fc.string({ unit: tokenLetter }), fc.json().map(encode), fc.uint8Array().map(encode));
    const anything = fc.oneof(
      fc.string({ unit: fc.nat(0xffff).map((unit) => String.fromCharCode(unit)) }),
      fc.array(part, { maxLength: 6 }).map((parts) => parts.join(".")),
      fc.tuple(part, part).map(([header, payload]) => signTexts(header, payload)),
      part.map((payload) => signTexts(HEADER, payload)),
    );
    await fc.assert(
      fc.asyncProperty(anything, async (text) => {
        expect(await verify(text)).toHaveProperty("reason");
      }),
      { seed: 20_261, numRuns: 1000 },
    );
  });
});

/** Good claims with these two texts in the place of their times, JSON or not. */
function payloadWithTimes(iat: string, exp: string): string {
  return JSON.stringify(claims({ iat: 1, exp: 2 })).replace('"iat":1,"exp":2', `"iat":${iat},"exp":${exp}`);
}
