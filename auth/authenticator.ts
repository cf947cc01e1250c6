// From a token to who it is and until when; the rest of the house asks here and knows no kind of token.
import type { SessionLifetime } from "./config.ts";
import type { Slot } from "./credential.ts";
import type { AuthFailure } from "./failure.ts";
import { isAdmin, type Principal } from "./principal.ts";
import { formOf, type TokenForm } from "./token-form.ts";
import {
  isVerified,
  type KeyUsed,
  type Occasion,
  type TokenKind,
  type Verification,
  type Verifier,
} from "./verifier.ts";

/** A principal that may act, and until when. */
export interface Authenticated {
  readonly kind: "authenticated";
  readonly principal: Principal;
  /** When the auth server last vouched for it, in seconds since 1970; undefined for keys. */
  readonly issuedAtS: number | undefined;
  /** When a socket of this principal ends unless renewed, in milliseconds since 1970; undefined for keys. */
  readonly endsAtMs: number | undefined;
  /** By what it was known, for the operator's eyes. */
  readonly shown: Shown;
}

export interface Shown extends KeyUsed {
  readonly tokenKind: TokenKind;
}

/** Never throws and never rejects for what a client sent. */
export type Authenticator = (token: string, slot: Slot, occasion: Occasion) => Promise<Authenticated | AuthFailure>;

/** The verifiers of a deployment; absent where a kind is off or not configured. That of `session-jwt` takes flat ones too. */
export type Verifiers = { readonly [Name in VerifierName]?: Verifier | undefined };

export type VerifierName = Exclude<TokenKind, "session-jwt-flat">;

/**
 * Who is asked about a token, in order. A secret of the auth server is never another system's, so at most one of the two
 * that verify HS256 knows the key; the two that verify by public keys each demand another `typ`. A key of a program has
 * no form of its own, so it is looked for first wherever it may stand: that costs no question to anyone.
 */
const ASKED: Record<TokenForm, readonly VerifierName[]> = {
  "signed-by-secret": ["session-jwt", "shared-secret"],
  "signed-by-key": ["session-jwks", "jwt"],
  encrypted: ["session-jwe"],
  compact: ["session-compact"],
  opaque: ["api-key", "session-token"],
  ticket: ["ticket"],
};

/** What Better Auth sets as a cookie. */
const IN_COOKIES: ReadonlySet<VerifierName> = new Set([
  "session-jwt",
  "session-jwe",
  "session-compact",
  "session-jwks",
  "session-token",
]);

export function makeAuthenticator(verifiers: Verifiers, sessionLifetime: SessionLifetime): Authenticator {
  return async (token, slot, occasion) => {
    const verification = await verifyInOrder(verifiers, token, slot, occasion);
    if (!isVerified(verification)) return verification;
    const { principal, issuedAtS, sessionEndsAtMs, tokenEndsAtMs, tokenKind, keyNumber, keyId } = verification;
    if (slot === "query" && isAdmin(principal)) return { reason: "admin-key-in-url" };
    const endsAtMs = sessionLifetime === "session" ? sessionEndsAtMs : earlier(sessionEndsAtMs, tokenEndsAtMs);
    return { kind: "authenticated", principal, issuedAtS, endsAtMs, shown: { tokenKind, keyNumber, keyId } };
  };
}

export function isAuthenticated(result: Authenticated | AuthFailure): result is Authenticated {
  return "kind" in result;
}

/** The first verifier that knows the token's key decides, however it decides; the last one's refusal stands. */
async function verifyInOrder(
  verifiers: Verifiers,
  token: string,
  slot: Slot,
  occasion: Occasion,
): Promise<Verification> {
  let refusal: AuthFailure = { reason: "kind-not-taken" };
  for (const name of namesFor(token, slot)) {
    const verifier = verifiers[name];
    if (verifier === undefined) continue;
    // oxlint-disable-next-line no-await-in-loop -- the next one is asked only where this one does not know the token
    const verification = await verifier(token, occasion);
    if (isVerified(verification) || !mayBeAnothers(verification)) return verification;
    refusal = verification;
  }
  return refusal;
}

function namesFor(token: string, slot: Slot): readonly VerifierName[] {
  if (slot === "api-key" || slot === "ticket") return [slot];
  const names = ASKED[formOf(token)];
  if (slot !== "cookie") return names;
  // The cookie of a session token always has its signature.
  return names.filter((name) => IN_COOKIES.has(name) && (name !== "session-token" || token.includes(".")));
}

/** Whether a verifier refused a token because none of its own keys made it. */
function mayBeAnothers({ reason }: AuthFailure): boolean {
  return reason === "unknown-key" || reason === "header-refused" || reason === "signature-mismatch";
}

function earlier(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
}
