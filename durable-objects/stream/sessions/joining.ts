// Members whose registration waits for an answer from elsewhere: what they send meanwhile waits too, in order.
import { WaitingQueue } from "../../../connection/waiting-queue.ts";
import type { Code } from "../../../protocol/codes.ts";
import { type Fault, isFault } from "../../../protocol/fault.ts";
import { laneOf, type Lanes } from "../../../protocol/lanes.ts";
import { WAITING_MAX_MESSAGES } from "../../../protocol/limits.ts";
import type { ClientMessage } from "../../../protocol/messages.ts";
import type { Member } from "../members/member.ts";

/** Messages of one text, read already. */
export interface Rest {
  readonly messages: readonly (ClientMessage | Fault)[];
  /** Of the whole text. */
  readonly bytes: number;
}

interface Waiting {
  readonly queue: WaitingQueue;
  /** What stood behind `register` in the same text. */
  rest: Rest;
}

export interface JoiningBounds {
  /** Of one member. */
  readonly memberBytes: number;
  /** Of all together. */
  readonly totalBytes: number;
}

const NO_REST: Rest = { messages: [], bytes: 0 };

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
    this.#waiting.set(member, { queue: new WaitingQueue(this.#lanes), rest: NO_REST });
  }

  /** Keeps the messages of a text behind the one that began it; a code where the member must go instead. */
  keepRest(member: Member, rest: Rest): Code | undefined {
    const waiting = this.#waiting.get(member);
    if (waiting === undefined || rest.messages.length === 0) return undefined;
    const beyond = rest.messages.slice(WAITING_MAX_MESSAGES);
    if (!beyond.every((message) => this.#mayBeDropped(message))) return "TOO_LARGE";
    waiting.rest = { messages: rest.messages.slice(0, WAITING_MAX_MESSAGES), bytes: rest.bytes };
    return this.#isTooMuch ? "OVERLOADED" : undefined;
  }

  /** Keeps a message of a member that is joining; a code where the member must go instead. */
  keep(member: Member, data: string | ArrayBuffer): Code | undefined {
    const queue = this.#waiting.get(member)?.queue;
    if (queue?.add(data, this.#bounds.memberBytes) === "overflow") return "TOO_LARGE";
    return this.#isTooMuch ? "OVERLOADED" : undefined;
  }

  /** The answer is there, or the member is gone: what waited, in order. */
  end(member: Member): { readonly rest: Rest; readonly queued: readonly (string | ArrayBuffer)[] } {
    const waiting = this.#waiting.get(member);
    this.#waiting.delete(member);
    return { rest: waiting?.rest ?? NO_REST, queued: waiting?.queue.drain() ?? [] };
  }

  get #isTooMuch(): boolean {
    let bytes = 0;
    for (const { queue, rest } of this.#waiting.values()) bytes += queue.bytes + rest.bytes;
    return bytes > this.#bounds.totalBytes;
  }

  #mayBeDropped(message: ClientMessage | Fault): boolean {
    return !isFault(message) && message.kind === "payload" && laneOf(message.type, this.#lanes) === "latest";
  }
}
