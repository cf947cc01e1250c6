// The connections of one user, counted up to a limit: noted before each opens, forgotten when its stream says it is gone.
import { firstRow, type Storage } from "../storage.ts";

/** Where a connection is: at a stream, or held by the Worker for a while, before it names one. */
export type Place =
  | { readonly kind: "stream"; readonly streamId: string }
  | { readonly kind: "edge"; readonly forMs: number }
  /** At a stream, by a ticket that the user made. @property untilMs when it ends, in milliseconds since 1970 */
  | { readonly kind: "ticket"; readonly streamId: string; readonly untilMs: number };

/** That counts. */
export type CountedPlace = Exclude<Place, { kind: "ticket" }>;

/** One that a stream was said to hold. */
export interface PlacedConnection {
  readonly connectionId: string;
  readonly streamId: string;
  /** When it was noted last, never the same twice: what is said of an earlier time says nothing of it. */
  readonly notedMs: number;
}

/** Stands for no stream: no stream has an empty id. */
const AT_THE_EDGE = "";

const HAS_TABLE = "SELECT 1 AS found FROM sqlite_master WHERE type = 'table' AND name = 'connections'";
const PLACED = "SELECT connection_id AS connectionId, stream_id AS streamId, noted_ms AS notedMs FROM connections";

/**
 * A row is written where a connection comes, and none where it goes: who loses his network tells nobody, so the streams
 * must be asked anyway once the list is full, and one question finds all that have gone since the last.
 */
export class Connections {
  readonly #storage: Storage;
  readonly #maxConnections: number;
  readonly #unlisted: () => number;
  #hasTable: boolean;

  /** @param unlisted how many there are that need no row, since they are seen */
  constructor(storage: Storage, maxConnections: number, unlisted: () => number) {
    this.#storage = storage;
    this.#maxConnections = maxConnections;
    this.#unlisted = unlisted;
    this.#hasTable = firstRow(storage.sql.exec(HAS_TABLE)) !== undefined;
  }

  /** Notes where a connection is, and by which session. False, and nothing is noted, where it is new and there is no room. */
  note(connectionId: string, sessionId: string, place: CountedPlace, nowMs: number): boolean {
    const { sql } = this.#storage;
    this.#createTable();
    sql.exec("DELETE FROM connections WHERE ends_at_ms <= ?", nowMs);
    const isKnown = firstRow(sql.exec("SELECT 1 AS found FROM connections WHERE connection_id = ?", connectionId));
    if (isKnown === undefined && this.#count >= this.#maxConnections) return false;
    sql.exec(
      `INSERT INTO connections (connection_id, session_id, stream_id, since_ms, noted_ms, ends_at_ms)
       VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (connection_id) DO UPDATE SET session_id = excluded.session_id, stream_id = excluded.stream_id,
         noted_ms = excluded.noted_ms, ends_at_ms = excluded.ends_at_ms`,
      connectionId,
      sessionId,
      place.kind === "stream" ? place.streamId : AT_THE_EDGE,
      nowMs,
      Math.max(nowMs, this.#lastNotedMs + 1),
      place.kind === "stream" ? null : nowMs + place.forMs,
    );
    return true;
  }

  /** A connection that the Worker held is gone; one that has come to a stream since is that stream's to tell of. */
  release(connectionId: string): void {
    if (!this.#hasTable) return;
    this.#storage.sql.exec(
      "DELETE FROM connections WHERE connection_id = ? AND stream_id = ?",
      connectionId,
      AT_THE_EDGE,
    );
  }

  /** Those that streams can be asked about. */
  get placed(): readonly PlacedConnection[] {
    if (!this.#hasTable) return [];
    return [...this.#storage.sql.exec<Row>(`${PLACED} WHERE stream_id <> ?`, AT_THE_EDGE)];
  }

  /** Who gives way first: the Worker's own sockets cannot be reached, and end by themselves. */
  oldestOf(sessionId: string): PlacedConnection | undefined {
    if (!this.#hasTable) return undefined;
    return firstRow(
      this.#storage.sql.exec<Row>(
        `${PLACED} WHERE session_id = ? AND stream_id <> ? ORDER BY since_ms, connection_id LIMIT 1`,
        sessionId,
        AT_THE_EDGE,
      ),
    );
  }

  /** It is gone, by the word of its stream; not where it was noted anew since that was asked. */
  forget({ connectionId, notedMs }: PlacedConnection): void {
    this.#storage.sql.exec("DELETE FROM connections WHERE connection_id = ? AND noted_ms = ?", connectionId, notedMs);
  }

  /** Who never connects stores nothing. */
  #createTable(): void {
    if (this.#hasTable) return;
    this.#storage.sql.exec(`CREATE TABLE IF NOT EXISTS connections (
      connection_id TEXT PRIMARY KEY,
      session_id TEXT NOT NULL,
      stream_id TEXT NOT NULL,
      since_ms INTEGER NOT NULL,
      noted_ms INTEGER NOT NULL,
      ends_at_ms INTEGER
    ) WITHOUT ROWID`);
    this.#hasTable = true;
  }

  get #count(): number {
    const rows = this.#storage.sql.exec<{ count: number }>("SELECT count(*) AS count FROM connections");
    return (firstRow(rows)?.count ?? 0) + this.#unlisted();
  }

  get #lastNotedMs(): number {
    const newest = this.#storage.sql.exec<{ ms: number | null }>("SELECT max(noted_ms) AS ms FROM connections");
    return firstRow(newest)?.ms ?? 0;
  }
}

type Row = { connectionId: string; streamId: string; notedMs: number };
