// What this room needs from outside: the auth server, asked about a session, or for its public keys.

/** A session token as Better Auth's cookie holds it, `<token>.<signature>`, or without its signature. */
export type SessionToken =
  | { readonly kind: "signed"; readonly text: string }
  | { readonly kind: "raw"; readonly text: string };

export type AuthServerAnswer =
  /** What `/get-session` said, unchecked. */
  | { readonly kind: "session"; readonly session: unknown; readonly user: unknown }
  /** The auth server knows no such session: 200 with the body `null`. */
  | { readonly kind: "none" }
  /** No answer in time, or 429, or 5xx, or one that cannot be read. */
  | { readonly kind: "unavailable" };

/**
 * Never rejects: whatever goes wrong is `unavailable`.
 * @param gatewayOrigin under which the client reached the gateway; an auth server behind it knows itself by that name
 */
export type AuthServer = (token: SessionToken, gatewayOrigin: string) => Promise<AuthServerAnswer>;

export type KeySetAnswer =
  /** RFC 7517 §5, unchecked. */
  | { readonly kind: "keys"; readonly keySet: unknown }
  /** No answer in time, or one that is no set of keys. */
  | { readonly kind: "unavailable" };

export interface KeySource {
  /** Under which name the auth server issues tokens to clients that reached the gateway so: its origin. */
  readonly issuerOf: (gatewayOrigin: string) => string;
  /** Never rejects: whatever goes wrong is `unavailable`. */
  readonly ask: (gatewayOrigin: string) => Promise<KeySetAnswer>;
}
