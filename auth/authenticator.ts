// From a token to who it is and until when; the rest of the house asks here and knows no kind of token.
import type { SessionLifetime } from "./config.ts";
import type { Slot } from "./credential.ts";
import type { AuthFailure } from "./failure.ts";
import { isAdmin, type Principal } from "./principal.ts";
import { isVerified, type Occasion, type Verifier } from "./verifier.ts";

/** A principal that may act, and until when. */
export interface Authenticated {
  readonly kind: "authenticated";
  readonly principal: Principal;
  /** When a socket of this principal ends unless renewed, in milliseconds since 1970; undefined for keys. */
  readonly endsAtMs: number | undefined;
}

/** Never throws and never rejects for what a client sent. */
export type Authenticator = (token: string, slot: Slot, occasion: Occasion) => Promise<Authenticated | AuthFailure>;

/** The verifiers of a deployment by the form of what they take; absent where a kind is off or not configured. */
export interface Verifiers {
  /** Three parts of base64url. */
  readonly jwt: Verifier | undefined;
  readonly apiKey: Verifier | undefined;
  readonly sessionToken: Verifier | undefined;
}

/** Three parts, the first of which begins as base64url of `{"`; what they hold is the verifier's business. */
const JWT_FORM = /^eyJ[^.]*\.[^.]*\.[^.]*$/;

export function makeAuthenticator(verifiers: Verifiers, sessionLifetime: SessionLifetime): Authenticator {
  return async (token, slot, occasion) => {
    const verification = await verifyByForm(verifiers, token, slot, occasion);
    if (!isVerified(verification)) return verification;
    const { principal, sessionEndsAtMs, tokenEndsAtMs } = verification;
    if (slot === "query" && isAdmin(principal)) return { reason: "admin-key-in-url" };
    const endsAtMs = sessionLifetime === "session" ? sessionEndsAtMs : earlier(sessionEndsAtMs, tokenEndsAtMs);
    return { kind: "authenticated", principal, endsAtMs };
  };
}

export function isAuthenticated(result: Authenticated | AuthFailure): result is Authenticated {
  return "kind" in result;
}

/** A key has no form of its own, so it is looked for first wherever it may stand: that costs no question to anyone. */
async function verifyByForm({ jwt, apiKey, sessionToken }: Verifiers, token: string, slot: Slot, occasion: Occasion) {
  if (slot !== "api-key" && JWT_FORM.test(token)) return jwt?.(token, occasion) ?? NOT_TAKEN;
  // The cookie always has its signature.
  if (slot === "cookie") return token.includes(".") ? (sessionToken?.(token, occasion) ?? NOT_TAKEN) : NOT_TAKEN;
  const asKey = (await apiKey?.(token, occasion)) ?? NOT_TAKEN;
  if (isVerified(asKey) || slot === "api-key") return asKey;
  return sessionToken?.(token, occasion) ?? NOT_TAKEN;
}

const NOT_TAKEN: AuthFailure = { reason: "kind-not-taken" };

function earlier(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
}
