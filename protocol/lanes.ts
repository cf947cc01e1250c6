// Which lane a message type travels in: what gives way when a consumer cannot keep up.

/**
 * - `latest`: a consumer that cannot keep up misses messages and is told how many.
 * - `durable`: stored before it is sent, never dropped.
 * - `live`: in order, not stored; a consumer that cannot keep up is closed.
 */
export type Lane = "latest" | "durable" | "live";

export interface Lanes {
  readonly latest: ReadonlySet<string>;
  readonly durable: ReadonlySet<string>;
}

export const DEFAULT_LATEST_TYPES = ["video-frame", "audio-frame"] as const;
export const DEFAULT_DURABLE_TYPES = ["alert"] as const;

export function laneOf(type: string, lanes: Lanes): Lane {
  if (lanes.durable.has(type)) return "durable";
  return lanes.latest.has(type) ? "latest" : "live";
}
