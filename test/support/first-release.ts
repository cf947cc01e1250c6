// What the release before version 2 of the tables did with them, statement by statement, for tests of going back and forth.
import type { AccessList } from "../../auth/access-list.ts";
import type { MemoryStorage } from "./memory-storage.ts";

const VERSION = 1;

interface FirstClaim {
  readonly streamId: string;
  readonly ownerId: string;
  readonly epoch: string;
  readonly createdAtMs: number;
}

export class FirstRelease {
  readonly #storage: MemoryStorage;

  constructor(storage: MemoryStorage) {
    this.#storage = storage;
  }

  /** What it read when its object woke. */
  get claimed(): unknown {
    return this.#storage.rows(
      "SELECT stream_id AS streamId, owner_id AS ownerId, epoch, access, access_version AS version FROM stream",
    )[0];
  }

  claim({ streamId, ownerId, epoch, createdAtMs }: FirstClaim): void {
    const { sql } = this.#storage;
    sql.exec(`CREATE TABLE IF NOT EXISTS stream (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      schema_version INTEGER NOT NULL,
      stream_id TEXT NOT NULL,
      owner_id TEXT NOT NULL,
      created_at_ms INTEGER NOT NULL,
      epoch TEXT NOT NULL,
      access TEXT NOT NULL,
      access_version INTEGER NOT NULL,
      head INTEGER NOT NULL,
      seq_reserved INTEGER NOT NULL
    )`);
    sql.exec(`CREATE TABLE IF NOT EXISTS alerts (
      offset INTEGER PRIMARY KEY,
      publisher TEXT NOT NULL,
      id TEXT NOT NULL,
      type TEXT NOT NULL,
      sender_kind TEXT NOT NULL,
      seq INTEGER NOT NULL,
      received_at_ms INTEGER NOT NULL,
      fields TEXT NOT NULL,
      UNIQUE (publisher, id)
    )`);
    sql.exec(
      `INSERT INTO stream
         (id, schema_version, stream_id, owner_id, created_at_ms, epoch, access, access_version, head, seq_reserved)
       VALUES (1, ?, ?, ?, ?, ?, ?, 1, 0, 0)`,
      VERSION,
      streamId,
      ownerId,
      createdAtMs,
      epoch,
      JSON.stringify({ public: false, readers: [], writers: {} }),
    );
  }

  replaceList(list: AccessList): void {
    this.#storage.sql.exec("UPDATE stream SET access = ?, access_version = access_version + 1", JSON.stringify(list));
  }

  append(publisher: string, id: string): void {
    const { sql } = this.#storage;
    sql.exec("UPDATE stream SET head = head + 1, seq_reserved = seq_reserved + 10000");
    sql.exec(
      `INSERT INTO alerts (offset, publisher, id, type, sender_kind, seq, received_at_ms, fields)
       SELECT head, ?, ?, 'alert', 'user', seq_reserved, created_at_ms, '{"type":"alert"}' FROM stream`,
      publisher,
      id,
    );
  }

  erase(): void {
    this.#storage.sql.exec("DROP TABLE alerts");
    this.#storage.sql.exec("DROP TABLE stream");
  }
}
