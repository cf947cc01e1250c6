// Whether a client reads what waits for it: since when not a byte of it has moved.

export class Progress {
  /** Since when nothing that waits has moved, and how much it is; undefined while nothing waits. */
  #stuck: { readonly sinceMs: number; readonly bytes: number } | undefined;

  /** Told before and after each message that is added, and now and then: what moved in between is seen by the sum. */
  note(waitingBytes: number, nowMs: number): void {
    if (waitingBytes === 0) this.#stuck = undefined;
    // Also for a clock that stepped back: it would be stuck since a time that is still to come.
    else if (this.#stuck === undefined || waitingBytes < this.#stuck.bytes || nowMs < this.#stuck.sinceMs) {
      this.#stuck = { sinceMs: nowMs, bytes: waitingBytes };
    }
    // More was sent meanwhile: the next look compares with that.
    else if (waitingBytes > this.#stuck.bytes) this.#stuck = { ...this.#stuck, bytes: waitingBytes };
  }

  /** Whether all was read. */
  get isClear(): boolean {
    return this.#stuck === undefined;
  }

  /** How long nothing has moved, in milliseconds. */
  stuckForMs(nowMs: number): number {
    return this.#stuck === undefined ? 0 : nowMs - this.#stuck.sinceMs;
  }
}
