// When somebody who has not read all is looked at again: one timer, set to the earlier of what was asked for.

export class NextLook {
  readonly #look: () => void;
  #next: { readonly timer: ReturnType<typeof setTimeout>; readonly ms: number } | undefined;

  constructor(look: () => void) {
    this.#look = look;
  }

  /** Within so many milliseconds. */
  within(ms: number): void {
    if (this.#next !== undefined && this.#next.ms <= ms) return;
    this.stop();
    const timer = setTimeout(() => {
      this.#next = undefined;
      this.#look();
    }, ms);
    this.#next = { timer, ms };
  }

  stop(): void {
    if (this.#next !== undefined) clearTimeout(this.#next.timer);
    this.#next = undefined;
  }
}
