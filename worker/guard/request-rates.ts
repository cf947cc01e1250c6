// How often one principal may ask over HTTP: a bucket for each that asked of late, in this isolate.
import { BoundedMap } from "../../auth/bounded-map.ts";
import { type RateBounds, TokenBucket } from "../../connection/token-bucket.ts";

/** Who is forgotten begins with a full bucket. */
const ENTRIES_MAX = 10_000;

export class RequestRates {
  readonly #bounds: RateBounds;
  readonly #buckets = new BoundedMap<string, TokenBucket>(ENTRIES_MAX);

  /** @param bounds those of one connection: what may be said on a socket may be asked without one */
  constructor(bounds: RateBounds) {
    this.#bounds = bounds;
  }

  /** Returns 0 where a request may pass, else how long to wait, in milliseconds. */
  take(userId: string, nowMs: number): number {
    const bucket = this.#buckets.get(userId) ?? new TokenBucket(this.#bounds, nowMs);
    this.#buckets.set(userId, bucket);
    return bucket.take(1, 0, nowMs);
  }
}
