// A client that has shown that it sends keepalives, and then sends nothing, is gone.

export class Silence {
  readonly #limitMs: number;
  readonly #tooLong: () => void;
  #heardAtMs = Date.now();
  #watch: ReturnType<typeof setTimeout> | undefined;

  /** @param tooLong told where nothing was heard for that long, once it is watched */
  constructor(limitMs: number, tooLong: () => void) {
    this.#limitMs = limitMs;
    this.#tooLong = tooLong;
  }

  /** It said something. */
  heard(): void {
    this.#heardAtMs = Date.now();
  }

  /** From now on it is to say something from time to time. */
  watch(): void {
    this.#watch ??= setTimeout(() => {
      this.#watch = undefined;
      if (Date.now() - this.#heardAtMs >= this.#limitMs) this.#tooLong();
      else this.watch();
    }, this.#limitMs);
  }

  /** For good. */
  stop(): void {
    if (this.#watch !== undefined) clearTimeout(this.#watch);
  }
}
