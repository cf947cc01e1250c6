// Whether frames flow: every member is told when they pause, and when they come again.

/** `unknown`: the object has just woken; it falls asleep only when frames have paused for long. */
type State = "unknown" | "flowing" | "paused";

interface Parts {
  /** Tells every member. */
  readonly notice: (status: "paused" | "resumed", nowMs: number) => void;
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
    if (before === "paused" || this.#parts.hadFrames()) this.#parts.notice("resumed", nowMs);
  }

  /** No frame came for a while, or nobody is left who would send one. */
  quiet(nowMs: number): void {
    if (this.#state !== "flowing") return;
    this.#state = "paused";
    this.#parts.notice("paused", nowMs);
  }

  /** The stream was deleted. */
  forget(): void {
    this.#state = "unknown";
  }
}
