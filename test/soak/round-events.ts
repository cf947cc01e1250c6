// What happens in a round, counted: a kill and a late consumer wait for the nth of something, not for a time.

export type RoundEvent =
  | "register sent"
  | "registered"
  | "claim sent"
  | "claimed"
  | "alert sent"
  | "alert acknowledged"
  | "alert replayed"
  /** So close before or behind an offset at which the log forgets old ones that it may be about to. */
  | "alert acknowledged near a trim";

interface Watch {
  readonly event: RoundEvent;
  readonly count: number;
  readonly act: () => void;
}

export class RoundEvents {
  readonly #counts = new Map<RoundEvent, number>();
  readonly #watches: Watch[] = [];

  /** Acts within the event, before whoever reported it goes on. */
  at(event: RoundEvent, count: number, act: () => void): void {
    this.#watches.push({ event, count, act });
  }

  happened(event: RoundEvent): void {
    const count = (this.#counts.get(event) ?? 0) + 1;
    this.#counts.set(event, count);
    for (const watch of this.#watches) {
      if (watch.event === event && watch.count === count) watch.act();
    }
  }
}
