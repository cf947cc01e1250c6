// Sends to members, each within its bound: what gives way is decided by the lane, never by the slowest.
import { admit, type Admission, type OutboxBounds, waitingBytes } from "../../connection/outbox.ts";
import type { Code } from "../../protocol/codes.ts";
import type { Lane } from "../../protocol/lanes.ts";
import { bytesOf } from "../../protocol/size.ts";
import type { Member } from "./member.ts";
import type { Relayed } from "./relayed.ts";
import type { Roster } from "./roster.ts";

/** `WebSocket.OPEN`: a socket that is closing is still listed, and sending to it throws. */
export const OPEN = 1;

/** Takes a member out of the stream and closes its socket with this code. */
export type Expel = (member: Member, code: Code) => void;

export class FanOut {
  readonly #roster: Roster;
  readonly #bounds: OutboxBounds;
  readonly #expel: Expel;
  /** Whether a member's session is over, asked before each send: the alarm that ends it may be late. */
  readonly #isOver: (member: Member, nowMs: number) => boolean;

  constructor(roster: Roster, bounds: OutboxBounds, isOver: (member: Member, nowMs: number) => boolean, expel: Expel) {
    this.#roster = roster;
    this.#bounds = bounds;
    this.#isOver = isOver;
    this.#expel = expel;
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
      if (this.#isOver(member, nowMs)) {
        this.#expel(member, "TOKEN_EXPIRED");
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
          break;
        case "close":
          this.#expel(member, "SLOW_CONSUMER");
          break;
        case "gone":
          break;
      }
    }
    return delivered;
  }

  /** An answer, an error or a replayed message: in order, or the connection ends. */
  tell(member: Member, text: string): void {
    switch (this.#admit(member, "live", { bytes: bytesOf(text) }, new TotalWaiting(this.#roster))) {
      case "send":
        this.#send(member, text);
        break;
      case "close":
        this.#expel(member, "SLOW_CONSUMER");
        break;
      case "skip":
      case "gone":
        break;
    }
  }

  /** A notice to every member that registered, whatever it consumes. */
  tellAll(text: string, nowMs: number): void {
    for (const member of this.#roster.members) {
      if (member.registration === undefined) continue;
      if (this.#isOver(member, nowMs)) this.#expel(member, "TOKEN_EXPIRED");
      else this.tell(member, text);
    }
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
  #send({ socket }: Member, message: string | ArrayBuffer): void {
    try {
      socket.send(message);
    } catch {
      this.#roster.forget(socket);
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
