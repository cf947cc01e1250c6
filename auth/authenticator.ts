// From a token to who it is and until when; the rest of the house asks here and knows no kind of token.
import type { SessionLifetime } from "./config.ts";
import { type AuthFailure } from "./failure.ts";
import type { Principal } from "./principal.ts";
import { isVerified, type Verifier } from "./verifier.ts";

/** A principal that may act, and until when. */
export interface Authenticated {
  readonly kind: "authenticated";
  readonly principal: Principal;
  /** When a socket of this principal ends unless renewed, in milliseconds since 1970. */
  readonly endsAtMs: number;
}

/** Never throws and never rejects for what a client sent. */
export type Authenticator = (token: string, nowMs: number) => Promise<Authenticated | AuthFailure>;

export function makeAuthenticator(verify: Verifier, sessionLifetime: SessionLifetime): Authenticator {
  return async (token, nowMs) => {
    const verification = await verify(token, nowMs);
    if (!isVerified(verification)) return verification;
    const { principal, sessionEndsAtMs, tokenEndsAtMs } = verification;
    const endsAtMs = sessionLifetime === "session" ? sessionEndsAtMs : Math.min(sessionEndsAtMs, tokenEndsAtMs);
    return { kind: "authenticated", principal, endsAtMs };
  };
}

export function isAuthenticated(result: Authenticated | AuthFailure): result is Authenticated {
  return "kind" in result;
}
