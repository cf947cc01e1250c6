// A connection that is to outlive a moment: what is sent on it until then is answered.
import { setTimeout as pause } from "node:timers/promises";
import type { Client } from "./client.ts";

const LOOK_EVERY_MS = 100;

/** Resolves behind that moment; rejects where the connection ends before. @param timeMs since 1970 */
export async function goesOnUntil(client: Client, timeMs: number): Promise<void> {
  while (Date.now() < timeMs) {
    // oxlint-disable no-await-in-loop -- one after the other is what is tried
    await client.caughtUp();
    await pause(LOOK_EVERY_MS);
    // oxlint-enable no-await-in-loop
  }
  await client.caughtUp();
}
