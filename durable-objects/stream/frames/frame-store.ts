// The newest frames on disk: written once a stream falls quiet, so that who comes later sees a camera that paused.
import type { Storage } from "../../storage.ts";

export interface StoredFrame {
  /** JSON with its stamps; of a binary frame, its header. */
  readonly text: string;
  /** Of a binary frame. */
  readonly payload: Uint8Array<ArrayBuffer> | undefined;
}

/** A row holds 2 MB at most, its keys included. */
const PART_BYTES = 1_048_576;

type Kind = "text" | "payload";

/** Only for streams that exist: its table was made with them. */
export class FrameStore {
  readonly #storage: Storage;

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  write(type: string, epoch: string, { text, payload }: StoredFrame): void {
    const { sql } = this.#storage;
    this.#storage.transactionSync(() => {
      sql.exec("DELETE FROM frames WHERE type = ?", type);
      this.#insert(type, "text", epoch, new TextEncoder().encode(text));
      if (payload !== undefined) this.#insert(type, "payload", epoch, payload);
    });
  }

  /** Undefined where there is none of this life of the stream. */
  read(type: string, epoch: string): StoredFrame | undefined {
    const text = this.#parts(type, "text", epoch);
    if (text === undefined) return undefined;
    return { text: new TextDecoder().decode(text), payload: this.#parts(type, "payload", epoch) };
  }

  #insert(type: string, kind: Kind, epoch: string, bytes: Uint8Array): void {
    // An empty payload is a payload, so there is always a first part.
    for (let part = 0; part === 0 || part * PART_BYTES < bytes.byteLength; part += 1) {
      const slice = bytes.slice(part * PART_BYTES, (part + 1) * PART_BYTES).buffer;
      this.#storage.sql.exec(
        "INSERT INTO frames (type, kind, part, epoch, bytes) VALUES (?, ?, ?, ?, ?)",
        type,
        kind,
        part,
        epoch,
        slice,
      );
    }
  }

  #parts(type: string, kind: Kind, epoch: string): Uint8Array<ArrayBuffer> | undefined {
    const rows = this.#storage.sql.exec<{ bytes: ArrayBuffer }>(
      "SELECT bytes FROM frames WHERE type = ? AND kind = ? AND epoch = ? ORDER BY part",
      type,
      kind,
      epoch,
    );
    const parts = Array.from(rows, ({ bytes }) => new Uint8Array(bytes));
    if (parts.length === 0) return undefined;
    const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
    let end = 0;
    for (const part of parts) {
      whole.set(part, end);
      end += part.byteLength;
    }
    return whole;
  }
}
