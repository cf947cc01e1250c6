// Better Auth's cookie cache signed with a key (`jwt({sessionCookieCache: true})`): a session that no shared secret can forge.
import { isJsonObject, type JsonObject } from "../../protocol/json.ts";
import { checkSessionClaims, type ClaimRules, toVerification } from "../claims.ts";
import { COOKIE_TOKEN_MAX_CHARS } from "../cookies.ts";
import type { AuthFailure } from "../failure.ts";
import type { KeySets } from "../key-sets.ts";
import { openWithKey } from "../key-signed.ts";
import { checkParties } from "../registered-claims.ts";
import type { Verifier } from "../verifier.ts";

/** Both from `packages/better-auth/src/cookies/jwt.ts`: no other token of the same keys has them. */
const TYPE = "better-auth.session-cache+jwt";
const AUDIENCE = "better-auth:session-cache";

export function sessionJwksVerifier(keySets: KeySets, rules: ClaimRules): Verifier {
  return async (token, occasion) => {
    const opened = await openWithKey(token, { types: [TYPE], maxChars: COOKIE_TOKEN_MAX_CHARS }, keySets, occasion);
    if ("reason" in opened) return opened;
    const { payload, keyId } = opened;
    const claims = checkSessionClaims(payload, rules, occasion.nowMs);
    if ("reason" in claims) return claims;
    const parties = { issuer: keySets.issuerFor(occasion), audience: AUDIENCE };
    return checkParties(payload, parties) ?? subjectFault(payload) ?? toVerification("session-jwks", claims, { keyId });
  };
}

/** What stands outside must be the session and the user inside, as Better Auth demands too. */
function subjectFault({ sub, sid, session, user }: JsonObject): AuthFailure | undefined {
  if (!isJsonObject(user) || sub !== user["id"]) return { reason: "claims-invalid", claim: "sub" };
  if (!isJsonObject(session) || typeof sid !== "string" || sid !== session["token"]) {
    return { reason: "claims-invalid", claim: "sid" };
  }
  return undefined;
}
