// Fills a log to a number of alerts by SQL, as if they had been published one after the other over some days.
import type { BenchStream } from "./bench-stream.ts";

/** Rows of one statement: few enough that the runtime answers in between. */
const CHUNK_ROWS = 50_000;
/** Younger than the retention's default, so that none is forgotten while it is measured. */
const FILLED_SPAN_MS = 20 * 86_400_000;

/** Random, as publishers choose them, so that the index holds them in no order. */
const NEW_ID = "lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-' || hex(randomblob(8)))";

/**
 * Publishes the first alert, so that everything that the gateway itself writes is there, and copies it with the rest of the
 * log's columns as they are.
 */
export async function fillFromStart(stream: BenchStream, alerts: number): Promise<void> {
  stream.publisher.send(stream.nextAlert());
  await stream.publisher.next("success");
  await stream.rows("UPDATE alerts SET received_at_ms = received_at_ms - ?", FILLED_SPAN_MS);
  await fillUpTo(stream, alerts, Math.floor(FILLED_SPAN_MS / alerts));
}

/** Adds copies of the newest alert until the log's head is at this offset. The object must be evicted after it. */
export async function fillUpTo(stream: BenchStream, lastOffset: number, stepMs = 0): Promise<void> {
  const head = await stream.number("SELECT head FROM stream");
  const columns = await columnsOf(stream, {
    offset: "n",
    id: NEW_ID,
    seq: "seq + n - offset",
    received_at_ms: `received_at_ms + (n - offset) * ${stepMs}`,
    fields: "replace(fields, '#' || offset || '#', '#' || n || '#')",
  });
  for (let first = head + 1; first <= lastOffset; first += CHUNK_ROWS) {
    const last = Math.min(first + CHUNK_ROWS - 1, lastOffset);
    await stream.rows(
      `WITH RECURSIVE numbers (n) AS (SELECT ? UNION ALL SELECT n + 1 FROM numbers WHERE n < ?)
       INSERT INTO alerts (${Object.keys(columns).join(", ")})
       SELECT ${Object.values(columns).join(", ")} FROM numbers, (SELECT * FROM alerts WHERE offset = ?)`,
      first,
      last,
      head,
    );
  }
  // What append() and the sequence would have counted.
  await stream.rows("UPDATE stream SET head = max(head, ?)", lastOffset);
  await stream.rows("UPDATE stream SET seq_reserved = max(seq_reserved, (SELECT max(seq) FROM alerts))");
}

/** Every column of the table with what it gets; those that are not named are copied. */
async function columnsOf(stream: BenchStream, changed: Record<string, string>): Promise<Record<string, string>> {
  const rows = await stream.rows("PRAGMA table_info(alerts)");
  const names = rows.map((row) => String(row["name"]));
  const gone = Object.keys(changed).filter((name) => !names.includes(name));
  if (gone.length > 0) throw new Error(`the table of alerts has no ${gone.join(", ")} any more`);
  return Object.fromEntries(names.map((name) => [name, changed[name] ?? name]));
}
