// A stream that nobody has used for long, and on which nothing depends, is deleted as its owner would.
import type { AlertLog } from "../alerts/alert-log.ts";
import type { Deadlines } from "../deadlines.ts";
import type { Roster } from "../members/roster.ts";
import { type Access, USE_GRAIN_MS } from "../rights/access.ts";
import type { TicketLedger } from "../rights/ticket-ledger.ts";
import type { Managing } from "./managing.ts";

interface Parts {
  readonly access: Access;
  readonly log: AlertLog;
  readonly tickets: TicketLedger;
  readonly roster: Roster;
  readonly deadlines: Deadlines;
  readonly managing: Managing;
  readonly keepAlive: (work: Promise<unknown>) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
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

  /**
   * Makes sure that the object wakes for it. Any alarm will do, since each looks for a lapse as well; but a stream that an
   * earlier release made has none, and locally one that is overdue may never ring (workerd#3138).
   */
  schedule(): void {
    const { access, claimTtlMs, deadlines, now } = this.#parts;
    if (access.claim === undefined) return;
    if (this.#isDue(now())) deadlines.add(now());
    else if (!deadlines.isSet) deadlines.add(now() + claimTtlMs);
  }

  /** The alarm rang. */
  look(nowMs: number): void {
    const { access, claimTtlMs, deadlines, keepAlive, managing } = this.#parts;
    const { claim } = access;
    if (claim === undefined) return;
    if (this.#isAttended) access.noteUse(nowMs);
    if (this.#isNeeded) return deadlines.add(nowMs + claimTtlMs);
    if (!this.#isDue(nowMs)) return deadlines.add(this.#dueAtMs);
    deadlines.add(nowMs + AGAIN_MS);
    // Asked again behind the answer of the user's object: somebody may have come meanwhile.
    keepAlive(managing.lapse(claim, () => this.#isDue(this.#parts.now())));
  }

  #isDue(nowMs: number): boolean {
    return !this.#isNeeded && nowMs >= this.#dueAtMs;
  }

  /** Up to a day late, since a use is written once a day: too late harms nobody. */
  get #dueAtMs(): number {
    const { access, claimTtlMs } = this.#parts;
    return access.usedAtMs + claimTtlMs + USE_GRAIN_MS;
  }

  get #isNeeded(): boolean {
    const { access, log, tickets } = this.#parts;
    return this.#isAttended || access.isShared || !log.isEmpty || !tickets.isEmpty;
  }

  /** Whether somebody is there who may be: a connection that was turned away at the claim is no member. */
  get #isAttended(): boolean {
    return this.#parts.roster.members.some(({ registration }) => registration !== undefined);
  }
}
