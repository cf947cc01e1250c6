// Members whose registration waits for an answer from elsewhere: what they send meanwhile waits too, in order.
import { WaitingQueue } from "../../connection/waiting-queue.ts";
import type { Code } from "../../protocol/codes.ts";
import type { Fault } from "../../protocol/fault.ts";
import type { Lanes } from "../../protocol/lanes.ts";
import type { ClientMessage } from "../../protocol/messages.ts";
import type { Member } from "./member.ts";

interface Waiting {
  readonly queue: WaitingQueue;
  /** What stood behind `register` in the same text. */
  rest: readonly (ClientMessage | Fault)[];
}

export interface JoiningBounds {
  /** Of one member. */
  readonly memberBytes: number;
  /** Of all together. */
  readonly totalBytes: number;
}

export class Joining {
  readonly #waiting = new Map<Member, Waiting>();
  readonly #lanes: Lanes;
  readonly #bounds: JoiningBounds;

  constructor(lanes: Lanes, bounds: JoiningBounds) {
    this.#lanes = lanes;
    this.#bounds = bounds;
  }

  has(member: Member): boolean {
    return this.#waiting.has(member);
  }

  begin(member: Member): void {
    this.#waiting.set(member, { queue: new WaitingQueue(this.#lanes), rest: [] });
  }

  /** The messages of a text behind the one that began it. */
  keepRest(member: Member, rest: readonly (ClientMessage | Fault)[]): void {
    const waiting = this.#waiting.get(member);
    if (waiting !== undefined) waiting.rest = rest;
  }

  /** Keeps a message of a member that is joining; a code where the member must go instead. */
  keep(member: Member, data: string | ArrayBuffer): Code | undefined {
    const queue = this.#waiting.get(member)?.queue;
    if (queue?.add(data, this.#bounds.memberBytes) === "overflow") return "TOO_LARGE";
    return this.#bytes > this.#bounds.totalBytes ? "OVERLOADED" : undefined;
  }

  /** The answer is there: what waited, in order. */
  end(member: Member): { readonly rest: Waiting["rest"]; readonly queued: readonly (string | ArrayBuffer)[] } {
    const waiting = this.#waiting.get(member);
    this.#waiting.delete(member);
    return { rest: waiting?.rest ?? [], queued: waiting?.queue.drain() ?? [] };
  }

  get #bytes(): number {
    let bytes = 0;
    for (const { queue } of this.#waiting.values()) bytes += queue.bytes;
    return bytes;
  }
}
