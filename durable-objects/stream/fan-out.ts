// Sends to members, each within its bound: what gives way is decided by the lane, never by the slowest.
import { admit, type Admission, type OutboxBounds, waitingBytes } from "../../connection/outbox.ts";
import type { Lane } from "../../protocol/lanes.ts";
import { bytesOf } from "../../protocol/size.ts";
import type { Counters } from "./counters.ts";
import { type Leaving, OPEN } from "./leaving.ts";
import type { Member } from "./member.ts";
import type { Relayed } from "./relayed.ts";
import type { Roster } from "./roster.ts";

interface Parts {
  readonly roster: Roster;
  readonly bounds: OutboxBounds;
  readonly leaving: Pick<Leaving, "isOver" | "expel" | "gone">;
  readonly counters: Counters;
}

export class FanOut {
  readonly #roster: Roster;
  readonly #bounds: OutboxBounds;
  readonly #leaving: Parts["leaving"];
  readonly #counters: Counters;

  constructor({ roster, bounds, leaving, counters }: Parts) {
    this.#roster = roster;
    this.#bounds = bounds;
    this.#leaving = leaving;
    this.#counters = counters;
  }

  /**
   * To everyone who consumes the type; returns to how many. Its own sender gets it only where it is durable: that is its
   * confirmation.
   */
  relay(message: Relayed, sender: Member | undefined, nowMs: number): number {
    const { type, lane } = message;
    let delivered = 0;
    const total = new TotalWaiting(this.#roster);
    for (const member of this.#roster.consumersOf(type)) {
      if (member === sender && lane !== "durable") continue;
      // Asked before each send, since the alarm that ends a session may be late.
      if (this.#leaving.isOver(member, nowMs)) {
        this.#leaving.expel(member, "TOKEN_EXPIRED");
        continue;
      }
      switch (this.#admit(member, lane, message, total)) {
        case "send":
          this.#send(member, message.formFor(member.missed(type)));
          total.add(message);
          delivered += 1;
          if (lane === "latest") member.noteSent(type);
          break;
        case "skip":
          member.noteMissed(type);
          this.#counters.add("framesDropped");
          break;
        case "close":
          this.#leaving.expel(member, "SLOW_CONSUMER");
          break;
        case "gone":
          break;
      }
    }
    this.#counters.add("messagesOut", delivered);
    return delivered;
  }

  /**
   * A frame for one member, outside of the flow.
   * @param isFirst nothing waits for it but the answer that this frame belongs to, so it is sent whatever its size
   */
  relayTo(member: Member, message: Relayed, isFirst: boolean): void {
    const admission = this.#admit(member, message.lane, message, new TotalWaiting(this.#roster));
    if (admission !== "send" && !(isFirst && admission === "skip")) return;
    this.#send(member, message.formFor(member.missed(message.type)));
    member.noteSent(message.type);
    this.#counters.add("messagesOut");
  }

  /** An answer, an error or a replayed message: in order, or the connection ends. */
  tell(member: Member, text: string): void {
    switch (this.#admit(member, "live", { bytes: bytesOf(text) }, new TotalWaiting(this.#roster))) {
      case "send":
        this.#send(member, text);
        break;
      case "close":
        this.#leaving.expel(member, "SLOW_CONSUMER");
        break;
      case "skip":
      case "gone":
        break;
    }
  }

  /** A notice to every member that registered, whatever it consumes. */
  tellAll(text: string, nowMs: number): void {
    for (const member of this.#roster.members) {
      if (member.registration !== undefined) this.notify(member, text, nowMs);
    }
  }

  /** What a member did not ask for now: not for one whose session is over, since its alarm may be late. */
  notify(member: Member, text: string, nowMs: number): void {
    if (this.#leaving.isOver(member, nowMs)) this.#leaving.expel(member, "TOKEN_EXPIRED");
    else this.tell(member, text);
  }

  #admit(member: Member, lane: Lane, message: Sized, total: TotalWaiting): Admission | "gone" {
    const { socket } = member;
    if (socket.readyState !== OPEN || !this.#roster.has(member)) return "gone";
    return admit(
      lane,
      waitingBytes(socket),
      () => message.bytes,
      () => total.bytes,
      this.#bounds,
    );
  }

  /** A socket whose connection broke a moment ago throws; that is its own end, and not that of who sent the message. */
  #send(member: Member, message: string | ArrayBuffer): void {
    try {
      member.socket.send(message);
    } catch {
      this.#leaving.gone(member.socket);
    }
  }
}

interface Sized {
  readonly bytes: number;
}

/** What waits for all members while one message is sent: added up only where somebody is behind, then kept up to date. */
class TotalWaiting {
  readonly #roster: Roster;
  #bytes: number | undefined;

  constructor(roster: Roster) {
    this.#roster = roster;
  }

  get bytes(): number {
    this.#bytes ??= this.#roster.waitingBytes;
    return this.#bytes;
  }

  add(message: Sized): void {
    if (this.#bytes !== undefined) this.#bytes += message.bytes;
  }
}
