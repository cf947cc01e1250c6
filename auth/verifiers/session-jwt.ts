// Better Auth's cookie-cache JWT (`cookieCache: {strategy: "jwt"}`): HS256 with the shared secret, nested payload.
import type { JsonObject } from "../../protocol/json.ts";
import { checkFlatClaims, checkSessionClaims, type ClaimRules, toVerification } from "../claims.ts";
import { COOKIE_TOKEN_MAX_CHARS } from "../cookies.ts";
import { hasOnly, openHs256, readHeader } from "../jws.ts";
import { keysAt, type TimedKey } from "../keys.ts";
import type { TokenKind, Verification, Verifier } from "../verifier.ts";

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
    const read = readHeader(token, COOKIE_TOKEN_MAX_CHARS, "hs256");
    if ("reason" in read) return read;
    if (!isBetterAuths(read.header)) return { reason: "header-refused" };
    const opened = await openHs256(token, keysAt(keys, nowMs));
    return "reason" in opened ? opened : checkPayload(opened.payload, rules, kinds, nowMs);
  };
}

/** `{"alg":"HS256"}` and nothing else, as Better Auth writes it: no other name may have a say. */
function isBetterAuths(header: JsonObject): boolean {
  return header["alg"] === "HS256" && hasOnly(header, ["alg"]);
}

function checkPayload(
  payload: JsonObject,
  rules: ClaimRules,
  kinds: ReadonlySet<TokenKind>,
  nowMs: number,
): Verification {
  const tokenKind = Object.hasOwn(payload, "session") ? "session-jwt" : "session-jwt-flat";
  if (!kinds.has(tokenKind)) return { reason: "kind-not-taken" };
  const check = tokenKind === "session-jwt" ? checkSessionClaims : checkFlatClaims;
  return toVerification(tokenKind, check(payload, rules, nowMs));
}
