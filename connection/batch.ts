// JSON messages that leave in one text, separated by newlines: each send costs more than the bytes that it carries.
import { BATCH_MAX_MESSAGES } from "../protocol/limits.ts";

/** A send costs about as much as so many bytes in it. */
const FULL_BYTES = 64 * 1024;

export class Batch {
  #texts: string[] = [];
  #bytes = 0;

  /** Of what was gathered. */
  get bytes(): number {
    return this.#bytes;
  }

  /** A receiver takes no more in one text, or waiting for more would save nothing. */
  get isFull(): boolean {
    return this.#texts.length >= BATCH_MAX_MESSAGES || this.#bytes >= FULL_BYTES;
  }

  /** @param text JSON without a newline, as `JSON.stringify` writes it */
  add(text: string, bytes: number): void {
    this.#texts.push(text);
    this.#bytes += bytes + 1;
  }

  /** All of it; undefined where nothing was gathered. */
  take(): { readonly text: string; readonly bytes: number } | undefined {
    if (this.#texts.length === 0) return undefined;
    const batch = { text: this.#texts.join("\n"), bytes: this.#bytes };
    this.#texts = [];
    this.#bytes = 0;
    return batch;
  }
}
