// How long a client of Socket.IO may take to connect, and how long one that cannot be let in now is kept before it may come back.
import type { Code } from "../../../protocol/codes.ts";

const PARTING_MIN_MS = 1000;
const PARTING_MAX_MS = 5000;

export class Patience {
  readonly #authTimeoutMs: number;
  readonly #random: () => number;
  readonly #end: (code: Code) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * @param random from 0 to below 1
   * @param end told once the time is over that began last
   */
  constructor(authTimeoutMs: number, random: () => number, end: (code: Code) => void) {
    this.#authTimeoutMs = authTimeoutMs;
    this.#random = random;
    this.#end = end;
  }

  /** Starts the time in which it must say CONNECT. */
  allowTimeToConnect(): void {
    this.#endIn(this.#authTimeoutMs, "AUTH_TIMEOUT");
  }

  /**
   * Each connection that opens makes `socket.io-client` forget how often it came in vain (tried: a new one each second, for
   * ever), so the pause is made here, with full jitter, so that many are no flood.
   */
  partLater(code: Code): void {
    this.#endIn(PARTING_MIN_MS + this.#random() * (PARTING_MAX_MS - PARTING_MIN_MS), code);
  }

  /** It is not the client any more who is waited for. */
  stop(): void {
    if (this.#timer !== undefined) clearTimeout(this.#timer);
  }

  #endIn(ms: number, code: Code): void {
    this.stop();
    this.#timer = setTimeout(() => this.#end(code), ms);
  }
}
