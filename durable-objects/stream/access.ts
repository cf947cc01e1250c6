// Who owns this stream, and since which epoch.
import type { StreamFacts } from "../../auth/policy.ts";
import { createSchema, SCHEMA_VERSION, schemaExists } from "./schema.ts";
import { firstRow, type Storage } from "./storage.ts";

/** A stream that somebody owns. */
export interface Claim {
  readonly streamId: string;
  readonly ownerId: string;
  /** Names this life of the stream; offsets of another one mean nothing here. */
  readonly epoch: string;
}

export class Access {
  readonly #storage: Storage;
  #claim: Claim | undefined;

  constructor(storage: Storage) {
    this.#storage = storage;
    this.#claim = schemaExists(storage.sql) ? readClaim(storage) : undefined;
  }

  /** Undefined while nobody owns the stream. */
  get claim(): Claim | undefined {
    return this.#claim;
  }

  factsOf(streamId: string): StreamFacts {
    return { streamId, ownerId: this.#claim?.ownerId };
  }

  /** Makes the stream somebody's. The caller has decided, in the same synchronous step, that it is nobody's yet. */
  takeOwnership(claim: Claim, nowMs: number): void {
    this.#storage.transactionSync(() => {
      createSchema(this.#storage.sql);
      this.#storage.sql.exec(
        `INSERT INTO stream (id, schema_version, stream_id, owner_id, created_at_ms, epoch, head, seq_reserved)
         VALUES (1, ?, ?, ?, ?, ?, 0, 0)`,
        SCHEMA_VERSION,
        claim.streamId,
        claim.ownerId,
        nowMs,
        claim.epoch,
      );
    });
    this.#claim = claim;
  }
}

function readClaim({ sql }: Storage): Claim | undefined {
  return firstRow(
    sql.exec<{ streamId: string; ownerId: string; epoch: string }>(
      "SELECT stream_id AS streamId, owner_id AS ownerId, epoch FROM stream",
    ),
  );
}
