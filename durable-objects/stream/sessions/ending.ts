// How sessions end: a member is told in time to renew it, and goes when the grace behind its end is over.
import type { Session } from "../../../connection/attachment.ts";
import type { Deadlines } from "../deadlines.ts";
import type { FanOut } from "../delivery/fan-out.ts";
import type { Leaving } from "../members/leaving.ts";
import type { Member } from "../members/member.ts";
import type { Roster } from "../members/roster.ts";

interface Parts {
  readonly roster: Roster;
  readonly leaving: Leaving;
  readonly deadlines: Deadlines;
  readonly fanOut: Pick<FanOut, "tell">;
  /** How long before its end a session is told of it, in milliseconds; 0 where it is not. */
  readonly noticeMs: number;
}

export class Ending {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** When a member that joins is told of its end, in milliseconds since 1970; who holds a ticket cannot renew it. */
  noticeAtMs({ principal, endsAtMs }: Pick<Session, "principal" | "endsAtMs">): number {
    const { noticeMs } = this.#parts;
    const isTold = endsAtMs !== undefined && noticeMs > 0 && principal.kind !== "ticket";
    return isTold ? endsAtMs - noticeMs : Infinity;
  }

  /** The member's session is another one from here on. */
  renew(member: Member, session: Session, nowMs: number): void {
    const { endsAtMs } = session;
    // Whoever renews at each notice would do so without a pause, where tokens live shorter than the notice is long.
    const halfwayMs = endsAtMs === undefined ? Infinity : nowMs + Math.floor((endsAtMs - nowMs) / 2);
    member.renew(session, Math.max(this.noticeAtMs(session), halfwayMs));
    this.schedule(member, nowMs);
  }

  /** Makes sure that the object wakes for what is next of this member. */
  schedule(member: Member, nowMs: number): void {
    const { deadlines, leaving } = this.#parts;
    const nextMs = Math.min(member.noticeAtMs, leaving.endOf(member) ?? Infinity);
    // One that is overdue may never ring locally (workerd#3138).
    if (nextMs !== Infinity) deadlines.add(Math.max(nowMs, nextMs));
  }

  /** The alarm rang. */
  look(nowMs: number): void {
    const { leaving, roster } = this.#parts;
    for (const member of roster.members) {
      if (leaving.isOver(member, nowMs)) {
        leaving.expire(member);
        continue;
      }
      this.noticeIfDue(member, nowMs);
      this.schedule(member, nowMs);
    }
  }

  /** A member whose session was revoked with a grace: a newer token lifts it, and no token renews a ticket. */
  warnOfRevocation(member: Member): void {
    if (member.principal.kind !== "ticket") this.#tellEnd(member, member.revokedEndMs);
  }

  /** Tells a member once for each end. It is written down, so that a sleep in between does not repeat it. */
  noticeIfDue(member: Member, nowMs: number): void {
    // No member any more where it was told to go while others were told.
    if (nowMs < member.noticeAtMs || !this.#parts.roster.has(member)) return;
    member.noteNotice();
    this.#tellEnd(member, member.endsAtMs);
  }

  #tellEnd(member: Member, expiresAt: number | undefined): void {
    this.#parts.fanOut.tell(member, JSON.stringify({ type: "auth-expiring", expiresAt }));
  }
}
