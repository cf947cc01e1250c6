// The streams that one user owns: counted when another is claimed, listed for the user.
import { firstRow, type Storage } from "../storage.ts";

export interface OwnedStream {
  readonly streamId: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

/** One whose word never came. */
export interface UnsureStream {
  readonly streamId: string;
  readonly sinceMs: number;
}

const HAS_TABLE = "SELECT 1 AS found FROM sqlite_master WHERE type = 'table' AND name = 'owned_streams'";

/**
 * What a stream object says stands in two tables of two objects, and either can fail in between. So a stream is noted as
 * unsure before anything changes at its object, and as what it is after; what stays unsure is asked about there.
 */
export class OwnedStreams {
  readonly #storage: Storage;
  readonly #maxStreams: number;
  #hasTable: boolean;

  constructor(storage: Storage, maxStreams: number) {
    this.#storage = storage;
    this.#maxStreams = maxStreams;
    this.#hasTable = firstRow(storage.sql.exec(HAS_TABLE)) !== undefined;
  }

  /** Notes that a stream may become this user's, or cease to be. False, and nothing is noted, where there is no room. */
  expect(streamId: string, nowMs: number): boolean {
    const { sql } = this.#storage;
    this.#createTable();
    const isListed = firstRow(sql.exec("SELECT 1 AS found FROM owned_streams WHERE stream_id = ?", streamId));
    if (isListed === undefined && this.#count >= this.#maxStreams) return false;
    sql.exec(
      `INSERT INTO owned_streams (stream_id, created_at_ms, unsure_since_ms) VALUES (?, ?, ?)
       ON CONFLICT (stream_id) DO UPDATE SET unsure_since_ms = excluded.unsure_since_ms`,
      streamId,
      nowMs,
      nowMs,
    );
    return true;
  }

  /**
   * What a stream is to this user, by the word of its object. Words may overtake each other on their way, so one that does
   * not fit what is noted makes the stream unsure, and it is asked.
   */
  settle(streamId: string, isOwned: boolean, nowMs: number): void {
    const { sql } = this.#storage;
    this.#createTable();
    if (isOwned) {
      sql.exec(
        `INSERT INTO owned_streams (stream_id, created_at_ms, unsure_since_ms) VALUES (?, ?, ?)
         ON CONFLICT (stream_id) DO UPDATE SET unsure_since_ms = NULL`,
        streamId,
        nowMs,
        nowMs,
      );
      return;
    }
    sql.exec("DELETE FROM owned_streams WHERE stream_id = ? AND unsure_since_ms IS NOT NULL", streamId);
    sql.exec("UPDATE owned_streams SET unsure_since_ms = ? WHERE stream_id = ?", nowMs, streamId);
  }

  /** Those that are sure, oldest first. */
  list(): readonly OwnedStream[] {
    if (!this.#hasTable) return [];
    const rows = this.#storage.sql.exec<{ streamId: string; createdAt: number }>(
      `SELECT stream_id AS streamId, created_at_ms AS createdAt FROM owned_streams
       WHERE unsure_since_ms IS NULL ORDER BY created_at_ms, stream_id`,
    );
    return Array.from(rows, ({ streamId, createdAt }) => ({ streamId, createdAt }));
  }

  /** Those that have been unsure since before this time: whoever noted them is not at it any more. */
  unsure(beforeMs: number, atMost: number): readonly UnsureStream[] {
    if (!this.#hasTable) return [];
    const rows = this.#storage.sql.exec<{ streamId: string; sinceMs: number }>(
      "SELECT stream_id AS streamId, unsure_since_ms AS sinceMs FROM owned_streams WHERE unsure_since_ms < ? LIMIT ?",
      beforeMs,
      atMost,
    );
    return Array.from(rows, ({ streamId, sinceMs }) => ({ streamId, sinceMs }));
  }

  /** What a stream answered that was asked; no word on one of which something was noted or told meanwhile. */
  settleAsked({ streamId, sinceMs }: UnsureStream, isOwned: boolean, nowMs: number): void {
    const isStillUnsure = firstRow(
      this.#storage.sql.exec(
        "SELECT 1 AS found FROM owned_streams WHERE stream_id = ? AND unsure_since_ms = ?",
        streamId,
        sinceMs,
      ),
    );
    if (isStillUnsure !== undefined) this.settle(streamId, isOwned, nowMs);
  }

  /** Who asks for his list and owns nothing stores nothing. */
  #createTable(): void {
    if (this.#hasTable) return;
    this.#storage.sql.exec(`CREATE TABLE IF NOT EXISTS owned_streams (
      stream_id TEXT PRIMARY KEY,
      created_at_ms INTEGER NOT NULL,
      unsure_since_ms INTEGER
    ) WITHOUT ROWID`);
    this.#hasTable = true;
  }

  get #count(): number {
    return (
      firstRow(this.#storage.sql.exec<{ count: number }>("SELECT count(*) AS count FROM owned_streams"))?.count ?? 0
    );
  }
}
