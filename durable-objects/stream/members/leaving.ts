// How a member leaves: told why, closed, forgotten at once, and the others are told.
import { ABNORMAL_CLOSURE } from "../../../connection/close.ts";
import { errorText, type ErrorDetail } from "../../../protocol/answers.ts";
import { type Code, CODES } from "../../../protocol/codes.ts";
import type { Member, MemberSocket } from "./member.ts";
import type { Roster } from "./roster.ts";

/** `WebSocket.OPEN`: a socket that is closing is still listed, and sending to it throws. */
export const OPEN = 1;

interface Parts {
  readonly roster: Roster;
  /** How long a socket outlives its session, in milliseconds. */
  readonly authGraceMs: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Told of each member that is none any more. @param code undefined where it left by itself */
  readonly left: (member: Member, closeCode: number, code: Code | undefined) => void;
}

export class Leaving {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** When a member's session is over, or what it may stay on after a revocation, in milliseconds since 1970; undefined for one that has no end. */
  endOf({ endsAtMs, revokedEndMs }: Member): number | undefined {
    const sessionEndMs = endsAtMs === undefined ? undefined : endsAtMs + this.#parts.authGraceMs;
    return revokedEndMs === undefined ? sessionEndMs : Math.min(sessionEndMs ?? revokedEndMs, revokedEndMs);
  }

  isOver(member: Member, nowMs: number): boolean {
    const endMs = this.endOf(member);
    return endMs !== undefined && nowMs >= endMs;
  }

  /** For a member that is over: it is told why. */
  expire(member: Member): void {
    this.expel(member, this.endOf(member) === member.revokedEndMs ? "SESSION_REVOKED" : "TOKEN_EXPIRED");
  }

  /** Nothing is sent to it or taken from it any more. */
  expel(member: Member, code: Code, detail: ErrorDetail = {}): void {
    try {
      this.#remove(member, CODES[code].closeCode, code);
      // What was gathered for it was sent before the word that ends it; who does not read is not sent more.
      if (code === "SLOW_CONSUMER") member.outbox.forget();
      else if (member.socket.readyState === OPEN) member.outbox.flushBatch(this.#parts.now());
    } finally {
      // Whatever happens while the others are told: who is no member any more has no open socket.
      closeSaying(member.socket, code, detail);
    }
  }

  /** For a member that was told already. */
  close(member: Member, closeCode: number, reason: string): void {
    this.#remove(member, closeCode, undefined);
    member.socket.close(closeCode, reason);
  }

  /** Its socket is gone, whoever closed it. @param closeCode that its client sent, if any */
  gone(socket: MemberSocket, closeCode: number = ABNORMAL_CLOSURE): void {
    const { roster, left } = this.#parts;
    const member = roster.find(socket);
    roster.forget(socket);
    if (member !== undefined) left(member, closeCode, undefined);
  }

  #remove(member: Member, closeCode: number, code: Code | undefined): void {
    const { roster, left } = this.#parts;
    if (!roster.has(member)) return;
    roster.remove(member);
    left(member, closeCode, code);
  }
}

export function closeSaying(socket: MemberSocket, code: Code, detail: ErrorDetail = {}): void {
  if (socket.readyState !== OPEN) return;
  try {
    socket.send(errorText(code, detail));
  } catch {
    // Its connection broke a moment ago; what matters is that the others are not stopped by it.
  }
  socket.close(CODES[code].closeCode, code);
}
