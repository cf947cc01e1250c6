// Messages that arrive while a decision about their connection is under way, and which of them give way at the bounds.
import { isFault } from "../protocol/fault.ts";
import { type Lanes, laneOf } from "../protocol/lanes.ts";
import { parseBinary, parseText, splitBatch } from "../protocol/parse.ts";
import { BoundedQueue } from "./bounded-queue.ts";

/** `dropped`: a frame that found no room, which its lane allows. `overflow`: something that may not be dropped. */
export type Kept = "kept" | "dropped" | "overflow";

export class WaitingQueue {
  readonly #lanes: Lanes;
  readonly #queue = new BoundedQueue();

  constructor(lanes: Lanes) {
    this.#lanes = lanes;
  }

  /** Of all that waits. */
  get bytes(): number {
    return this.#queue.bytes;
  }

  add(message: string | ArrayBuffer, maxBytes: number): Kept {
    // Each message of a text counts; the text is kept whole, since a part of it would keep all of it in memory.
    const count = typeof message === "string" ? (splitBatch(message)?.length ?? 1) : 1;
    if (this.#queue.add(message, maxBytes, count) === "kept") return "kept";
    return this.#mayBeDropped(message) ? "dropped" : "overflow";
  }

  /** All that waited, in order; the queue is empty afterwards. */
  drain(): readonly (string | ArrayBuffer)[] {
    return this.#queue.drain();
  }

  #mayBeDropped(message: string | ArrayBuffer): boolean {
    const parsed = typeof message === "string" ? parseText(message) : [parseBinary(message)];
    return parsed.every((one) => !isFault(one) && one.kind === "payload" && laneOf(one.type, this.#lanes) === "latest");
  }
}
