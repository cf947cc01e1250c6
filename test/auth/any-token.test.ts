// Of every kind of credential: whether the one text of it opens, and any other is a refusal and never a bug.
import * as fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import type { Authenticator } from "../../auth/authenticator.ts";
import { composeAuthenticator } from "../../auth/compose.ts";
import { readAuthConfig } from "../../auth/config.ts";
import { findSessionCookie } from "../../auth/cookies.ts";
import type { Slot } from "../../auth/credential.ts";
import { type AuthFailure, toPublic } from "../../auth/failure.ts";
import type { AuthServer } from "../../auth/ports.ts";
import { VariableReader } from "../../auth/variables.ts";
import { BASE64URL, claims, compactToken, encode, handMadeToken, NOW_MS, NOW_S } from "../support/hostile-token.ts";
import { occasionAt } from "../support/occasion.ts";
import { RAW_TOKEN, signedSessionToken } from "../support/session-cookie.ts";
import { encryptSession, sessionPayload, TEST_SECRET } from "../support/session-token.ts";
import { SigningKeys } from "../support/signing-keys.ts";

const SEED = 20_261;
const JWT_SECRET = "theirs-8Qw2eR4tY6uI1oP3aS5dF7gH9jK0lZxC";
const API_KEY = "a-key-of-a-robot-0123456789";
const FLAT = { id: "s-1", userId: "user-1", expiresAt: NOW_MS + 60_000, iat: NOW_S, exp: NOW_S + 300 };
const SLOTS: readonly Slot[] = ["any-token", "api-key", "query", "cookie"];
const keys = await SigningKeys.make("EdDSA");

const TOKENS: Readonly<Record<string, string>> = {
  "session JWT": handMadeToken(),
  "flat session JWT": handMadeToken({ payload: JSON.stringify(FLAT) }),
  "encrypted session": await encryptSession({ nowMs: NOW_MS }),
  "compact session": compactToken(),
  "key-signed session": await keys.signSession(claims()),
  "JWT of the jwt plugin": await keys.sign(),
  "shared-secret JWT": handMadeToken({
    header: '{"alg":"HS256","typ":"JWT"}',
    payload: JSON.stringify({ id: "42", iat: NOW_S, exp: NOW_S + 300 }),
    secret: JWT_SECRET,
  }),
  "raw session token": RAW_TOKEN,
  "signed session token": signedSessionToken(),
  "API key": API_KEY,
};

/** Knows the one session token, to the letter. */
const authServer: AuthServer = ({ text }) => {
  const { session, user } = sessionPayload({ nowMs: NOW_MS });
  const isKnown = text === RAW_TOKEN || text === signedSessionToken();
  return Promise.resolve(isKnown ? { kind: "session", session, user } : { kind: "none" });
};

const letter = fc.constantFrom(...Array.from(`${BASE64URL}.=+/% \t\n\u0000é\ud800`));
let authenticate: Authenticator;
beforeAll(() => {
  const reader = new VariableReader({ BETTER_AUTH_SECRET: TEST_SECRET, JWT_SECRET, API_KEYS: API_KEY });
  authenticate = composeAuthenticator(readAuthConfig(reader), authServer, keys.source);
});

/** The word of the authenticator, or of what tells it to a client, where that is no word that it may say. */
async function outcomeOf(token: string, slot: Slot): Promise<"authenticated" | "refused" | Error> {
  try {
    const result = await authenticate(token, slot, occasionAt());
    if ("kind" in result) return "authenticated";
    const { code } = toPublic(result satisfies AuthFailure);
    return code === "AUTH_FAILED" ? "refused" : new Error(code);
  } catch (bug) {
    return new Error("threw", { cause: bug });
  }
}

