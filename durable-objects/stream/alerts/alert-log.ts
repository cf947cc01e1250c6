// The durable messages of a stream: stored before anyone sees them, one offset each, no gap.
import type { SenderKind } from "../../../protocol/messages.ts";
import { firstRow, type Storage } from "../../storage.ts";

/** A durable message as its publisher sent it, with what the gateway knows of it. */
export interface LogEntry {
  readonly publisher: string;
  readonly senderKind: SenderKind;
  /** Unique for its publisher. */
  readonly id: string;
  readonly type: string;
  readonly seq: number;
  readonly receivedAt: number;
  /** JSON of the message without stamps. */
  readonly fieldsText: string;
}

export type Appended =
  | { readonly kind: "stored"; readonly offset: number }
  /** The same publisher sent the same before, under the same id. */
  | { readonly kind: "duplicate"; readonly offset: number }
  /** The same publisher sent something else under this id. */
  | { readonly kind: "conflict" };

/** How long entries are kept. */
export interface Retention {
  readonly maxAgeMs: number;
  readonly maxEntries: number;
}

export interface StoredEntry extends LogEntry {
  readonly offset: number;
}

/** Only for claimed streams: its tables exist since the claim. */
export class AlertLog {
  readonly #storage: Storage;

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  /** The offset of the newest entry, 0 where there is none yet. */
  get head(): number {
    return firstRow(this.#storage.sql.exec<{ head: number }>("SELECT head FROM stream"))?.head ?? 0;
  }

  /** Whether anything is kept. */
  get isEmpty(): boolean {
    return firstRow(this.#storage.sql.exec("SELECT 1 AS found FROM alerts LIMIT 1")) === undefined;
  }

  /** The offset of the oldest entry that is kept, 0 where there is none. */
  get first(): number {
    return (
      firstRow(this.#storage.sql.exec<{ first: number | null }>("SELECT min(offset) AS first FROM alerts"))?.first ?? 0
    );
  }

  /** Stores an entry unless it is there already. The caller sends it after this returned: durable, then visible. */
  append(entry: LogEntry): Appended {
    const { sql } = this.#storage;
    const earlier = firstRow(
      sql.exec<{ offset: number; fields: string }>(
        "SELECT offset, fields FROM alerts WHERE publisher = ? AND id = ?",
        storedPublisher(entry),
        entry.id,
      ),
    );
    if (earlier !== undefined) {
      return earlier.fields === entry.fieldsText ? { kind: "duplicate", offset: earlier.offset } : { kind: "conflict" };
    }
    return { kind: "stored", offset: this.#storage.transactionSync(() => this.#insert(entry)) };
  }

  /**
   * Forgets what is too old or too much; offsets go on as if nothing had happened. Returns when the next entry will be too
   * old, in milliseconds since 1970; undefined where none is left.
   */
  trim({ maxAgeMs, maxEntries }: Retention, nowMs: number): number | undefined {
    const { sql } = this.#storage;
    sql.exec("DELETE FROM alerts WHERE offset <= ?", this.head - maxEntries);
    // In order of offset, hence of time, so that no more is read than is forgotten, and one.
    const rows = sql.exec<{ offset: number; receivedAt: number }>(
      "SELECT offset, received_at_ms AS receivedAt FROM alerts ORDER BY offset",
    );
    let oldest: { offset: number; receivedAt: number } | undefined;
    for (const row of rows) {
      oldest = row.receivedAt > nowMs - maxAgeMs ? row : undefined;
      if (oldest !== undefined) break;
    }
    if (oldest === undefined) sql.exec("DELETE FROM alerts");
    else sql.exec("DELETE FROM alerts WHERE offset < ?", oldest.offset);
    return oldest === undefined ? undefined : oldest.receivedAt + maxAgeMs;
  }

  /** Everything after an offset, oldest first, read as it is asked for. The caller has compared the epoch. */
  *after(offset: number): Iterable<StoredEntry> {
    const rows = this.#storage.sql.exec<AlertRow>("SELECT * FROM alerts WHERE offset > ? ORDER BY offset", offset);
    for (const row of rows) yield toEntry(row);
  }

  #insert(entry: LogEntry): number {
    const { sql } = this.#storage;
    const row = firstRow(sql.exec<{ head: number }>("UPDATE stream SET head = head + 1 RETURNING head"));
    if (row === undefined) throw new Error("a log belongs to a claimed stream");
    sql.exec(
      `INSERT INTO alerts (offset, publisher, id, type, sender_kind, seq, received_at_ms, fields)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      row.head,
      storedPublisher(entry),
      entry.id,
      entry.type,
      entry.senderKind,
      entry.seq,
      entry.receivedAt,
      entry.fieldsText,
    );
    return row.head;
  }
}

type AlertRow = {
  offset: number;
  publisher: string;
  id: string;
  type: string;
  sender_kind: SenderKind;
  seq: number;
  received_at_ms: number;
  fields: string;
};

/** Holds a `:` behind a word that begins no id of a user or a program. */
const TICKET_PREFIX = "ticket:";

/**
 * Whose ids are unique. A ticket acts in its maker's name, and its ids are not his: whoever holds one would else take an id
 * before he does.
 */
function storedPublisher({ publisher, senderKind }: LogEntry): string {
  return senderKind === "ticket" ? `${TICKET_PREFIX}${publisher}` : publisher;
}

function toEntry(row: AlertRow): StoredEntry {
  return {
    offset: row.offset,
    publisher: row.sender_kind === "ticket" ? row.publisher.slice(TICKET_PREFIX.length) : row.publisher,
    id: row.id,
    type: row.type,
    senderKind: row.sender_kind,
    seq: row.seq,
    receivedAt: row.received_at_ms,
    fieldsText: row.fields,
  };
}
