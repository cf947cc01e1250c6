// Numbers that rise strictly over the whole life of a stream, without a write for each.
import { firstRow, type Sql } from "../../storage.ts";

/**
 * Numbers reserved by one write. A woken object starts above all it reserved before, so numbers jump by at most this
 * much; at 30 frames a second it is one row every five minutes.
 */
const BLOCK = 10_000;

/** Only for claimed streams: the row that it writes to exists since the claim. */
export class Sequence {
  readonly #sql: Sql;
  #last = 0;
  #reserved = 0;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  next(): number {
    if (this.#last === this.#reserved) this.#reserve();
    this.#last += 1;
    return this.#last;
  }

  /** The stream was deleted; what was reserved is gone with it. */
  restart(): void {
    this.#last = 0;
    this.#reserved = 0;
  }

  #reserve(): void {
    const row = firstRow(
      this.#sql.exec<{ reserved: number }>(
        "UPDATE stream SET seq_reserved = seq_reserved + ? RETURNING seq_reserved AS reserved",
        BLOCK,
      ),
    );
    if (row === undefined) throw new Error("a sequence belongs to a claimed stream");
    this.#reserved = row.reserved;
    this.#last = row.reserved - BLOCK;
  }
}
