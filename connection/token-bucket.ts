// Rate limit of one connection: messages and bytes a second, with a burst of two seconds, or less.

export interface RateBounds {
  readonly maxMessagesPerS: number;
  readonly maxBytesPerS: number;
}

const BURST_S = 2;
/** Sums of fractions are off by far less. */
const ROUNDING_MS = 0.001;

/**
 * Refills as time passes; the time is passed in, so nothing ticks while nobody sends. What passes may leave a debt, so
 * that a message or a batch larger than the burst can be sent at all; nothing else passes until the debt is paid.
 */
export class TokenBucket {
  readonly #bounds: RateBounds;
  readonly #burstS: number;
  #messages: number;
  #bytes: number;
  #filledAtMs: number;

  /** @param burstS how many seconds' worth may come at once */
  constructor(bounds: RateBounds, nowMs: number, burstS = BURST_S) {
    this.#bounds = bounds;
    this.#burstS = burstS;
    this.#messages = bounds.maxMessagesPerS * burstS;
    this.#bytes = bounds.maxBytesPerS * burstS;
    this.#filledAtMs = nowMs;
  }

  /** Returns 0 where it may pass, else how long to wait, in milliseconds; what is refused costs nothing. */
  take(messages: number, bytes: number, nowMs: number): number {
    this.#refill(nowMs);
    const { maxMessagesPerS, maxBytesPerS } = this.#bounds;
    const debtS = Math.max(-this.#messages / maxMessagesPerS, -this.#bytes / maxBytesPerS);
    // One more than the debt, since a bucket that is just empty lets nothing pass; and what rounding may have taken.
    if (this.#messages <= 0 || this.#bytes <= 0) return Math.floor(debtS * 1000 + ROUNDING_MS) + 1;
    this.#messages -= messages;
    this.#bytes -= bytes;
    return 0;
  }

  /** Charges on credit what showed itself only after it had passed: the other messages of a batch. */
  owe(messages: number): void {
    this.#messages -= messages;
  }

  #refill(nowMs: number): void {
    // A clock that steps back must not take what was there.
    const elapsedS = Math.max(0, nowMs - this.#filledAtMs) / 1000;
    const { maxMessagesPerS, maxBytesPerS } = this.#bounds;
    this.#messages = Math.min(maxMessagesPerS * this.#burstS, this.#messages + elapsedS * maxMessagesPerS);
    this.#bytes = Math.min(maxBytesPerS * this.#burstS, this.#bytes + elapsedS * maxBytesPerS);
    this.#filledAtMs = nowMs;
  }
}
