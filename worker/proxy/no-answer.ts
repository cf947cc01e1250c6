// What a client is told whose upstream did not answer: whether it was away or slow, and when to come back.
import type { ProblemDetail } from "../../connection/problem.ts";
import type { Outcome } from "./attempt.ts";

/** A client whose upstream is away comes back after so long, and not all in the same second. */
const COME_BACK_MIN_MS = 1000;
const COME_BACK_MAX_MS = 5000;

/** Of `UPSTREAM_UNAVAILABLE`. @param random from 0 up to 1 */
export function detailOf({ kind }: Exclude<Outcome, { kind: "answered" }>, random: () => number): ProblemDetail {
  return {
    status: kind === "timeout" ? 504 : 502,
    retryAfterMs: COME_BACK_MIN_MS + Math.floor(random() * (COME_BACK_MAX_MS - COME_BACK_MIN_MS)),
  };
}
