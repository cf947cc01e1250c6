// Streams on which somebody may be connected by a ticket of this user: not counted, and told of a revocation.
import { firstRow, type Storage } from "../storage.ts";

const HAS_TABLE = "SELECT 1 AS found FROM sqlite_master WHERE type = 'table' AND name = 'ticket_streams'";

export class TicketStreams {
  readonly #storage: Storage;
  #hasTable: boolean;

  constructor(storage: Storage) {
    this.#storage = storage;
    this.#hasTable = firstRow(storage.sql.exec(HAS_TABLE)) !== undefined;
  }

  /** @param place the stream, and when the socket ends, in milliseconds since 1970 */
  note({ streamId, untilMs }: { readonly streamId: string; readonly untilMs: number }, nowMs: number): void {
    const { sql } = this.#storage;
    this.#createTable();
    sql.exec("DELETE FROM ticket_streams WHERE ends_at_ms <= ?", nowMs);
    sql.exec(
      `INSERT INTO ticket_streams (stream_id, ends_at_ms) VALUES (?, ?)
       ON CONFLICT (stream_id) DO UPDATE SET ends_at_ms = excluded.ends_at_ms WHERE excluded.ends_at_ms > ends_at_ms`,
      streamId,
      untilMs,
    );
  }

  /** Those whose last socket need not have ended. */
  get streamIds(): readonly string[] {
    if (!this.#hasTable) return [];
    const rows = this.#storage.sql.exec<{ streamId: string }>("SELECT stream_id AS streamId FROM ticket_streams");
    return Array.from(rows, ({ streamId }) => streamId);
  }

  /** Whose tickets nobody uses stores nothing. */
  #createTable(): void {
    if (this.#hasTable) return;
    this.#storage.sql.exec(`CREATE TABLE IF NOT EXISTS ticket_streams (
      stream_id TEXT PRIMARY KEY,
      ends_at_ms INTEGER NOT NULL
    ) WITHOUT ROWID`);
    this.#hasTable = true;
  }
}
