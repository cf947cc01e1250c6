// What every kind of credential has in common once it was accepted, and the shape of the thing that accepts it.
import type { AuthFailure } from "./failure.ts";
import type { Principal } from "./principal.ts";

export type TokenKind = "session-jwt";

/** An accepted credential. Holds no part of the token. */
export interface Verified {
  readonly kind: "verified";
  readonly tokenKind: TokenKind;
  readonly principal: Principal;
  /** When the session ends, in milliseconds since 1970. */
  readonly sessionEndsAtMs: number;
  /** When the token itself ends, in milliseconds since 1970. */
  readonly tokenEndsAtMs: number;
}

export type Verification = Verified | AuthFailure;

/** Verifies one kind of credential. Never throws and never rejects: what cannot be read is a failure. */
export type Verifier = (token: string, nowMs: number) => Promise<Verification>;

export function isVerified(verification: Verification): verification is Verified {
  return "kind" in verification;
}
