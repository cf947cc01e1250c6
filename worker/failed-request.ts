// What a failure means for who asked: one that passes is told so, and anything else is a bug.
import { logBug } from "../connection/log.ts";
import { problem } from "../connection/problem.ts";

export function answerFailure(failure: unknown): Response {
  if (isTemporary(failure)) return problem("OVERLOADED");
  logBug("fetch", failure);
  return problem("INTERNAL");
}

/** The platform marks what may pass: `overloaded` by a busy object, `retryable` by one that was moved or updated. */
export function isTemporary(failure: unknown): boolean {
  if (typeof failure !== "object" || failure === null) return false;
  return (
    ("overloaded" in failure && failure.overloaded === true) || ("retryable" in failure && failure.retryable === true)
  );
}
