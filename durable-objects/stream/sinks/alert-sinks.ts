// The Workers that get every alert: from the log, each with a cursor of its own, at least once, however often it fails.
import { isJsonObject, type JsonObject, parseJson } from "../../../protocol/json.ts";
import { firstRow, type Sql, type Storage } from "../../storage.ts";
import type { AlertLog, StoredEntry } from "../alerts/alert-log.ts";
import { durableText } from "../alerts/durable-text.ts";
import type { Deadlines } from "../deadlines.ts";
import type { Access, Claim } from "../rights/access.ts";

interface Parts {
  /** Names of the bindings. */
  readonly bindings: readonly string[];
  readonly storage: Storage;
  readonly access: Access;
  readonly log: AlertLog;
  readonly deadlines: Deadlines;
  /** Calls the bound Worker; rejects where it throws, cannot be reached or takes too long. */
  readonly call: (binding: string, alert: JsonObject) => Promise<unknown>;
  /** Told of each call that did not end well. */
  readonly failed: () => void;
  /** Told once when a sink gets into trouble, and not again before it has taken an alert. */
  readonly trouble: (binding: string) => void;
  readonly keepAlive: (work: Promise<unknown>) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

interface Cursor {
  /** Of the last alert that the sink took. */
  readonly offset: number;
  /** How often the next one failed. */
  readonly failures: number;
  readonly retryAtMs: number;
}

const RETRY_FIRST_MS = 5000;
const RETRY_MAX_MS = 600_000;

export class AlertSinks {
  readonly #parts: Parts;
  /** Those that an alert is on its way to: one at a time, so that a sink sees them in order. */
  readonly #busy = new Set<string>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** An alert was stored: sinks that are not known yet begin with it, and not with what was there before them. */
  stored(offset: number): void {
    this.#deliver(offset - 1);
  }

  /** The object woke, or the alarm rang: what could not be delivered is tried again. */
  look(): void {
    if (this.#parts.bindings.length === 0 || this.#parts.access.claim === undefined) return;
    this.#deliver(this.#parts.log.head);
  }

  /** @param startAfter where a sink begins that has no cursor yet */
  #deliver(startAfter: number): void {
    const { bindings, keepAlive, storage } = this.#parts;
    for (const binding of bindings) {
      // Also of one that is busy, with an alert of a stream that was deleted meanwhile.
      if (readCursor(storage.sql, binding) === undefined) {
        writeCursor(storage.sql, binding, { offset: startAfter, failures: 0, retryAtMs: 0 });
      }
      if (this.#busy.has(binding)) continue;
      keepAlive(this.#run(binding));
    }
  }

  /** Until the sink has all, or one fails. */
  async #run(binding: string): Promise<void> {
    this.#busy.add(binding);
    try {
      let next = this.#nextFor(binding);
      while (next !== undefined) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other is the point
        next = (await this.#deliverOne(binding, next)) ? this.#nextFor(binding) : undefined;
      }
    } finally {
      // Without a turn between the last look and this: what is stored in it would wait for the next alert.
      this.#busy.delete(binding);
    }
  }

  #nextFor(binding: string): { claim: Claim; entry: StoredEntry; cursor: Cursor } | undefined {
    const { access, deadlines, log, now, storage } = this.#parts;
    const { claim } = access;
    if (claim === undefined) return undefined;
    const cursor = readCursor(storage.sql, binding);
    const entry = cursor === undefined ? undefined : firstRow(log.after(cursor.offset));
    if (cursor === undefined || entry === undefined) return undefined;
    // Further ahead than it can have been set it is by a clock that stepped back.
    const leftMs = cursor.retryAtMs - now();
    if (leftMs <= 0 || leftMs > RETRY_MAX_MS) return { claim, entry, cursor };
    deadlines.add(cursor.retryAtMs);
    return undefined;
  }

  /** False where it failed, and is tried again later. */
  async #deliverOne(
    binding: string,
    { claim, entry, cursor }: { claim: Claim; entry: StoredEntry; cursor: Cursor },
  ): Promise<boolean> {
    const { access, call, deadlines, failed, now, storage, trouble } = this.#parts;
    const alert = parseJson(durableText(entry, claim))?.value;
    try {
      await call(binding, isJsonObject(alert) ? alert : {});
    } catch {
      // Its text is the sink's own business and may hold anything.
      if (access.claim?.epoch !== claim.epoch) return true;
      failed();
      const failures = cursor.failures + 1;
      const retryAtMs = now() + Math.min(RETRY_FIRST_MS * 2 ** cursor.failures, RETRY_MAX_MS);
      writeCursor(storage.sql, binding, { offset: cursor.offset, failures, retryAtMs });
      deadlines.add(retryAtMs);
      if (failures === 1) trouble(binding);
      return false;
    }
    // Deleted meanwhile: the tables are gone, or somebody else's, and the next alert is theirs.
    if (access.claim?.epoch !== claim.epoch) return true;
    writeCursor(storage.sql, binding, { offset: entry.offset, failures: 0, retryAtMs: 0 });
    return true;
  }
}

function readCursor(sql: Sql, binding: string): Cursor | undefined {
  return firstRow(
    sql.exec<{ offset: number; failures: number; retryAtMs: number }>(
      "SELECT offset, failures, retry_at_ms AS retryAtMs FROM alert_cursors WHERE binding = ?",
      binding,
    ),
  );
}

function writeCursor(sql: Sql, binding: string, { offset, failures, retryAtMs }: Cursor): void {
  sql.exec(
    "INSERT OR REPLACE INTO alert_cursors (binding, offset, failures, retry_at_ms) VALUES (?, ?, ?, ?)",
    binding,
    offset,
    failures,
    retryAtMs,
  );
}
