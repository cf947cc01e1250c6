// JWTs of Better Auth's jwt plugin: signed with a key of the auth server, of which the gateway knows the public half.
import type { JsonObject } from "../../protocol/json.ts";
import { TOKEN_MAX_CHARS } from "../../protocol/limits.ts";
import type { KeySets } from "../key-sets.ts";
import { openWithKey } from "../key-signed.ts";
import { isBareUserId } from "../principal.ts";
import { checkParties, checkTimes } from "../registered-claims.ts";
import { isVerified, type Verification, type Verifier } from "../verifier.ts";

/** `/token` writes no `typ`; access tokens of an authorization server have another one (RFC 9068 §2.1). */
const TYPES: readonly unknown[] = [undefined, "JWT"];

export function jwtVerifier(keySets: KeySets, maxTokenLifetimeS: number): Verifier {
  return async (token, occasion) => {
    const opened = await openWithKey(token, { types: TYPES, maxChars: TOKEN_MAX_CHARS }, keySets, occasion);
    if ("reason" in opened) return opened;
    const { payload, keyId } = opened;
    const checked = checkPayload(payload, keySets.issuerFor(occasion), maxTokenLifetimeS, occasion.nowMs);
    return isVerified(checked) ? { ...checked, keyId } : checked;
  };
}

/**
 * `{sub, iat, exp, iss, aud, …fields of the user}` (`packages/better-auth/src/plugins/jwt/sign.ts`). Issuer and audience
 * are both the auth server's origin; Better Auth writes none where it does not know its own, and then nobody gets in.
 */
function checkPayload(payload: JsonObject, issuer: string, maxTokenLifetimeS: number, nowMs: number): Verification {
  const times = checkTimes(payload, maxTokenLifetimeS, nowMs);
  if ("reason" in times) return times;
  const fault = checkParties(payload, { issuer, audience: issuer });
  if (fault !== undefined) return fault;
  const { sub, id = sub, banned } = payload;
  // Where `getSubject` writes something else, such as an address that may change hands, it is not who it is.
  if (!isBareUserId(sub) || id !== sub) return { reason: "claims-invalid", claim: "sub" };
  if (banned === true) return { reason: "user-banned" };
  // Such a token does not say which session it was made for, so there is none that could live longer.
  const principal = { kind: "user", userId: sub, sessionId: sub } as const;
  return { kind: "verified", tokenKind: "jwt", principal, sessionEndsAtMs: times.tokenEndsAtMs, ...times };
}
