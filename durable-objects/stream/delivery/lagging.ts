// Looks again at consumers that have not read all: nothing tells when there is room, and nothing else when there never is.
import { logBug } from "../../../connection/log.ts";
import { LOOK_LATER_MS, LOOK_SOON_MS } from "../../../connection/looks.ts";
import type { Total } from "../../../connection/outbox.ts";
import { type Leaving, OPEN } from "../members/leaving.ts";
import type { Member } from "../members/member.ts";
import type { Roster } from "../members/roster.ts";

/** Rings once after so many milliseconds; the function that is returned takes it back. */
export type Timer = (ms: number, ring: () => void) => () => void;

interface Parts {
  readonly roster: Roster;
  readonly leaving: Pick<Leaving, "isOver" | "expire" | "expel" | "gone">;
  readonly timer: Timer;
  /** How long a message may wait for others to leave in one text with it, in milliseconds. */
  readonly batchDelayMs: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** What waits for all, added up for one look. */
  readonly total: () => Total;
}

type Next = "none" | "later" | "soon";

/**
 * No timer runs where nobody is behind, so that the object may fall asleep; a socket that is not read would keep it in memory
 * anyway, and is billed for it.
 */
export class Lagging {
  readonly #parts: Parts;
  readonly #waiting = new Set<Member>();
  readonly #gathering = new Set<Member>();
  /** When all were looked at last. */
  #sawAllAtMs = 0;
  #takeBack: () => void = () => undefined;
  #next: Next = "none";

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Something was sent; what is not read of it is seen later. */
  noteSent(): void {
    if (this.#next === "none") this.#schedule("later");
  }

  /** A frame waits for room. */
  noteWaiting(member: Member): void {
    this.#waiting.add(member);
    if (this.#next !== "soon") this.#schedule("soon");
  }

  /** A message waits for others to leave in one text with it. */
  noteGathered(member: Member): void {
    if (this.#gathering.size === 0) {
      this.#parts.timer(this.#parts.batchDelayMs, () => this.#flushBatches());
    }
    this.#gathering.add(member);
  }

  #flushBatches(): void {
    const { leaving, now, roster } = this.#parts;
    const members = [...this.#gathering];
    this.#gathering.clear();
    for (const member of members) {
      if (!roster.has(member) || member.socket.readyState !== OPEN) continue;
      // A bug that one member meets is not the others'.
      try {
        if (member.outbox.flushBatch(now()) === "broken") leaving.gone(member.socket);
      } catch (bug) {
        logBug("batches", bug);
      }
    }
    this.noteSent();
  }

  /** A member has room again by its own word. */
  look(member: Member): void {
    const found = this.#lookAt(member, this.#parts.total());
    if (found === "soon") this.noteWaiting(member);
    else if (found === "later") this.noteSent();
  }

  #schedule(next: "later" | "soon"): void {
    this.#takeBack();
    this.#next = next;
    this.#takeBack = this.#parts.timer(next === "soon" ? LOOK_SOON_MS : LOOK_LATER_MS, () => {
      this.#ring(next);
    });
  }

  #ring(looked: "later" | "soon"): void {
    this.#next = "none";
    const { now, roster, total } = this.#parts;
    // Of a few it is looked soon, of all later; also while some wait all the time.
    // And by a clock that stepped back.
    const seesAll = looked === "later" || Math.abs(now() - this.#sawAllAtMs) >= LOOK_LATER_MS;
    if (seesAll) this.#sawAllAtMs = now();
    const members = seesAll ? roster.members : [...this.#waiting];
    this.#waiting.clear();
    const sum = total();
    let next: Next = "none";
    for (const member of members) {
      const found = this.#tryToLookAt(member, sum);
      if (found === "soon") this.#waiting.add(member);
      if (found === "soon" || next === "none") next = found;
    }
    // Who was not looked at now may be behind.
    if (!seesAll && next === "none") next = "later";
    if (next !== "none") this.#schedule(next);
  }

  /** A bug that one member meets is not the others'. */
  #tryToLookAt(member: Member, total: Total): Next {
    try {
      return this.#lookAt(member, total);
    } catch (bug) {
      logBug("lagging", bug);
      return "later";
    }
  }

  #lookAt(member: Member, total: Total): Next {
    const { leaving, now, roster } = this.#parts;
    if (!roster.has(member) || member.socket.readyState !== OPEN) return "none";
    const nowMs = now();
    // As before each send, since the alarm that ends a session may be late.
    if (leaving.isOver(member, nowMs)) {
      leaving.expire(member);
      return "none";
    }
    switch (member.outbox.look(total, nowMs)) {
      case "clear":
        return "none";
      case "waits":
        return "soon";
      case "behind":
        return "later";
      case "stalled":
        leaving.expel(member, "SLOW_CONSUMER");
        return "none";
      case "broken":
        leaving.gone(member.socket);
        return "none";
    }
  }
}
