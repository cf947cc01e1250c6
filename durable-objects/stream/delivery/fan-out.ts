// Sends to members, each through its own bounded outbox: the slowest decides nothing for the others.
import type { Outcome } from "../../../connection/outbox.ts";
import { sizeOf } from "../../../connection/sized.ts";
import { type Leaving, OPEN } from "../members/leaving.ts";
import type { Member } from "../members/member.ts";
import type { Roster } from "../members/roster.ts";
import type { Counters } from "./counters.ts";
import type { Lagging } from "./lagging.ts";
import type { Relayed } from "./relayed.ts";
import { TotalWaiting } from "./total-waiting.ts";

interface Parts {
  readonly roster: Roster;
  readonly leaving: Pick<Leaving, "isOver" | "expire" | "expel" | "gone">;
  readonly lagging: Pick<Lagging, "noteSent" | "noteGathered" | "noteWaiting">;
  readonly counters: Counters;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export class FanOut {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * To everyone who consumes the type; returns to how many at once. Its own sender gets it only where it is durable: that
   * is its confirmation.
   */
  relay(message: Relayed, sender: Member | undefined, nowMs: number): number {
    const { roster, leaving, lagging, counters } = this.#parts;
    const { type, lane } = message;
    let delivered = 0;
    const total = new TotalWaiting(roster);
    for (const member of roster.consumersOf(type)) {
      if (member === sender && lane !== "durable") continue;
      // Asked before each send, since the alarm that ends a session may be late.
      if (leaving.isOver(member, nowMs)) {
        leaving.expire(member);
        continue;
      }
      if (!roster.has(member)) continue; // told to go while the ones before were told
      const outcome = member.outbox.offer(message, total, nowMs);
      if (outcome === "sent" || outcome === "gathered") delivered += 1;
      // Nearly every message: what is true for all of them is noted once, below.
      if (outcome !== "sent") this.#deal(member, outcome);
    }
    if (delivered > 0) lagging.noteSent();
    counters.add("messagesOut", delivered);
    return delivered;
  }

  /** A frame for one member, outside of the flow: now, or as soon as there is room. */
  relayTo(member: Member, message: Relayed): void {
    if (!this.#isThere(member)) return;
    this.#deal(member, member.outbox.offer(message, new TotalWaiting(this.#parts.roster), this.#parts.now()));
  }

  /** An answer, an error or a replayed message: in order, or the connection ends. */
  tell(member: Member, text: string): void {
    if (!this.#isThere(member)) return;
    const { roster, now } = this.#parts;
    this.#deal(member, member.outbox.tell(sizeOf(text), text, new TotalWaiting(roster), now()));
  }

  /** A word that a member can do without: left out where there is no room for it. */
  suggest(member: Member, text: string): void {
    if (!this.#isThere(member)) return;
    const { roster, now } = this.#parts;
    const outcome = member.outbox.tell(sizeOf(text), text, new TotalWaiting(roster), now());
    if (outcome !== "overflow") this.#deal(member, outcome);
  }

  /** A notice to every member that registered, whatever it consumes. */
  tellAll(text: string, nowMs: number): void {
    for (const member of this.#parts.roster.members) {
      if (member.registration !== undefined) this.notify(member, text, nowMs);
    }
  }

  /** What a member did not ask for now: not for one whose session is over, since its alarm may be late. */
  notify(member: Member, text: string, nowMs: number): void {
    const { leaving } = this.#parts;
    if (leaving.isOver(member, nowMs)) leaving.expire(member);
    else this.tell(member, text);
  }

  #isThere(member: Member): boolean {
    return member.socket.readyState === OPEN && this.#parts.roster.has(member);
  }

  #deal(member: Member, outcome: Outcome): void {
    const { lagging, leaving } = this.#parts;
    switch (outcome) {
      case "sent":
      case "awaits-credit":
        lagging.noteSent();
        break;
      case "gathered":
        lagging.noteGathered(member);
        break;
      case "waits":
        lagging.noteWaiting(member);
        break;
      case "overflow":
        leaving.expel(member, "SLOW_CONSUMER");
        break;
      case "broken":
        leaving.gone(member.socket);
        break;
    }
  }
}
