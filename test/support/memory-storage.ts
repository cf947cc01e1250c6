// A SQLite database in memory, in place of the one of a Durable Object, which exists only on the platform.
import { DatabaseSync } from "node:sqlite";
import type { Sql, SqlValue, Storage } from "../../durable-objects/storage.ts";

export class MemoryStorage implements Storage {
  readonly #database = new DatabaseSync(":memory:");
  #depth = 0;

  readonly sql: Sql = {
    exec: <Row extends Record<string, SqlValue>>(query: string, ...bindings: SqlValue[]) =>
      this.#database
        .prepare(query)
        .all(...bindings.map((value) => (value instanceof ArrayBuffer ? new Uint8Array(value) : value)))
        .map(withBuffers) as Row[],
  };

  /** Savepoints, because transactions may be nested. */
  transactionSync<T>(work: () => T): T {
    const name = `transaction_${this.#depth}`;
    this.#database.exec(`SAVEPOINT ${name}`);
    this.#depth += 1;
    try {
      return work();
    } catch (error) {
      this.#database.exec(`ROLLBACK TO ${name}`);
      throw error;
    } finally {
      this.#depth -= 1;
      this.#database.exec(`RELEASE ${name}`);
    }
  }

  /** What is stored at all. */
  get tables(): readonly unknown[] {
    return this.rows("SELECT name FROM sqlite_master WHERE type = 'table'").map(({ name }) => name);
  }

  rows(query: string, ...bindings: SqlValue[]): readonly Record<string, SqlValue>[] {
    // Copies, since the rows of node:sqlite have no prototype and would equal no literal.
    return Array.from(this.sql.exec(query, ...bindings), (row) => ({ ...row }));
  }

  /** Rows that were inserted, changed or deleted so far. */
  get rowsWritten(): number {
    return Number(this.rows("SELECT total_changes() AS count")[0]?.["count"]);
  }

  /** From here on the database refuses new alerts, as a full disk would. */
  refuseAlerts(): void {
    this.#refuseRowsOf("alerts");
  }

  acceptAlerts(): void {
    this.#database.exec("DROP TRIGGER refuse");
  }

  /** From here on the database refuses owners, as a full disk would. */
  refuseClaims(): void {
    this.#refuseRowsOf("stream");
  }

  #refuseRowsOf(table: string): void {
    this.#database.exec(`CREATE TRIGGER refuse BEFORE INSERT ON ${table} BEGIN SELECT RAISE(ABORT, 'disk full'); END`);
  }
}

/** The platform hands bytes out as an ArrayBuffer, node:sqlite as a view. */
function withBuffers(row: Record<string, unknown>): Record<string, unknown> {
  const entries = Object.entries(row);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, value instanceof Uint8Array ? value.slice().buffer : value]),
  );
}
