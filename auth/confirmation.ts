// Whether the auth server knows a session that a token tells of, since a signature alone only says who holds the secret.
import { isJsonObject } from "../protocol/json.ts";
import type { SessionClaims } from "./claims.ts";
import type { AuthFailure } from "./failure.ts";
import { readSessionToken, type SessionAnswers } from "./session-answers.ts";
import type { Occasion } from "./verifier.ts";

/** @param session as the token holds it, whose claims were found good */
export type Confirm = (
  claims: SessionClaims,
  session: unknown,
  occasion: Occasion,
) => Promise<SessionClaims | AuthFailure>;

/** The signature is enough. */
export const asSigned: Confirm = (claims) => Promise.resolve(claims);

/**
 * Better Auth signs its cookies with the bare secret, as it signs these sessions. Whoever gets a text of his own choice
 * signed so can make up a session of anybody; what he cannot make up is that session's opaque token, which the auth
 * server keeps. Ends at the earlier of both ends, and counts as vouched for at the earlier of both times.
 */
export function confirmBy(answers: SessionAnswers): Confirm {
  return async (claims, session, occasion) => {
    const text = isJsonObject(session) ? session["token"] : undefined;
    const sessionToken = typeof text === "string" ? readSessionToken(text) : undefined;
    if (sessionToken?.kind !== "raw") return { reason: "claims-invalid", claim: "session.token" };
    const known = await answers.find(sessionToken, occasion);
    if ("reason" in known) return known;
    const { principal, sessionEndsAtMs, askedAtMs } = known;
    if (principal.sessionId !== claims.principal.sessionId) return { reason: "claims-invalid", claim: "session.id" };
    if (principal.userId !== claims.principal.userId) return { reason: "claims-invalid", claim: "session.userId" };
    return {
      ...claims,
      sessionEndsAtMs: Math.min(claims.sessionEndsAtMs, sessionEndsAtMs),
      issuedAtS: Math.min(claims.issuedAtS, Math.floor(askedAtMs / 1000)),
    };
  };
}
