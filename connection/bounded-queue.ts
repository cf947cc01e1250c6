// Messages that wait, in the order in which they came: as many as may, and no more bytes than that.
import { WAITING_MAX_MESSAGES } from "../protocol/limits.ts";
import { bytesOf } from "../protocol/size.ts";

type Message = string | ArrayBuffer;

export class BoundedQueue {
  readonly #messages: Message[] = [];
  #bytes = 0;
  #count = 0;

  /** Of all that waits. */
  get bytes(): number {
    return this.#bytes;
  }

  /** @param count what it counts as, where it holds several */
  add(message: Message, maxBytes: number, count = 1): "kept" | "overflow" {
    const bytes = bytesOf(message);
    if (this.#count + count > WAITING_MAX_MESSAGES || this.#bytes + bytes > maxBytes) return "overflow";
    this.#messages.push(message);
    this.#bytes += bytes;
    this.#count += count;
    return "kept";
  }

  /** All that waited, in order; the queue is empty afterwards. */
  drain(): readonly Message[] {
    this.#bytes = 0;
    this.#count = 0;
    return this.#messages.splice(0);
  }
}
