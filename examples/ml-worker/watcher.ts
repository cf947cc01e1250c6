// What the detector remembers of each stream: the last picture, and when it last raised an alert.
import type { LumaGrid } from "./luma-grid.ts";
import { findMotion, type Region } from "./motion.ts";

export interface MotionAlert {
  readonly type: "alert";
  readonly severity: "medium";
  readonly message: "Motion detected";
  readonly region: Region;
  readonly changedBlocks: number;
  /** The producer's times of the frame that moved and of the one that it was compared with. */
  readonly timestamp: number;
  readonly comparedWith: number;
}

interface Memory {
  readonly grid: LumaGrid;
  readonly timestamp: number;
  readonly alertedAt: number | undefined;
}

/** Streams remembered at once; the one not seen for longest is forgotten. A memory is about 4 KB. */
const STREAMS_MAX = 1000;
/** A picture older than this says nothing about motion: the camera paused, or another isolate saw what was between. */
const COMPARABLE_MS = 2000;
/** Motion that lasts raises an alert this often. */
const ALERT_EVERY_MS = 1000;

/**
 * Lives in one isolate's memory. That is enough for an example: an isolate that has not seen a stream's last frames
 * misses at most one comparison. A model that must not forget would keep its state in a Durable Object of its own.
 */
export class Watcher {
  readonly #memories = new Map<string, Memory>();

  /** @param timestamp the producer's time of the frame, in milliseconds since 1970 */
  look(streamId: string, grid: LumaGrid, timestamp: number): MotionAlert | undefined {
    const before = this.#memories.get(streamId);
    const motion = before !== undefined && isComparable(before, timestamp) ? findMotion(before.grid, grid) : undefined;
    const alertedAt = before?.alertedAt;
    const raises =
      motion !== undefined && (alertedAt === undefined || Math.abs(timestamp - alertedAt) >= ALERT_EVERY_MS);
    this.#remember(streamId, { grid, timestamp, alertedAt: raises ? timestamp : alertedAt });
    if (!raises || before === undefined) return undefined;
    return {
      type: "alert",
      severity: "medium",
      message: "Motion detected",
      ...motion,
      timestamp,
      comparedWith: before.timestamp,
    };
  }

  #remember(streamId: string, memory: Memory): void {
    this.#memories.delete(streamId); // so that it goes to the end of the insertion order
    this.#memories.set(streamId, memory);
    const [oldest] = this.#memories.keys();
    if (oldest !== undefined && this.#memories.size > STREAMS_MAX) this.#memories.delete(oldest);
  }
}

function isComparable(before: Memory, timestamp: number): boolean {
  return Math.abs(timestamp - before.timestamp) <= COMPARABLE_MS;
}
