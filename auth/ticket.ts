// What a ticket says: who let whom do what on which stream, until when. The gateway's own token, as it stands in a URL.
import type { JsonObject } from "../protocol/json.ts";
import type { Operation, TicketPrincipal } from "./principal.ts";

/** RFC 8725 §3.11: no other token that a secret of the house signs has this `typ`. */
export const TICKET_TYPE = "sluice-ticket+jwt";
export const TICKET_AUDIENCE = "sluice:ticket";

/** In whose name a ticket acts. */
export interface TicketSubject {
  readonly userId: string;
  readonly sessionId: string;
  /** When the auth server last vouched for the subject, in seconds since 1970: a revocation ends what was before. */
  readonly issuedAtS: number;
  /** Until when a socket lives that the ticket opened, in milliseconds since 1970. */
  readonly sessionEndsAtMs: number;
}

export interface Ticket extends TicketSubject {
  readonly ticketId: string;
  readonly streamId: string;
  readonly epoch: string;
  readonly operations: readonly Operation[];
  /** Seconds since 1970. */
  readonly mintedAtS: number;
  /** Seconds since 1970; from then on it opens nothing. */
  readonly expiresAtS: number;
}

/** RFC 7519 §4.1, with `sid` and `auth_time` of OpenID Connect for the session behind it. */
export function toClaims({
  ticketId,
  userId,
  sessionId,
  issuedAtS,
  mintedAtS,
  expiresAtS,
  ...rest
}: Ticket): JsonObject {
  const { streamId, epoch, operations, sessionEndsAtMs } = rest;
  return {
    aud: TICKET_AUDIENCE,
    jti: ticketId,
    sub: userId,
    sid: sessionId,
    auth_time: issuedAtS,
    iat: mintedAtS,
    exp: expiresAtS,
    streamId,
    epoch,
    operations,
    sessionEndsAtMs,
  };
}

/** Unchecked: whoever knows the key wrote it, and `isPrincipal` has the last word. */
export function principalOf({ jti, sub, sid, streamId, epoch, operations }: JsonObject): {
  readonly [Name in keyof TicketPrincipal]: unknown;
} {
  return { kind: "ticket", ticketId: jti, userId: sub, sessionId: sid, streamId, epoch, operations };
}
