// How the database means to run each statement of the log: whether it seeks, or reads the table from end to end.
import { firstRow, type SqlValue, type Storage } from "../../durable-objects/storage.ts";
import { AlertLog, type LogEntry } from "../../durable-objects/stream/alerts/alert-log.ts";
import { createSchema } from "../../durable-objects/stream/schema.ts";
import { MemoryStorage } from "../../test/support/memory-storage.ts";
import type { BenchStream } from "./bench-stream.ts";

interface Statement {
  readonly query: string;
  readonly bindings: readonly Exclude<SqlValue, ArrayBuffer>[];
}

export interface Plan {
  readonly query: string;
  readonly steps: readonly string[];
  /** Reads a whole table, or would if its reader did not stop. */
  readonly scans: boolean;
}

/** Of what the log really runs, asked of a stream that has many alerts. */
export async function plansOn(stream: BenchStream): Promise<readonly Plan[]> {
  const plans: Plan[] = [];
  for (const { query, bindings } of statementsOfLog()) {
    const rows = await stream.rows(`EXPLAIN QUERY PLAN ${query}`, ...bindings);
    const steps = rows.map((row) => String(row["detail"]));
    // A DELETE without a condition has no step at all, and empties the table page by page.
    const deletesAll = query.startsWith("DELETE") && !query.includes("WHERE");
    plans.push({ query, steps, scans: deletesAll || steps.some((step) => step.startsWith("SCAN alerts")) });
  }
  return plans;
}

/** Runs a real log on a database in memory, through each of its ways, and writes down what it says to it. */
function statementsOfLog(): readonly Statement[] {
  const memory = new MemoryStorage();
  createSchema(memory.sql);
  memory.sql.exec(
    `INSERT INTO stream
       (id, schema_version, stream_id, owner_id, created_at_ms, epoch, access, access_version, head, seq_reserved)
     VALUES (1, 1, 'cam-1', 'anna', 0, 'e1', '{}', 1, 0, 0)`,
  );
  const statements = new Map<string, Statement>();
  const recording: Storage = {
    sql: {
      exec: (query, ...bindings) => {
        const known = query.replaceAll(/\s+/g, " ");
        // The log binds no bytes, and the harness carries none.
        statements.set(known, {
          query: known,
          bindings: bindings.filter(
            (value): value is Exclude<SqlValue, ArrayBuffer> => !(value instanceof ArrayBuffer),
          ),
        });
        return memory.sql.exec(query, ...bindings);
      },
    },
    transactionSync: (work) => memory.transactionSync(work),
  };
  const log = new AlertLog(recording);
  for (let receivedAt = 1; receivedAt <= 3; receivedAt += 1) log.append(entryAt(receivedAt));
  void [log.first, log.head, firstRow(log.after(1))];
  const keptMs = 10;
  log.trim({ maxAgeMs: keptMs, maxEntries: 2 }, 3);
  log.trim({ maxAgeMs: keptMs, maxEntries: 2 }, 3 + 2 * keptMs);
  return [...statements.values()];
}

function entryAt(receivedAt: number): LogEntry {
  const id = String(receivedAt);
  return { publisher: "anna", senderKind: "user", id, type: "alert", seq: receivedAt, receivedAt, fieldsText: "{}" };
}
