// Who owns this stream, since which epoch, whom the owner lets in, and when it was last of use.
import { type AccessList, NO_ACCESS, readAccessChange } from "../../../auth/access-list.ts";
import { type DelegatedRights, NOBODY, ownerOf, type StreamFacts, type StreamPolicy } from "../../../auth/policy.ts";
import { isJsonObject, parseJson } from "../../../protocol/json.ts";
import { firstRow, type Storage } from "../../storage.ts";
import { createSchema, dropSchema, migrateSchema, SCHEMA_VERSION, schemaExists } from "../schema.ts";

/** A stream that exists: somebody made it, and mostly owns it. */
export interface Claim {
  readonly streamId: string;
  /** On whose account it is; `NOBODY` where the policy was `open`. */
  readonly ownerId: string;
  /** Names this life of the stream; offsets of another one mean nothing here. */
  readonly epoch: string;
  /** Milliseconds since 1970. */
  readonly createdAtMs: number;
}

/** A use is written at most this often: it decides about weeks. What is read back may be so much too early. */
export const USE_GRAIN_MS = 86_400_000;

export class Access {
  readonly #storage: Storage;
  readonly #policy: StreamPolicy;
  readonly #delegated: DelegatedRights | undefined;
  #claim: Claim | undefined;
  #ownerId = NOBODY;
  #list: AccessList | undefined;
  #version = 0;
  #usedAtMs = 0;
  readonly #isFromEarlierRelease: boolean = false;

  /** @param delegated what the operator's Worker said, where it is asked */
  constructor(storage: Storage, policy: StreamPolicy, nowMs: number, delegated?: DelegatedRights) {
    this.#storage = storage;
    this.#delegated = delegated;
    this.#policy = policy;
    if (!schemaExists(storage.sql)) return;
    this.#isFromEarlierRelease = storage.transactionSync(() => migrateSchema(storage.sql, nowMs));
    this.#load();
  }

  /** Undefined while nobody has made the stream. */
  get claim(): Claim | undefined {
    return this.#claim;
  }

  /** Whose stream it is under the deployment's policy; `NOBODY` where it is nobody's. Asked for each frame. */
  get ownerId(): string {
    return this.#ownerId;
  }

  factsOf(streamId: string): StreamFacts {
    return {
      policy: this.#policy,
      streamId,
      claimedBy: this.#claim?.ownerId,
      epoch: this.#claim?.epoch,
      access: this.#list,
      delegated: this.#delegated,
    };
  }

  /** Whom the owner lets in; undefined while there is no stream. */
  get list(): AccessList | undefined {
    return this.#list;
  }

  /** Whether anybody but the owner was let in. */
  get isShared(): boolean {
    const { public: isPublic, readers, writers } = this.#list ?? NO_ACCESS;
    return isPublic || readers.length > 0 || Object.keys(writers).length > 0;
  }

  /** Whether its tables were brought up to date just now. */
  get isFromEarlierRelease(): boolean {
    return this.#isFromEarlierRelease;
  }

  /** Rises with each change of the list, so that two who change it at once notice each other. */
  get version(): number {
    return this.#version;
  }

  /** Milliseconds since 1970, a day off at most; 0 while there is no stream. */
  get usedAtMs(): number {
    return this.#usedAtMs;
  }

  /** Makes the stream somebody's. The caller has decided, in the same synchronous step, that it is nobody's yet. */
  takeOwnership(claim: Claim): void {
    const { sql } = this.#storage;
    this.#storage.transactionSync(() => {
      createSchema(sql);
      sql.exec(
        `INSERT INTO stream
           (id, schema_version, stream_id, owner_id, created_at_ms, used_at_ms, epoch, access, access_version, head,
            seq_reserved)
         VALUES (1, ?, ?, ?, ?, ?, ?, ?, 1, 0, 0)`,
        SCHEMA_VERSION,
        claim.streamId,
        claim.ownerId,
        claim.createdAtMs,
        claim.createdAtMs,
        claim.epoch,
        JSON.stringify(NO_ACCESS),
      );
    });
    this.#setClaim(claim);
    this.#list = NO_ACCESS;
    this.#version = 1;
    this.#usedAtMs = claim.createdAtMs;
  }

  /** Only for streams that exist. */
  replaceList(list: AccessList): void {
    this.#storage.sql.exec("UPDATE stream SET access = ?, access_version = ?", JSON.stringify(list), this.#version + 1);
    this.#list = list;
    this.#version += 1;
  }

  /** Somebody does something with the stream. */
  noteUse(nowMs: number): void {
    if (this.#claim === undefined || nowMs - this.#usedAtMs < USE_GRAIN_MS) return;
    this.#storage.sql.exec("UPDATE stream SET used_at_ms = ?", nowMs);
    this.#usedAtMs = nowMs;
  }

  /** Forgets everything that was stored; the next claim begins a new epoch. */
  erase(): void {
    this.#storage.transactionSync(() => dropSchema(this.#storage.sql));
    this.#setClaim(undefined);
    this.#list = undefined;
    this.#version = 0;
    this.#usedAtMs = 0;
  }

  #setClaim(claim: Claim | undefined): void {
    this.#claim = claim;
    this.#ownerId = claim === undefined ? NOBODY : (ownerOf(this.factsOf(claim.streamId)) ?? NOBODY);
  }

  #load(): void {
    const row = firstRow(
      this.#storage.sql.exec<StreamRow>(
        `SELECT stream_id AS streamId, owner_id AS ownerId, epoch, created_at_ms AS createdAtMs,
                used_at_ms AS usedAtMs, access, access_version AS version
         FROM stream`,
      ),
    );
    if (row === undefined) return;
    const { streamId, ownerId, epoch, createdAtMs, usedAtMs, access, version } = row;
    const stored = parseJson(access)?.value;
    this.#setClaim({ streamId, ownerId, epoch, createdAtMs });
    // Only what was checked before is written there; what cannot be read lets nobody in.
    this.#list = { ...NO_ACCESS, ...(isJsonObject(stored) ? readAccessChange(stored) : undefined) };
    this.#version = version;
    this.#usedAtMs = usedAtMs;
  }
}

type StreamRow = {
  streamId: string;
  ownerId: string;
  epoch: string;
  createdAtMs: number;
  usedAtMs: number;
  access: string;
  version: number;
};
