// Revocations, as a stream hears of them: members go at once or after a while, and who is still on his way in is refused.
import { type Revocation, revokes, type Subject } from "../../../auth/revocation.ts";
import type { Deadlines } from "../deadlines.ts";
import type { Leaving } from "../members/leaving.ts";
import type { Member } from "../members/member.ts";
import type { Roster } from "../members/roster.ts";

interface Parts {
  readonly roster: Roster;
  readonly leaving: Leaving;
  readonly deadlines: Deadlines;
  /** Tells a member that it may stay for a while only, unless it renews. */
  readonly warn: (member: Member) => void;
}

/** Who was admitted before the word came has his answer long before. In memory only: who is on his way in keeps it there. */
const FRESH_FOR_MS = 60_000;

interface Fresh {
  readonly revocation: Revocation;
  readonly untilMs: number;
}

export class Revoking {
  readonly #parts: Parts;
  #fresh: readonly Fresh[] = [];

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** @param graceMs how long members may stay */
  endSessions(revocation: Revocation, graceMs: number, nowMs: number): void {
    const { deadlines, leaving, roster, warn } = this.#parts;
    this.#fresh = [...this.#freshAt(nowMs), { revocation, untilMs: nowMs + FRESH_FOR_MS }];
    for (const member of roster.members) {
      const { subject } = member;
      if (subject === undefined || !revokes(revocation, subject)) continue;
      if (graceMs > 0) {
        member.revoke({ ...revocation, endsAtMs: nowMs + graceMs });
        deadlines.add(nowMs + graceMs);
        warn(member);
      } else leaving.expel(member, "SESSION_REVOKED");
    }
  }

  /** Whether the word came while this one was on his way in. */
  hasRevoked(subject: Subject, nowMs: number): boolean {
    return this.#freshAt(nowMs).some(({ revocation }) => revokes(revocation, subject));
  }

  #freshAt(nowMs: number): readonly Fresh[] {
    return this.#fresh.filter(({ untilMs }) => nowMs < untilMs);
  }
}
