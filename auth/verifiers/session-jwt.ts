// Better Auth's cookie-cache JWT (`cookieCache: {strategy: "jwt"}`): HS256 with the shared secret, nested payload.
import type { JsonObject } from "../../protocol/json.ts";
import { checkFlatClaims, checkSessionClaims, type ClaimRules, toVerification } from "../claims.ts";
import { asSigned, type Confirm } from "../confirmation.ts";
import { COOKIE_TOKEN_MAX_CHARS } from "../cookies.ts";
import { hasOnly, openHs256, readHeader } from "../jws.ts";
import { keyNumberOf, keysAt, type TimedKey } from "../keys.ts";
import { checkParties } from "../registered-claims.ts";
import type { KeyUsed, Occasion, TokenKind, Verification, Verifier } from "../verifier.ts";

/** Better Auth writes neither into these; a token that the same secret signed for another service is none of ours. */
const NOBODY = { issuer: undefined, audience: undefined };

/**
 * @param keys the current key first; each is tried, since HS256 tokens of Better Auth name none, as long as it counts
 * @param kinds which payloads are taken: nested as Better Auth writes it, flat as moshi-server's documents print it
 * @param confirm asked about nested ones; flat ones hold nothing that could be confirmed
 */
export function sessionJwtVerifier(
  keys: readonly TimedKey<CryptoKey>[],
  rules: ClaimRules,
  kinds: ReadonlySet<TokenKind>,
  confirm: Confirm = asSigned,
): Verifier {
  return async (token, occasion) => {
    const read = readHeader(token, COOKIE_TOKEN_MAX_CHARS, "hs256");
    if ("reason" in read) return read;
    if (!isBetterAuths(read.header)) return { reason: "header-refused" };
    const opened = await openHs256(token, keysAt(keys, occasion.nowMs));
    if ("reason" in opened) return opened;
    const { payload, key } = opened;
    const used = { keyNumber: keyNumberOf(keys, key) };
    const fault = checkParties(payload, NOBODY);
    if (fault !== undefined) return fault;
    const tokenKind = Object.hasOwn(payload, "session") ? "session-jwt" : "session-jwt-flat";
    if (!kinds.has(tokenKind)) return { reason: "kind-not-taken" };
    return tokenKind === "session-jwt"
      ? checkNested(payload, rules, confirm, used, occasion)
      : toVerification(tokenKind, checkFlatClaims(payload, rules, occasion.nowMs), used);
  };
}

/** `{"alg":"HS256"}` and nothing else, as Better Auth writes it: no other name may have a say. */
function isBetterAuths(header: JsonObject): boolean {
  return header["alg"] === "HS256" && hasOnly(header, ["alg"]);
}

async function checkNested(
  payload: JsonObject,
  rules: ClaimRules,
  confirm: Confirm,
  used: KeyUsed,
  occasion: Occasion,
): Promise<Verification> {
  const claims = checkSessionClaims(payload, rules, occasion.nowMs);
  if ("reason" in claims) return claims;
  return toVerification("session-jwt", await confirm(claims, payload["session"], occasion), used);
}
