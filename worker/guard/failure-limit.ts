// Who failed to authenticate too often: counted behind each failure, and looked at before the next credential.
import { BoundedMap } from "../../auth/bounded-map.ts";
import { type Count, countAt, type Limiter, restOfPeriodMs } from "./limiter.ts";

/** Addresses that are remembered; one that is forgotten costs one verification more. */
const ENTRIES_MAX = 10_000;

/**
 * The platform's limit cannot be asked without counting, and a good credential must not count. So each isolate notes who
 * was found to be over it, and refuses him for the rest of the minute without verifying anything.
 */
export class FailureLimit {
  readonly #limiter: Limiter | undefined;
  /** Until when each is refused, in milliseconds since 1970. */
  readonly #over = new BoundedMap<string, number>(ENTRIES_MAX);

  /** @param limiter undefined where none is bound */
  constructor(limiter: Limiter | undefined) {
    this.#limiter = limiter;
  }

  /** How long nothing of this address is verified, in milliseconds; 0 where it may try. */
  waitMs(address: string, nowMs: number): number {
    const untilMs = this.#over.get(address);
    if (untilMs === undefined) return 0;
    const leftMs = untilMs - nowMs;
    // Further ahead than a period it is by a clock that stepped back.
    if (leftMs > 0 && leftMs <= restOfPeriodMs(0)) return leftMs;
    this.#over.delete(address);
    return 0;
  }

  /** A credential of this address was refused. A limit that cannot be asked counts as reached: guessing stays slow. */
  async failed(address: string, nowMs: number): Promise<Count> {
    const count = await countAt(this.#limiter, address);
    if (count !== "within") this.#over.set(address, nowMs + restOfPeriodMs(nowMs));
    return count;
  }
}
