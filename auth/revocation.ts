// What a revocation ends: the one comparison, for sockets, for requests, and for whatever else stands for a user.
import { isUserId, type Principal } from "./principal.ts";

/** Somebody's word that what the auth server vouched for until then counts no more. */
export interface Revocation {
  readonly userId: string;
  /** Better Auth's `session.id`; undefined for all sessions of the user. */
  readonly sessionId: string | undefined;
  /** In seconds since 1970, as the `iat` of a token: what was vouched for within this second is revoked too. */
  readonly issuedBeforeS: number;
}

/** On whose account a connection or a request is. */
export interface Subject {
  readonly userId: string;
  readonly sessionId: string;
  /** When the auth server last vouched for it, in seconds since 1970. */
  readonly issuedAtS: number;
}

export function revokes({ userId, sessionId, issuedBeforeS }: Revocation, subject: Subject): boolean {
  if (subject.userId !== userId || subject.issuedAtS > issuedBeforeS) return false;
  return sessionId === undefined || subject.sessionId === sessionId;
}

/** Undefined for a program, and for a ticket that one made: its key is taken away by configuration. */
export function subjectOf(who: {
  readonly principal: Principal;
  readonly issuedAtS: number | undefined;
}): Subject | undefined {
  const { principal, issuedAtS = 0 } = who;
  if (principal.kind === "service" || !isUserId(principal.userId)) return undefined;
  return { userId: principal.userId, sessionId: principal.sessionId, issuedAtS };
}
