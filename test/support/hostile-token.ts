// Tokens signed by hand, byte by byte, since libraries refuse to make most of those that an attacker would try.
import { createHmac } from "node:crypto";
import { sessionPayload, type SessionPayload, TEST_SECRET } from "./session-token.ts";

/** The moment at which hand-made tokens are looked at: fixed, so that a test says the same on each run. */
export const NOW_MS = Date.UTC(2026, 10, 21, 12);
export const NOW_S = NOW_MS / 1000;

export const BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** The one header that Better Auth writes. */
export const GOOD_HEADER = '{"alg":"HS256"}';

const SESSION = sessionPayload({ nowMs: NOW_MS });

/** Claims that are good at `NOW_MS`, with changes on top; an undefined value takes a claim away. */
export function claims(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return { ...SESSION, iat: NOW_S - 10, exp: NOW_S + 290, ...changes };
}

/** The same with changes inside its two halves. */
export function claimsWith(inside: Partial<SessionPayload>): Record<string, unknown> {
  return claims({ session: { ...SESSION.session, ...inside.session }, user: { ...SESSION.user, ...inside.user } });
}

interface HandMade {
  /** Text of the header before base64url; need not be JSON. */
  readonly header?: string;
  /** Text or bytes of the payload before base64url; need not be JSON. */
  readonly payload?: string | Uint8Array;
  readonly secret?: string;
  readonly hash?: "sha256" | "sha384" | "sha512";
}

/** A token whose signature is right, whatever it says; without arguments, a good one. */
export function handMadeToken({
  header = GOOD_HEADER,
  payload = JSON.stringify(claims()),
  ...how
}: HandMade = {}): string {
  return signTexts(encode(header), encode(payload), how);
}

/** The same for parts that are base64url already, or pretend to be. */
export function signTexts(
  header: string,
  payload: string,
  { secret = TEST_SECRET, hash = "sha256" }: HandMade = {},
): string {
  const signature = createHmac(hash, secret).update(`${header}.${payload}`).digest("base64url");
  return `${header}.${payload}.${signature}`;
}

/** The payload of a compact token at `NOW_MS`, with changes on top. */
export function compactSession(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return { ...SESSION, ...changes };
}

/** A compact token as Better Auth writes it, whose signature is right, whatever it says. */
export function compactToken(
  session = compactSession(),
  expiresAt: unknown = NOW_MS + 300_000,
  secret = TEST_SECRET,
): string {
  const signature = createHmac("sha256", secret)
    .update(JSON.stringify({ ...session, expiresAt }))
    .digest("base64url");
  return encode(JSON.stringify({ session, expiresAt, signature }));
}

export function encode(content: string | Uint8Array): string {
  return Buffer.from(content).toString("base64url");
}

/** Other texts that a lenient decoder reads as the same bytes: the last character of a part holds bits that nobody uses. */
export function otherTextsOfSameBytes(part: string): readonly string[] {
  const bytes = Buffer.from(part, "base64url");
  return Array.from(BASE64URL)
    .map((last) => part.slice(0, -1) + last)
    .filter((text) => text !== part && Buffer.from(text, "base64url").equals(bytes));
}
