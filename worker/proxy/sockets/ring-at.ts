// Rings at a time that may be further away than a timer can be set for.

/** `setTimeout` takes more for nothing at all, and rings at once (24.8 days). */
export const TIMER_MAX_MS = 2 ** 31 - 1;

/** @param atMs milliseconds since 1970 @returns takes it back */
export function ringAt(atMs: number, ring: () => void): () => void {
  let timer: ReturnType<typeof setTimeout>;
  const set = (): void => {
    const restMs = Math.max(0, atMs - Date.now());
    timer = setTimeout(() => (Date.now() >= atMs ? ring() : set()), Math.min(restMs, TIMER_MAX_MS));
  };
  set();
  return () => clearTimeout(timer);
}
