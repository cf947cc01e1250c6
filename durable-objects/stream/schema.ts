// The tables of one stream. They are made when the stream is claimed: an unclaimed one stores nothing.
import { firstRow, type Sql } from "../storage.ts";

/**
 * Raised with each change of the tables; an object wakes with those of any release before. Changes only add, with a
 * default, so that a release that is rolled back still works with what the newer one left.
 */
export const SCHEMA_VERSION = 4;

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
    seq_reserved INTEGER NOT NULL,
    used_at_ms INTEGER NOT NULL DEFAULT 0
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
  createFrames(sql);
  sql.exec("DELETE FROM frames");
  createCursors(sql);
  createTickets(sql);
}

/** Brings the tables of an earlier release up to this one's; false where they are. One that did not write its last use counts as used now. */
export function migrateSchema(sql: Sql, nowMs: number): boolean {
  const version = firstRow(sql.exec<{ version: number }>("SELECT schema_version AS version FROM stream"))?.version;
  if (version === undefined || version >= SCHEMA_VERSION) return false;
  if (version < 2) toVersion2(sql, nowMs);
  // Not for a stream that has cursors: emptied, they would begin behind the newest alert.
  if (version < 3) createCursors(sql);
  createTickets(sql);
  sql.exec("UPDATE stream SET schema_version = ?", SCHEMA_VERSION);
  return true;
}

function toVersion2(sql: Sql, nowMs: number): void {
  sql.exec("ALTER TABLE stream ADD COLUMN used_at_ms INTEGER NOT NULL DEFAULT 0");
  sql.exec("UPDATE stream SET used_at_ms = ?", nowMs);
  createFrames(sql);
}

/** The stream is nobody's again, and holds nothing. */
export function dropSchema(sql: Sql): void {
  sql.exec("DROP TABLE IF EXISTS frames");
  sql.exec("DROP TABLE IF EXISTS alert_cursors");
  sql.exec("DROP TABLE IF EXISTS tickets");
  sql.exec("DROP TABLE alerts");
  sql.exec("DROP TABLE stream");
}

/** How far each sink of alerts has come; emptied because the release before leaves it behind when it deletes a stream. */
function createCursors(sql: Sql): void {
  sql.exec(`CREATE TABLE IF NOT EXISTS alert_cursors (
    binding TEXT PRIMARY KEY,
    offset INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    retry_at_ms INTEGER NOT NULL
  ) WITHOUT ROWID`);
  sql.exec("DELETE FROM alert_cursors");
}

/** Tickets that may be used still; emptied for the same reason. */
function createTickets(sql: Sql): void {
  sql.exec(`CREATE TABLE IF NOT EXISTS tickets (
    ticket_id TEXT PRIMARY KEY,
    uses_left INTEGER NOT NULL,
    expires_at_ms INTEGER NOT NULL
  ) WITHOUT ROWID`);
  sql.exec("DELETE FROM tickets");
}

/**
 * The newest frame of each type, in parts, since a row holds 2 MB at most. The epoch is on each row because the release
 * before does not know this table, and leaves it behind when it deletes a stream.
 */
function createFrames(sql: Sql): void {
  sql.exec(`CREATE TABLE IF NOT EXISTS frames (
    type TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('text', 'payload')),
    part INTEGER NOT NULL,
    epoch TEXT NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (type, kind, part)
  ) WITHOUT ROWID`);
}