describe.each(Object.entries(TOKENS))("a good %s", (_kind, good) => {
  test("opens", async () => {
    expect(await outcomeOf(good, "any-token")).toBe("authenticated");
  });

  test("with any character changed, added or taken away opens nothing", async () => {
    const edits = fc.tuple(fc.nat(good.length), fc.constantFrom(0, 1), fc.oneof(letter, fc.constant("")));
    await fc.assert(
      fc.asyncProperty(edits, fc.constantFrom(...SLOTS), async ([at, replaced, put], slot) => {
        const edited = good.slice(0, at) + put + good.slice(at + replaced);
        fc.pre(edited !== good);
        expect(await outcomeOf(edited, slot)).toBe("refused");
      }),
      { seed: SEED, numRuns: 400 },
    );
  });

  test("with any letter in capitals or none opens nothing", async () => {
    const positions = [...Array.from(good).keys()].filter((at) => swapCase(good, at) !== good);
    const outcomes = await Promise.all(positions.map((at) => outcomeOf(swapCase(good, at), "any-token")));
    expect(outcomes).toEqual(positions.map(() => "refused"));
  });
});

test("two good tokens, whole or in parts, are never a third", async () => {
  const parts = Object.values(TOKENS).flatMap((token) => [token].concat(token.split(".")));
  const mixed = fc.array(fc.constantFrom(...parts), { minLength: 2, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(mixed, fc.constantFrom(".", "", ",", " "), async (some, glue) => {
      const token = some.join(glue);
      fc.pre(!Object.values(TOKENS).includes(token));
      expect(await outcomeOf(token, "any-token")).toBe("refused");
    }),
    { seed: SEED, numRuns: 500 },
  );
});

test("any text in any place is refused, and none of them is a bug", async () => {
  const part = fc.oneof(fc.string({ unit: letter }), fc.json().map(encode), fc.uint8Array().map(encode));
  const anything = fc.oneof(
    fc.string({ unit: fc.nat(0xffff).map((unit) => String.fromCharCode(unit)) }),
    fc.array(part, { maxLength: 6 }).map((parts) => parts.join(".")),
    fc.json().map((payload) => handMadeToken({ payload })),
    fc.json().map((header) => handMadeToken({ header })),
    fc.json().map((json) => encode(`{"session":{${json}`)),
    fc.json().map((json) => `eyJ${encode(json)}..AAAA.AAAA.AAAA`),
  );
  await fc.assert(
    fc.asyncProperty(anything, fc.constantFrom(...SLOTS), async (token, slot) => {
      expect(await outcomeOf(token, slot)).toBe("refused");
    }),
    { seed: SEED, numRuns: 2000 },
  );
});

test("a session that was cut into cookies opens whole or not at all, whatever became of the cookies", async () => {
  const good = TOKENS["encrypted session"] ?? "";
  const name = "better-auth.session_data";
  const cuts = fc.array(fc.integer({ min: 1, max: good.length - 1 }), { maxLength: 5 });
  const fates = fc.array(
    fc.record({ of: fc.nat(9), to: fc.nat(9), how: fc.constantFrom("lose", "twice", "swap", "rename") }),
    {
      maxLength: 4,
    },
  );
  await fc.assert(
    fc.asyncProperty(cuts, fates, async (at, all) => {
      const ends = [...new Set([0, ...at, good.length])].toSorted((a, b) => a - b);
      const cookies = ends.slice(1).map((end, index) => `${name}.${index}=${good.slice(ends[index], end)}`);
      for (const { of, to, how } of all) befall(cookies, of % (cookies.length + 1), to % (cookies.length + 1), how);
      const search = findSessionCookie(cookies.join("; "), "better-auth");
      const outcome = search.kind === "found" ? await outcomeOf(search.token, "cookie") : "refused";
      expect(outcome).toBe(search.kind === "found" && search.token === good ? "authenticated" : "refused");
    }),
    { seed: SEED, numRuns: 500 },
  );
});

function befall(cookies: string[], of: number, to: number, how: "lose" | "twice" | "swap" | "rename"): void {
  const [one, other] = [cookies[of], cookies[to]];
  if (one === undefined || other === undefined) return;
  switch (how) {
    case "lose":
      cookies.splice(of, 1);
      break;
    case "twice":
      cookies.splice(to, 0, one);
      break;
    case "swap":
      [cookies[of], cookies[to]] = [other, one];
      break;
    case "rename":
      cookies[of] = one.replace(/^[^=]*/, other.replace(/=.*/s, ""));
      break;
  }
}

function swapCase(text: string, at: number): string {
  const character = text.charAt(at);
  const swapped = character === character.toUpperCase() ? character.toLowerCase() : character.toUpperCase();
  return text.slice(0, at) + swapped + text.slice(at + 1);
}
