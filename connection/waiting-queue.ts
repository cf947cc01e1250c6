// Messages that arrive while a decision about their connection is under way: kept in order, within bounds.
import { type Lanes, laneOf } from "../protocol/lanes.ts";
import { WAITING_MAX_MESSAGES } from "../protocol/limits.ts";
import { isFault } from "../protocol/fault.ts";
import { parseBinary, parseText, splitBatch } from "../protocol/parse.ts";
import { bytesOf } from "../protocol/size.ts";

/** `dropped`: a frame that found no room, which its lane allows. `overflow`: something that may not be dropped. */
export type Kept = "kept" | "dropped" | "overflow";

export class WaitingQueue {
  readonly #lanes: Lanes;
  readonly #messages: (string | ArrayBuffer)[] = [];
  #bytes = 0;
  #count = 0;

  constructor(lanes: Lanes) {
    this.#lanes = lanes;
  }

  /** Of all that waits. */
  get bytes(): number {
    return this.#bytes;
  }

  add(message: string | ArrayBuffer, maxBytes: number): Kept {
    const bytes = bytesOf(message);
    // Each message of a text counts; the text is kept whole, since a part of it would keep all of it in memory.
    const count = typeof message === "string" ? (splitBatch(message)?.length ?? 1) : 1;
    if (this.#count + count > WAITING_MAX_MESSAGES || this.#bytes + bytes > maxBytes) {
      return this.#mayBeDropped(message) ? "dropped" : "overflow";
    }
    this.#messages.push(message);
    this.#bytes += bytes;
    this.#count += count;
    return "kept";
  }

  /** All that waited, in order; the queue is empty afterwards. */
  drain(): readonly (string | ArrayBuffer)[] {
    this.#bytes = 0;
    this.#count = 0;
    return this.#messages.splice(0);
  }

  #mayBeDropped(message: string | ArrayBuffer): boolean {
    const parsed = typeof message === "string" ? parseText(message) : [parseBinary(message)];
    return parsed.every((one) => !isFault(one) && one.kind === "payload" && laneOf(one.type, this.#lanes) === "latest");
  }
}
