// Members that showed that they send keepalives, and then fell silent, are gone: their network ended without a word.
import { DEADLINE_GRAIN_MS, type Deadlines } from "../deadlines.ts";
import type { Leaving } from "../members/leaving.ts";
import type { MemberSocket } from "../members/member.ts";
import type { Roster } from "../members/roster.ts";

interface Parts {
  readonly roster: Roster;
  readonly leaving: Leaving;
  readonly deadlines: Deadlines;
  /** Silence after which a member is gone, in milliseconds. */
  readonly idleTimeoutMs: number;
  /** When the runtime last answered a keepalive of this socket, which wakes nobody; undefined where it never did. */
  readonly keepaliveAtMs: (socket: MemberSocket) => number | undefined;
}

/** How exactly it is written down when a member was heard, as a part of the timeout. */
export const HEARD_GRAIN = 1 / 10;

/**
 * One alarm a timeout at most, however many members there are. A member whose last hop is a bridge is the bridge's to
 * watch: its keepalives end there.
 */
export class Liveness {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** A member has come. */
  schedule(nowMs: number): void {
    const { deadlines, idleTimeoutMs } = this.#parts;
    // Deadlines are rounded up: by a grain less it is the timeout at most, so that silence is noticed within twice that.
    deadlines.add(nowMs + Math.max(0, idleTimeoutMs - DEADLINE_GRAIN_MS + 1));
  }

  /** The alarm rang. */
  look(nowMs: number): void {
    const { roster, leaving, idleTimeoutMs, keepaliveAtMs } = this.#parts;
    const direct = roster.members.filter(({ hop }) => hop === "direct");
    for (const member of direct) {
      const keptAliveAtMs = keepaliveAtMs(member.socket);
      if (keptAliveAtMs === undefined) continue;
      if (nowMs - Math.max(keptAliveAtMs, member.heardAtMs) >= idleTimeoutMs) leaving.expel(member, "IDLE");
    }
    if (direct.length > 0) this.schedule(nowMs);
  }
}
