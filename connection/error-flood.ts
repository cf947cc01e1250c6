// Tells a client in a loop from a client with a bug: too many errors within a short time.
import { ERROR_FLOOD_COUNT, ERROR_FLOOD_WINDOW_MS } from "../protocol/limits.ts";

export class ErrorFlood {
  #timesMs: number[] = [];

  /** Counts an error; true where it was one too many. */
  add(nowMs: number): boolean {
    this.#timesMs = this.#timesMs.filter((timeMs) => nowMs - timeMs < ERROR_FLOOD_WINDOW_MS);
    this.#timesMs.push(nowMs);
    return this.#timesMs.length >= ERROR_FLOOD_COUNT;
  }
}
