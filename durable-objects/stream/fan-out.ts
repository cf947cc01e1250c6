// Sends to members, each within its bound: what gives way is decided by the lane, never by the slowest.
import { admit, type Admission, type OutboxBounds, waitingBytes } from "../../connection/outbox.ts";
import type { Code } from "../../protocol/codes.ts";
import type { Lane } from "../../protocol/lanes.ts";
import type { Member } from "./member.ts";
import type { Relayed } from "./relayed.ts";
import type { Roster } from "./roster.ts";

/** `WebSocket.OPEN`: a socket that is closing is still listed, and sending to it throws. */
export const OPEN = 1;

const encoder = new TextEncoder();

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

  /** To everyone who consumes the type. Its own sender gets it only where it is durable: that is its confirmation. */
  relay(message: Relayed, sender: Member | undefined, nowMs: number): void {
    const { type, lane } = message;
    const totalWaiting = this.#totalWaitingOnce();
    const messageBytes = (): number => message.bytes;
    for (const member of this.#roster.consumersOf(type)) {
      if (member === sender && lane !== "durable") continue;
      if (this.#isOver(member, nowMs)) {
        this.#expel(member, "TOKEN_EXPIRED");
        continue;
      }
      switch (this.#admit(member, lane, messageBytes, totalWaiting)) {
        case "send":
          member.socket.send(message.formFor(member.missed(type)));
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
  }

  /** An answer, an error, a notice or a replayed message: in order, or the connection ends. */
  tell(member: Member, text: string): void {
    const admission = this.#admit(member, "live", () => encoder.encode(text).byteLength, this.#totalWaitingOnce());
    if (admission === "send") member.socket.send(text);
    else if (admission === "close") this.#expel(member, "SLOW_CONSUMER");
  }

  #admit(member: Member, lane: Lane, messageBytes: () => number, totalWaiting: () => number): Admission | "gone" {
    const { socket } = member;
    if (socket.readyState !== OPEN || !this.#roster.has(member)) return "gone";
    return admit(lane, waitingBytes(socket), messageBytes, totalWaiting, this.#bounds);
  }

  /** Adds up what waits for all members, at most once a message and only where somebody is behind. */
  #totalWaitingOnce(): () => number {
    let total: number | undefined;
    return () => (total ??= this.#roster.waitingBytes);
  }
}
