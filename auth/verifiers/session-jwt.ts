// Better Auth's cookie-cache JWT (`cookieCache: {strategy: "jwt"}`): HS256 with the shared secret, nested payload.
import { compactVerify, errors } from "jose";
import { isJsonObject } from "../../protocol/json.ts";
import { decodeCanonical, readJson } from "../base64url.ts";
import { checkFlatClaims, checkSessionClaims, type ClaimRules, toVerification } from "../claims.ts";
import { COOKIE_TOKEN_MAX_CHARS } from "../cookies.ts";
import type { AuthFailure } from "../failure.ts";
import { keysAt, type TimedKey } from "../keys.ts";
import type { TokenKind, Verification, Verifier } from "../verifier.ts";

/** RFC 7515 §7.1 compact serialisation; an HS256 signature is 32 bytes, hence 43 characters. */
const COMPACT_HS256 = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{43})$/;

/**
 * @param keys the current key first; each is tried, since HS256 tokens of Better Auth name none, as long as it counts
 * @param kinds which payloads are taken: nested as Better Auth writes it, flat as moshi-server's documents print it
 */
export function sessionJwtVerifier(
  keys: readonly TimedKey<CryptoKey>[],
  rules: ClaimRules,
  kinds: ReadonlySet<TokenKind>,
): Verifier {
  return async (token, { nowMs }) => {
    const fault = formFault(token);
    if (fault !== undefined) return fault;
    const payload = await openWithAny(keysAt(keys, nowMs), token);
    if (payload === undefined) return { reason: "signature-mismatch" };
    return checkPayload(readJson(payload), rules, kinds, nowMs);
  };
}

function checkPayload(payload: unknown, rules: ClaimRules, kinds: ReadonlySet<TokenKind>, nowMs: number): Verification {
  if (!isJsonObject(payload)) return { reason: "claims-missing", claim: "payload" };
  const tokenKind = Object.hasOwn(payload, "session") ? "session-jwt" : "session-jwt-flat";
  if (!kinds.has(tokenKind)) return { reason: "kind-not-taken" };
  const check = tokenKind === "session-jwt" ? checkSessionClaims : checkFlatClaims;
  return toVerification(tokenKind, check(payload, rules, nowMs));
}

/**
 * Refuses before any cryptography what a lenient reader would take. The header must be `{"alg":"HS256"}` and nothing
 * else, as Better Auth writes it: no other name may have a say.
 */
function formFault(token: string): AuthFailure | undefined {
  if (token.length > COOKIE_TOKEN_MAX_CHARS) return { reason: "too-long" };
  const parts = COMPACT_HS256.exec(token);
  if (parts === null) return { reason: "not-a-token" };
  const [header, ...others] = parts.slice(1).map(decodeCanonical);
  if (header === undefined || others.includes(undefined)) return { reason: "not-canonical" };
  const parsed = readJson(header);
  if (!isJsonObject(parsed)) return { reason: "header-refused" };
  return Object.keys(parsed).length === 1 && parsed["alg"] === "HS256" ? undefined : { reason: "header-refused" };
}

async function openWithAny(keys: readonly CryptoKey[], token: string): Promise<Uint8Array | undefined> {
  for (const key of keys) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- the keys are tried in order and the first almost always fits
      return (await compactVerify(token, key, { algorithms: ["HS256"] })).payload;
    } catch (error) {
      if (!(error instanceof errors.JOSEError)) throw error;
    }
  }
  return undefined;
}
