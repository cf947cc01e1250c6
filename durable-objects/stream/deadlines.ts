// The one alarm of an object: set to the earliest deadline, and written only where it comes earlier than the one set.

/** Deadlines are rounded up to this, so that many of them share one alarm: each write is a row, each alarm a request. */
export const DEADLINE_GRAIN_MS = 5000;

/** The part of the object's storage that wakes it. */
export interface AlarmClock {
  /** When the alarm rings, in milliseconds since 1970. */
  setAlarm(atMs: number): Promise<void>;
}

export class Deadlines {
  readonly #clock: AlarmClock;
  #setToMs: number | undefined;
  #isHeld = false;

  constructor(clock: AlarmClock) {
    this.#clock = clock;
  }

  /** What the storage says is set, from before the object slept. */
  restore(setToMs: number | null): void {
    this.#setToMs = setToMs ?? undefined;
  }

  get isSet(): boolean {
    return this.#setToMs !== undefined;
  }

  /** Makes sure that the object wakes for this. Storage writes are not awaited: the output gate holds what depends on them. */
  add(atMs: number): void {
    const roundedMs = Math.ceil(atMs / DEADLINE_GRAIN_MS) * DEADLINE_GRAIN_MS;
    if (this.#setToMs !== undefined && this.#setToMs <= roundedMs) return;
    this.#setToMs = roundedMs;
    if (!this.#isHeld) void this.#clock.setAlarm(roundedMs);
  }

  /** Writes once for all deadlines that some work adds: the earliest is known only at its end. */
  together(work: () => void): void {
    const before = this.#setToMs;
    this.#isHeld = true;
    try {
      work();
    } finally {
      this.#isHeld = false;
      if (this.#setToMs !== undefined && this.#setToMs !== before) void this.#clock.setAlarm(this.#setToMs);
    }
  }

  /** The alarm rang: none is set until the next `add`. */
  rang(): void {
    this.#setToMs = undefined;
  }
}
