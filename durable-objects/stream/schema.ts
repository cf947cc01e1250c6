// The tables of one stream. They are made when the stream is claimed: an unclaimed one stores nothing.
import { firstRow, type Sql } from "./storage.ts";

/** Raised with each change of the tables; an object wakes with those of the release before. */
export const SCHEMA_VERSION = 1;

export function schemaExists(sql: Sql): boolean {
  return (
    firstRow(sql.exec("SELECT 1 AS found FROM sqlite_master WHERE type = 'table' AND name = 'stream'")) !== undefined
  );
}

export function createSchema(sql: Sql): void {
  // One row. `head` is a counter of its own because row ids jump on duplicates and start again after trimming.
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
}

/** The stream is nobody's again, and holds nothing. */
export function dropSchema(sql: Sql): void {
  sql.exec("DROP TABLE alerts");
  sql.exec("DROP TABLE stream");
}
