// Which streams have not been told of a revocation yet, and when each is told again.
import type { Revocation } from "../../auth/revocation.ts";
import { firstRow, type Storage } from "../storage.ts";

/** One revocation for one stream. */
export interface Delivery {
  readonly id: number;
  readonly streamId: string;
  readonly revocation: Revocation;
  /** Until when its live sockets may stay, in milliseconds since 1970. */
  readonly graceEndsAtMs: number;
  /** How often the stream could not be told. */
  readonly failures: number;
}

/** Longer than anybody waits for an answer: one that is under way is not told a second time. */
const UNDER_WAY_MS = 10_000;
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 300_000;

const HAS_TABLE = "SELECT 1 AS found FROM sqlite_master WHERE type = 'table' AND name = 'deliveries'";

export class Deliveries {
  readonly #storage: Storage;
  #hasTable: boolean;

  constructor(storage: Storage) {
    this.#storage = storage;
    this.#hasTable = firstRow(storage.sql.exec(HAS_TABLE)) !== undefined;
  }

  /** Due at once. */
  add({ userId, sessionId = "", issuedBeforeS }: Revocation, streamId: string, graceEndsAtMs: number): void {
    this.#createTable();
    this.#storage.sql.exec(
      `INSERT INTO deliveries (stream_id, user_id, session_id, issued_before_s, grace_ends_at_ms, failures, due_at_ms)
       VALUES (?, ?, ?, ?, ?, 0, 0)`,
      streamId,
      userId,
      sessionId,
      issuedBeforeS,
      graceEndsAtMs,
    );
  }

  /** Those that are due, oldest first; they are under way from here on, and due again should nothing be heard of them. */
  begin(nowMs: number, atMost: number): readonly Delivery[] {
    if (!this.#hasTable) return [];
    const { sql } = this.#storage;
    const rows = sql.exec<Row>(
      `SELECT id, stream_id AS streamId, user_id AS userId, session_id AS sessionId, issued_before_s AS issuedBeforeS,
              grace_ends_at_ms AS graceEndsAtMs, failures
       FROM deliveries WHERE due_at_ms <= ? ORDER BY id LIMIT ?`,
      nowMs,
      atMost,
    );
    return Array.from(rows, ({ id, streamId, userId, sessionId, issuedBeforeS, graceEndsAtMs, failures }) => {
      sql.exec("UPDATE deliveries SET due_at_ms = ? WHERE id = ?", nowMs + UNDER_WAY_MS, id);
      const revocation = { userId, sessionId: sessionId === "" ? undefined : sessionId, issuedBeforeS };
      return { id, streamId, revocation, graceEndsAtMs, failures };
    });
  }

  /** The stream was told. */
  done({ id }: Delivery): void {
    this.#storage.sql.exec("DELETE FROM deliveries WHERE id = ?", id);
  }

  /** The stream could not be told: again after a second, then two, up to five minutes. */
  failed({ id, failures }: Delivery, nowMs: number): void {
    const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** failures, LONGEST_PAUSE_MS);
    this.#storage.sql.exec(
      "UPDATE deliveries SET failures = ?, due_at_ms = ? WHERE id = ?",
      failures + 1,
      nowMs + pauseMs,
      id,
    );
  }

  /** When the next one is due, in milliseconds since 1970. */
  get nextDueMs(): number | undefined {
    if (!this.#hasTable) return undefined;
    const next = this.#storage.sql.exec<{ ms: number | null }>("SELECT min(due_at_ms) AS ms FROM deliveries");
    return firstRow(next)?.ms ?? undefined;
  }

  #createTable(): void {
    if (this.#hasTable) return;
    this.#storage.sql.exec(`CREATE TABLE IF NOT EXISTS deliveries (
      id INTEGER PRIMARY KEY,
      stream_id TEXT NOT NULL,
      user_id TEXT NOT NULL,
      session_id TEXT NOT NULL,
      issued_before_s INTEGER NOT NULL,
      grace_ends_at_ms INTEGER NOT NULL,
      failures INTEGER NOT NULL,
      due_at_ms INTEGER NOT NULL
    )`);
    this.#hasTable = true;
  }
}

type Row = {
  id: number;
  streamId: string;
  userId: string;
  sessionId: string;
  issuedBeforeS: number;
  graceEndsAtMs: number;
  failures: number;
};
