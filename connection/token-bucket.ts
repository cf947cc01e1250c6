// Rate limit of one connection: messages and bytes a second, with a burst of two seconds.

export interface RateBounds {
  readonly maxMessagesPerS: number;
  readonly maxBytesPerS: number;
}

const BURST_S = 2;

/** Refills as time passes; the time is passed in, so nothing ticks while nobody sends. */
export class TokenBucket {
  readonly #bounds: RateBounds;
  #messages: number;
  #bytes: number;
  #filledAtMs: number;

  constructor(bounds: RateBounds, nowMs: number) {
    this.#bounds = bounds;
    this.#messages = bounds.maxMessagesPerS * BURST_S;
    this.#bytes = bounds.maxBytesPerS * BURST_S;
    this.#filledAtMs = nowMs;
  }

  /**
   * Takes what a message costs. Returns 0 where it may pass, else how long to wait, in milliseconds; a refused message
   * costs nothing. A message larger than the burst passes on a full bucket, since it could otherwise never be sent.
   */
  take(messages: number, bytes: number, nowMs: number): number {
    this.#refill(nowMs);
    const { maxMessagesPerS, maxBytesPerS } = this.#bounds;
    const missingMessages = Math.min(messages, maxMessagesPerS * BURST_S) - this.#messages;
    const missingBytes = Math.min(bytes, maxBytesPerS * BURST_S) - this.#bytes;
    if (missingMessages > 0 || missingBytes > 0) {
      return Math.ceil(Math.max(missingMessages / maxMessagesPerS, missingBytes / maxBytesPerS) * 1000);
    }
    this.#messages -= messages;
    this.#bytes -= bytes;
    return 0;
  }

  #refill(nowMs: number): void {
    // A clock that steps back must not take what was there.
    const elapsedS = Math.max(0, nowMs - this.#filledAtMs) / 1000;
    const { maxMessagesPerS, maxBytesPerS } = this.#bounds;
    this.#messages = Math.min(maxMessagesPerS * BURST_S, this.#messages + elapsedS * maxMessagesPerS);
    this.#bytes = Math.min(maxBytesPerS * BURST_S, this.#bytes + elapsedS * maxBytesPerS);
    this.#filledAtMs = nowMs;
  }
}
