// Forgets alerts that are too old or too many: now and then while more come, and by alarm.
import type { Deadlines } from "../deadlines.ts";
import type { Access } from "../rights/access.ts";
import type { AlertLog, Retention } from "./alert-log.ts";

interface Parts {
  readonly access: Access;
  readonly log: AlertLog;
  readonly deadlines: Deadlines;
  readonly retention: Retention;
}

/**
 * Alerts between two looks at the retention; so many more than allowed may be kept for a while. Few, because ids are in
 * no order: each forgotten alert writes a page of the index of its own, and one publish waits for all of them.
 */
const TRIM_EVERY = 8;

export class Trimming {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** An alert was stored. The first sets the alarm for its own end, and a busy stream is trimmed while it is busy. */
  stored(offset: number, nowMs: number): void {
    if (offset % TRIM_EVERY === 1) this.look(nowMs);
  }

  /** Forgets what is due, and asks to be woken for what is next. */
  look(nowMs: number): void {
    const { access, log, deadlines, retention } = this.#parts;
    if (access.claim === undefined) return;
    const nextMs = log.trim(retention, nowMs);
    if (nextMs !== undefined) deadlines.add(nextMs);
  }
}
