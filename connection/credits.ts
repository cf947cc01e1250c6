// Credits of a consumer that says when it has dealt with a frame: no more are under way than it asked for.

export class Credits {
  readonly #window: number;
  /** Numbers of the frames that were sent and not acknowledged; with several types they need not rise. */
  #outstanding: number[] = [];

  /** @param window how many frames may be under way, 1 to 64 */
  constructor(window: number) {
    this.#window = window;
  }

  get areSpent(): boolean {
    return this.#outstanding.length >= this.#window;
  }

  spend(seq: number): void {
    this.#outstanding.push(seq);
  }

  /** Cumulative: every frame up to this number is dealt with. */
  acknowledge(seq: number): void {
    this.#outstanding = this.#outstanding.filter((outstanding) => outstanding > seq);
  }
}
