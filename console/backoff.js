// How long to wait before the next connection (docs/PROTOCOL.md, "Codes"): jitter, so that not all come back at once.

const CAP_MIN_MS = 500;
const CAP_MAX_MS = 20_000;
/** A connection that lasted this long was a good one; the next loss is a first one again. */
const GOOD_MS = 10_000;

export class Backoff {
  #losses = 0;
  #connectedAtMs = Infinity;

  connected() {
    this.#connectedAtMs = performance.now();
  }

  /**
   * @param {number} retryAfterMs what the gateway asked for
   * @returns {number} milliseconds
   */
  lost(retryAfterMs) {
    if (performance.now() - this.#connectedAtMs > GOOD_MS) this.#losses = 0;
    this.#connectedAtMs = Infinity;
    const cap = Math.min(CAP_MAX_MS, CAP_MIN_MS * 2 ** this.#losses);
    this.#losses += 1;
    return retryAfterMs + Math.random() * cap;
  }
}
