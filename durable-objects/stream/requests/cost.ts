// What an hour of a stream costs at its present pace, from the platform's published prices.
import type { Counts } from "../delivery/counters.ts";

/**
 * US dollars, without what a plan includes, as published for Workers Paid in autumn 2026
 * (developers.cloudflare.com/durable-objects/platform/pricing). The plan's fee, the Worker's own requests and the CPU
 * time of models are not in it.
 */
const USD_PER_REQUEST = 0.15 / 1e6;
const USD_PER_GB_S = 12.5 / 1e6;
const USD_PER_ROW_WRITTEN = 1 / 1e6;

/** WebSocket messages from clients are billed 20 to a request; those to clients are free. */
const MESSAGES_PER_REQUEST = 20;
/** Always billed as 128 MB, however little it uses. */
const OBJECT_GB = 0.128;
/** The row, its place in the index of ids, and the counter of offsets. */
const ROWS_PER_STORED = 3;
const HOUR_S = 3600;
const HOUR_MS = 1000 * HOUR_S;
/** A pace is not read from less than this. */
const PACE_MIN_MS = 10_000;

export interface CostPerHour {
  readonly usd: number;
  readonly requests: number;
  readonly durationGbS: number;
  readonly rowsWritten: number;
}

/** @param activeMs of which the object was kept awake, out of `elapsedMs` since counting began */
export function costPerHour(counts: Counts, activeMs: number, elapsedMs: number): CostPerHour {
  const paceMs = Math.max(elapsedMs, PACE_MIN_MS);
  const hourly = (count: number): number => (count * HOUR_MS) / paceMs;
  const requests = hourly(counts.messagesIn / MESSAGES_PER_REQUEST + counts.calls + counts.connections + counts.alarms);
  const durationGbS = (activeMs / paceMs) * HOUR_S * OBJECT_GB;
  // An alarm is a row, written when it is set.
  const rowsWritten = hourly(counts.stored * ROWS_PER_STORED + counts.alarms);
  const usd = requests * USD_PER_REQUEST + durationGbS * USD_PER_GB_S + rowsWritten * USD_PER_ROW_WRITTEN;
  return {
    usd: round(usd, 6),
    requests: round(requests, 1),
    durationGbS: round(durationGbS, 1),
    rowsWritten: round(rowsWritten, 1),
  };
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
