// When and where a credential is looked at, for tests that hold the clock and watch what is kept alive.
import type { Occasion } from "../../auth/verifier.ts";
import { NOW_MS } from "./hostile-token.ts";

export const GATEWAY_ORIGIN = "https://gateway.test";

/** With the work that was to go on after the request. */
export function occasionAt(nowMs = NOW_MS): Occasion & { readonly kept: readonly Promise<unknown>[] } {
  const kept: Promise<unknown>[] = [];
  return { nowMs, origin: GATEWAY_ORIGIN, keepAlive: (work) => void kept.push(work), kept };
}
