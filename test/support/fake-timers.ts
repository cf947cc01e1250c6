// Timers that ring when a test says so.

interface Set {
  readonly ms: number;
  readonly ring: () => void;
}

export class FakeTimers {
  readonly #set = new Map<object, Set>();

  readonly set = (ms: number, ring: () => void): (() => void) => {
    const key = {};
    this.#set.set(key, { ms, ring });
    return () => this.#set.delete(key);
  };

  /** In how many milliseconds each rings that is set, in the order in which they were. */
  get due(): readonly number[] {
    return Array.from(this.#set.values(), ({ ms }) => ms);
  }

  /** Rings all that are set now, or those that are meant. */
  ring(isMeant: (ms: number) => boolean = () => true): void {
    // Of those, one may take another back, and set new ones that ring another time.
    const due = Array.from(this.#set).filter(([, { ms }]) => isMeant(ms));
    for (const [key, { ring }] of due) if (this.#set.delete(key)) ring();
  }
}
