// A socket over a slow line: what is sent waits, and drains at a pace that a test sets.

export interface Arrived {
  readonly text: string;
  /** What waited when it was sent. */
  readonly waitingBefore: number;
}

export class SlowLink {
  readonly sent: Arrived[] = [];
  bytesPerS: number;
  isBroken = false;
  /** Bytes that left. */
  moved = 0;
  #waiting = 0;

  constructor(bytesPerS: number) {
    this.bytesPerS = bytesPerS;
  }

  get bufferedAmount(): number {
    return Math.ceil(this.#waiting);
  }

  send(form: string | ArrayBuffer): void {
    if (this.isBroken) throw new Error("Network connection lost.");
    const text = typeof form === "string" ? form : new TextDecoder().decode(form);
    this.sent.push({ text, waitingBefore: this.bufferedAmount });
    this.#waiting += Buffer.byteLength(text);
  }

  /** Time goes by. */
  drain(ms: number): void {
    const before = this.bufferedAmount;
    this.#waiting = Math.max(0, this.#waiting - (this.bytesPerS * ms) / 1000);
    this.moved += before - this.bufferedAmount;
  }
}
