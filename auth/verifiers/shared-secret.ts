// JWTs of another system, signed with a secret that it shares with the gateway and with nobody else: HS256, flat claims.
import type { JsonObject } from "../../protocol/json.ts";
import { TOKEN_MAX_CHARS } from "../../protocol/limits.ts";
import { textOfId } from "../claims.ts";
import { hasOnly, openHs256, readHeader } from "../jws.ts";
import type { JwtSecret } from "../jwt-secret.ts";
import { foreignUser } from "../principal.ts";
import { checkParties, checkTimes } from "../registered-claims.ts";
import type { Verification, Verifier } from "../verifier.ts";

/** @param key of the other system's secret, which is none of the auth server's */
export function sharedSecretVerifier(
  key: CryptoKey,
  rules: Omit<JwtSecret, "value">,
  maxTokenLifetimeS: number,
): Verifier {
  return async (token, { nowMs }) => {
    const read = readHeader(token, TOKEN_MAX_CHARS, "hs256");
    if ("reason" in read) return read;
    if (!isPlain(read.header)) return { reason: "header-refused" };
    const opened = await openHs256(token, [key]);
    return "reason" in opened ? opened : checkPayload(opened.payload, rules, maxTokenLifetimeS, nowMs);
  };
}

/** What libraries write by themselves. A `kid` may stand there and is not looked at: there is one key. */
function isPlain(header: JsonObject): boolean {
  const { alg, typ = "JWT", kid = "" } = header;
  return alg === "HS256" && typ === "JWT" && typeof kid === "string" && hasOnly(header, ["alg", "typ", "kid"]);
}

function checkPayload(
  payload: JsonObject,
  { userClaim, ...demanded }: Omit<JwtSecret, "value">,
  maxTokenLifetimeS: number,
  nowMs: number,
): Verification {
  const times = checkTimes(payload, maxTokenLifetimeS, nowMs);
  if ("reason" in times) return times;
  const fault = checkParties(payload, demanded);
  if (fault !== undefined) return fault;
  const principal = foreignUser(Object.hasOwn(payload, userClaim) ? textOfId(payload[userClaim]) : undefined);
  if (principal === undefined) return { reason: "claims-invalid", claim: userClaim };
  // There is no session behind it that could live longer.
  return { kind: "verified", tokenKind: "shared-secret", principal, sessionEndsAtMs: times.tokenEndsAtMs, ...times };
}
