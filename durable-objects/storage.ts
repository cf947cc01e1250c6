// What the parts of a stream need of a database: the shape of the object's own, and of any other SQLite in a test.

export type SqlValue = string | number | null | ArrayBuffer;

export interface Sql {
  /** Runs one statement at once; rows are read as they are iterated. */
  exec<Row extends Record<string, SqlValue>>(query: string, ...bindings: SqlValue[]): Iterable<Row>;
}

export interface Storage {
  readonly sql: Sql;
  /** All or nothing: what throws leaves no trace. */
  transactionSync<T>(work: () => T): T;
}

/** The first row, or undefined. */
export function firstRow<Row>(rows: Iterable<Row>): Row | undefined {
  for (const row of rows) return row;
  return undefined;
}
