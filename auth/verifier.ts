// What every kind of credential has in common once it was accepted, and the shape of the thing that accepts it.
import type { AuthFailure } from "./failure.ts";
import type { Principal } from "./principal.ts";

export const TOKEN_KINDS = [
  "session-jwt",
  "session-jwt-flat",
  "session-jwe",
  "session-compact",
  "session-jwks",
  "session-token",
  "jwt",
  "shared-secret",
  "api-key",
  "ticket",
] as const;

export type TokenKind = (typeof TOKEN_KINDS)[number];

/** Which key made a credential: what an operator must know who takes one away. Neither for keys of programs, which are named. */
export interface KeyUsed {
  /** Its place among the secrets that were configured, from 0. */
  readonly keyNumber?: number | undefined;
  /** Its name among the public keys of the auth server (`kid`). */
  readonly keyId?: string | undefined;
}

/** An accepted credential. Holds no part of the token. */
export interface Verified extends KeyUsed {
  readonly kind: "verified";
  readonly tokenKind: TokenKind;
  readonly principal: Principal;
  /**
   * When the auth server last vouched for it, in seconds since 1970: a revocation ends what was vouched for before.
   * Undefined for keys.
   */
  readonly issuedAtS: number | undefined;
  /** When the session ends, in milliseconds since 1970; undefined for keys, which end when they are taken away. */
  readonly sessionEndsAtMs: number | undefined;
  /** When the token itself ends, in milliseconds since 1970; undefined where it has no end of its own. */
  readonly tokenEndsAtMs: number | undefined;
}

export type Verification = Verified | AuthFailure;

/** When and where a credential is verified, and what keeps the process from stopping in the middle of it. */
export interface Occasion {
  readonly nowMs: number;
  /** The gateway's own, as the client named it. */
  readonly origin: string;
  /** Lets work go on after the request that started it is gone: others may be waiting for its result. */
  readonly keepAlive: (work: Promise<unknown>) => void;
}

/** Verifies one kind of credential. Never throws and never rejects: what cannot be read is a failure. */
export type Verifier = (token: string, occasion: Occasion) => Promise<Verification>;

export function isVerified(verification: Verification): verification is Verified {
  return "kind" in verification;
}
