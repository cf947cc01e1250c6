// Answers of other objects and of bound Workers, bounded in time: who is mute must not hold up who waits.
import { logBug } from "../connection/log.ts";

/** Clients wait for this, and their messages with them. */
export const ANSWER_TIMEOUT_MS = 5000;

/** Rejects where it fails, or does not come in time. @param whose who was asked, for the error */
export async function inTime<Answer>(answer: Promise<Answer>, timeoutMs: number, whose: string): Promise<Answer> {
  const { promise: timeout, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`${whose} did not answer in time`)), timeoutMs);
  try {
    return await Promise.race([answer, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

/** Never a failure that its caller must catch. @param instead what stands for an answer that failed or did not come */
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
