// The platform's rate limits, as they are bound: each counts and answers in one call.

/** `[[ratelimits]]` in wrangler.toml. Counts in each of the platform's locations by itself, and roughly. */
export interface Limiter {
  limit(options: { readonly key: string }): Promise<{ readonly success: boolean }>;
}

/** `broken`: the platform could not say. */
export type Count = "within" | "over" | "broken";

/** The period of both bindings. */
const PERIOD_MS = 60_000;

/** @param limiter undefined where none is bound: then nothing is ever too much */
export async function countAt(limiter: Limiter | undefined, key: string): Promise<Count> {
  if (limiter === undefined) return "within";
  try {
    return (await limiter.limit({ key })).success ? "within" : "over";
  } catch {
    return "broken"; // its text says nothing of the client
  }
}

/** Until the minute of the clock is over, in which local limits count; for the platform's own it is a guess. */
export function restOfPeriodMs(nowMs: number): number {
  return PERIOD_MS - (nowMs % PERIOD_MS);
}
