// Every reason why a credential is refused, and the few words of it that a client may read.
import type { Code } from "../protocol/codes.ts";

/** Rich inside, for tests and audit. Holds no part of the credential. */
export type AuthFailure =
  /** What stands where a credential belongs is none, or is several. */
  | { readonly reason: "unreadable" }
  | { readonly reason: "too-long" }
  | { readonly reason: "not-a-token" }
  | { readonly reason: "not-canonical" }
  | { readonly reason: "header-refused" }
  | { readonly reason: "signature-mismatch" }
  /** The token names a key that is none of ours. */
  | { readonly reason: "unknown-kid" }
  | { readonly reason: "claims-missing"; readonly claim: string }
  | { readonly reason: "claims-invalid"; readonly claim: string }
  | { readonly reason: "issued-in-the-future"; readonly iat: number }
  | { readonly reason: "lifetime-too-long"; readonly lifetimeS: number }
  | { readonly reason: "token-expired"; readonly exp: number }
  | { readonly reason: "session-expired"; readonly expiresAtMs: number }
  | { readonly reason: "wrong-cache-version" }
  | { readonly reason: "user-banned" }
  /** No kind of token that this deployment takes has this form. */
  | { readonly reason: "kind-not-taken" }
  | { readonly reason: "unknown-key" }
  /** A URL is logged on its way, and this key opens everything. */
  | { readonly reason: "admin-key-in-url" }
  | { readonly reason: "session-not-found" }
  /** The auth server did not answer, or said that it cannot now. */
  | { readonly reason: "auth-server-unavailable" };

/** What leaves the process: an attacker learns nothing but that a token, whose signature was right, is over. */
export interface PublicFailure {
  readonly code: Extract<Code, "AUTH_FAILED" | "AUTH_UNAVAILABLE">;
  readonly reason?: "expired";
}

export function toPublic(failure: AuthFailure): PublicFailure {
  switch (failure.reason) {
    case "token-expired":
    case "session-expired":
      return { code: "AUTH_FAILED", reason: "expired" };
    case "unreadable":
    case "too-long":
    case "not-a-token":
    case "not-canonical":
    case "header-refused":
    case "signature-mismatch":
    case "unknown-kid":
    case "claims-missing":
    case "claims-invalid":
    case "issued-in-the-future":
    case "lifetime-too-long":
    case "wrong-cache-version":
    case "user-banned":
    case "kind-not-taken":
    case "unknown-key":
    case "admin-key-in-url":
    case "session-not-found":
      return { code: "AUTH_FAILED" };
    case "auth-server-unavailable":
      return { code: "AUTH_UNAVAILABLE" };
  }
}
