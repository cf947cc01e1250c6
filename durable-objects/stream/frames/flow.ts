// Whether frames flow: every member is told when they pause, and when they come again.
import type { Notices } from "../delivery/notices.ts";
import type { Member } from "../members/member.ts";
import type { StreamParts } from "../parts.ts";

/** `unknown`: the object has just woken; it falls asleep only when frames have paused for long. */
type State = "unknown" | "flowing" | "paused";

interface Parts extends Pick<StreamParts, "config" | "roster"> {
  readonly notices: Notices;
  /** Whether there was a frame in this life of the stream before the object woke. */
  readonly hadFrames: () => boolean;
}

export class Flow {
  readonly #parts: Parts;
  #state: State = "unknown";

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** A frame was relayed. */
  frame(nowMs: number): void {
    const before = this.#state;
    if (before === "flowing") return;
    this.#state = "flowing";
    if (before === "paused" || this.#parts.hadFrames()) this.#parts.notices.tell("resumed", {}, nowMs);
  }

  /** A member is none any more; frames have paused where nobody is left who would send one, and this member did. */
  left(member: Member, nowMs: number): void {
    if (this.#sendsFrames(member) && !this.#parts.roster.members.some((one) => this.#sendsFrames(one))) {
      this.quiet(nowMs);
    }
  }

  /** No frame came for a while, or nobody is left who would send one. */
  quiet(nowMs: number): void {
    if (this.#state !== "flowing") return;
    this.#state = "paused";
    this.#parts.notices.tell("paused", {}, nowMs);
  }

  /** The stream was deleted. */
  forget(): void {
    this.#state = "unknown";
  }

  #sendsFrames(member: Member): boolean {
    return [...this.#parts.config.lanes.latest].some((type) => member.produces(type));
  }
}
