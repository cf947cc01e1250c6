// What an assertion says: who makes the request that it comes with, to one upstream, for a minute. The gateway's word to others.
import type { JsonObject } from "../protocol/json.ts";
import type { ServicePrincipal, UserPrincipal } from "./principal.ts";

/** RFC 8725 §3.11: no other token has this `typ`, and no verifier of the gateway's own takes it. */
export const ASSERTION_TYPE = "sluice-assertion+jwt";
export const ASSERTION_LIFE_S = 60;

/** Of whom an upstream hears. Not of who holds a ticket, which opens one stream and nothing behind the gate. */
export type AssertedPrincipal = UserPrincipal | ServicePrincipal;

export interface Assertion {
  readonly principal: AssertedPrincipal;
  /** The gateway's origin, as the client named it. */
  readonly issuer: string;
  /** The upstream, as its route names it. */
  readonly audience: string;
  /** Seconds since 1970. */
  readonly madeAtS: number;
}

/** RFC 7519 §4.1, with `sid` of OpenID Connect for a user's session, and `kind` as in the header `X-Auth-Kind`. */
export function toAssertionClaims({ principal, issuer, audience, madeAtS }: Assertion): JsonObject {
  const { kind, userId } = principal;
  const session = principal.kind === "user" ? { sid: principal.sessionId } : {};
  return { iss: issuer, aud: audience, sub: userId, kind, ...session, iat: madeAtS, exp: madeAtS + ASSERTION_LIFE_S };
}
