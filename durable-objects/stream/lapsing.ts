// A stream that nobody has used for long, and on which nothing depends, is deleted as its owner would.
import type { Access } from "./access.ts";
import type { AlertLog } from "./alert-log.ts";
import type { Deadlines } from "./deadlines.ts";
import type { Managing } from "./managing.ts";
import type { Roster } from "./roster.ts";

interface Parts {
  readonly access: Access;
  readonly log: AlertLog;
  readonly roster: Roster;
  readonly deadlines: Deadlines;
  readonly managing: Managing;
  readonly keepAlive: (work: Promise<unknown>) => void;
  /** How long a stream outlives its last use, in milliseconds. */
  readonly claimTtlMs: number;
}

/** When a lapse that did not come about is tried again. */
const AGAIN_MS = 3_600_000;

export class Lapsing {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Makes sure that the object wakes for it: a stream that an earlier release made has no alarm for its lapse. */
  schedule(): void {
    const { access, claimTtlMs, deadlines } = this.#parts;
    if (access.claim !== undefined) deadlines.add(access.usedAtMs + claimTtlMs);
  }

  /** The alarm rang. */
  look(nowMs: number): void {
    const { access, claimTtlMs, deadlines, keepAlive, managing, roster } = this.#parts;
    const { claim } = access;
    if (claim === undefined) return;
    if (roster.size > 0) access.noteUse(nowMs);
    const dueAtMs = (this.#isNeeded ? nowMs : access.usedAtMs) + claimTtlMs;
    if (dueAtMs > nowMs) return deadlines.add(dueAtMs);
    deadlines.add(nowMs + AGAIN_MS);
    keepAlive(managing.lapse(claim, () => !this.#isNeeded));
  }

  get #isNeeded(): boolean {
    const { access, log, roster } = this.#parts;
    return roster.size > 0 || access.isShared || !log.isEmpty;
  }
}
