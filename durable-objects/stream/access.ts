// Who owns this stream, since which epoch, and whom the owner lets in.
import { type AccessList, NO_ACCESS, readAccessChange } from "../../auth/access-list.ts";
import type { StreamFacts } from "../../auth/policy.ts";
import { isJsonObject, parseJson } from "../../protocol/json.ts";
import { createSchema, dropSchema, SCHEMA_VERSION, schemaExists } from "./schema.ts";
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
  #list: AccessList | undefined;
  #version = 0;

  constructor(storage: Storage) {
    this.#storage = storage;
    if (schemaExists(storage.sql)) this.#load();
  }

  /** Undefined while nobody owns the stream. */
  get claim(): Claim | undefined {
    return this.#claim;
  }

  factsOf(streamId: string): StreamFacts {
    return { streamId, ownerId: this.#claim?.ownerId, access: this.#list };
  }

  /** Whom the owner lets in; undefined while there is no owner. */
  get list(): AccessList | undefined {
    return this.#list;
  }

  /** Rises with each change of the list, so that two who change it at once notice each other. */
  get version(): number {
    return this.#version;
  }

  /** Makes the stream somebody's. The caller has decided, in the same synchronous step, that it is nobody's yet. */
  takeOwnership(claim: Claim, nowMs: number): void {
    const { sql } = this.#storage;
    this.#storage.transactionSync(() => {
      createSchema(sql);
      sql.exec(
        `INSERT INTO stream
           (id, schema_version, stream_id, owner_id, created_at_ms, epoch, access, access_version, head, seq_reserved)
         VALUES (1, ?, ?, ?, ?, ?, ?, 1, 0, 0)`,
        SCHEMA_VERSION,
        claim.streamId,
        claim.ownerId,
        nowMs,
        claim.epoch,
        JSON.stringify(NO_ACCESS),
      );
    });
    this.#claim = claim;
    this.#list = NO_ACCESS;
    this.#version = 1;
  }

  /** Only for claimed streams. */
  replaceList(list: AccessList): void {
    this.#storage.sql.exec("UPDATE stream SET access = ?, access_version = ?", JSON.stringify(list), this.#version + 1);
    this.#list = list;
    this.#version += 1;
  }

  /** Forgets everything that was stored; the next claim begins a new epoch. */
  erase(): void {
    this.#storage.transactionSync(() => dropSchema(this.#storage.sql));
    this.#claim = undefined;
    this.#list = undefined;
    this.#version = 0;
  }

  #load(): void {
    const row = firstRow(
      this.#storage.sql.exec<StreamRow>(
        "SELECT stream_id AS streamId, owner_id AS ownerId, epoch, access, access_version AS version FROM stream",
      ),
    );
    if (row === undefined) return;
    const { streamId, ownerId, epoch, access, version } = row;
    const stored = parseJson(access)?.value;
    this.#claim = { streamId, ownerId, epoch };
    // Only what was checked before is written there; what cannot be read lets nobody in.
    this.#list = { ...NO_ACCESS, ...(isJsonObject(stored) ? readAccessChange(stored) : undefined) };
    this.#version = version;
  }
}

type StreamRow = { streamId: string; ownerId: string; epoch: string; access: string; version: number };
