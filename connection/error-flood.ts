// Tells a client in a loop from a client with a bug: too many errors within a short time.
import { ERROR_FLOOD_COUNT, ERROR_FLOOD_WINDOW_MS } from "../protocol/limits.ts";

export class ErrorFlood {
  #timesMs: number[] = [];

  /** Counts an error; true where it was one too many. */
  add(nowMs: number): boolean {
    // As far ahead as behind: a clock that stepped back must not keep those of before for as long as it stepped.
    this.#timesMs = this.#timesMs.filter((timeMs) => Math.abs(nowMs - timeMs) < ERROR_FLOOD_WINDOW_MS);
    this.#timesMs.push(nowMs);
    return this.#timesMs.length >= ERROR_FLOOD_COUNT;
  }
}
