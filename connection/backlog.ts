// What waits at a socket for its client to read: as the runtime counts it, or as a budget of bytes guesses it.
//
// `send()` never blocks and never refuses; what a client does not read stays in memory, and `close()` queues behind it.
import type { Sized } from "./sized.ts";

/** The part of a WebSocket that an outbox needs. `bufferedAmount` is there from workerd 1.20261117.1 on. */
export interface Link {
  readonly bufferedAmount?: number | undefined;
  send(message: string | ArrayBuffer): void;
}

export interface Backlog {
  /** Bytes that wait now. */
  readonly bytes: (nowMs: number) => number;
  /** Told of each message; its size is asked for only where it counts. */
  readonly sent: (message: Sized, nowMs: number) => void;
}

/** Bytes that the runtime counts; 0 where it does not. */
export function waitingBytes(link: Pick<Link, "bufferedAmount">): number {
  return link.bufferedAmount ?? 0;
}

/** @param budgetBytesPerS what a client of unknown speed is thought to read */
export function backlogOf(link: Pick<Link, "bufferedAmount">, budgetBytesPerS: number): Backlog {
  return typeof link.bufferedAmount === "number"
    ? { bytes: () => waitingBytes(link), sent: () => undefined }
    : new Budget(budgetBytesPerS);
}

/** As if what was sent drained at a steady pace. */
class Budget implements Backlog {
  readonly #bytesPerS: number;
  #bytes = 0;
  #atMs = 0;

  constructor(bytesPerS: number) {
    this.#bytesPerS = bytesPerS;
  }

  readonly bytes = (nowMs: number): number => {
    // A clock that steps back drains nothing.
    const elapsedS = Math.max(0, nowMs - this.#atMs) / 1000;
    this.#bytes = Math.max(0, this.#bytes - elapsedS * this.#bytesPerS);
    this.#atMs = nowMs;
    return this.#bytes;
  };

  readonly sent = (message: Sized, nowMs: number): void => {
    this.#bytes = this.bytes(nowMs) + message.bytes;
  };
}
