// A client that was told to go: what it has not read counts until it has, and one that reads nothing is cut off.
import { type Link, waitingBytes } from "../../connection/backlog.ts";
import { LOOK_LATER_MS } from "../../connection/looks.ts";
import { Progress } from "../../connection/progress.ts";
import type { EdgeMemory } from "./edge-memory.ts";

interface Parts {
  readonly client: Pick<Link, "bufferedAmount"> & { readonly readyState: number };
  readonly memory: EdgeMemory;
  /** How long a client may read nothing of what waits for it, in milliseconds. */
  readonly stallMs: number;
  /** Drops its connection at once, with all that waits for it. */
  readonly cut: () => void;
}

/** `WebSocket.CLOSED`: a socket that is gone on both sides keeps its last count for ever. */
const CLOSED = 3;

/**
 * `close` queues behind what waits and frees none of it. A client that reads on learns why it was closed; the others would
 * keep their memory for as long as they keep their connection.
 */
export class LettingGo {
  readonly #parts: Parts;
  readonly #progress = new Progress();
  #nextLook: ReturnType<typeof setTimeout> | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** It was told, and its socket was closed from here. */
  begin(): void {
    this.#look();
  }

  #look(): void {
    const { client, memory, stallMs, cut } = this.#parts;
    const bytes = client.readyState === CLOSED ? 0 : waitingBytes(client);
    memory.report(this, bytes);
    if (bytes === 0) return;
    const nowMs = Date.now();
    this.#progress.note(bytes, nowMs);
    if (this.#progress.stuckForMs(nowMs) < stallMs) {
      this.#nextLook = setTimeout(() => this.#look(), LOOK_LATER_MS);
    } else {
      memory.report(this, 0);
      cut();
    }
  }

  /** Its connection is gone: nothing waits any more, whatever its socket still counts. */
  ended(): void {
    if (this.#nextLook !== undefined) clearTimeout(this.#nextLook);
    this.#parts.memory.report(this, 0);
  }
}
