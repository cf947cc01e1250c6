// Which page of the alerts is asked for, over HTTP or RPC: the same bounds for both.
import type { PageRequest } from "../../durable-objects/stream/alerts/history.ts";
import { EPOCH_MAX_CHARS, HISTORY_PAGE_DEFAULT, HISTORY_PAGE_MAX } from "../../protocol/limits.ts";

/** Undefined where it is none; a limit that is too large is the largest. */
export function toPageRequest(
  streamId: string,
  after: unknown,
  limit: unknown = HISTORY_PAGE_DEFAULT,
  epoch?: unknown,
): PageRequest | undefined {
  if (!isCount(after) || !isCount(limit)) return undefined;
  if (epoch !== undefined && !(typeof epoch === "string" && epoch.length <= EPOCH_MAX_CHARS)) return undefined;
  return { streamId, after, limit: Math.min(Math.max(limit, 1), HISTORY_PAGE_MAX), epoch };
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
