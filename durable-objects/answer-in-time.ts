// An answer of another object, bounded in time, and never a failure that its caller must catch.
import { logBug } from "../connection/log.ts";

/** Clients wait for this, and their messages with them. */
export const ANSWER_TIMEOUT_MS = 5000;

/** @param instead what stands for an answer that failed or did not come */
export async function answerInTime<Answer>(answer: Promise<Answer>, instead: Answer): Promise<Answer> {
  const { promise: timeout, resolve } = Promise.withResolvers<Answer>();
  const timer = setTimeout(() => resolve(instead), ANSWER_TIMEOUT_MS);
  try {
    return await Promise.race([answer, timeout]);
  } catch (failure) {
    logBug("user-object", failure);
    return instead;
  } finally {
    clearTimeout(timer);
  }
}
