// Where what a client says waits for a decision about it: in order, within its own bound and that of all in the isolate.
import type { Kept } from "../../connection/waiting-queue.ts";
import type { Config } from "../config.ts";
import type { EdgeMemory } from "./edge-memory.ts";

type Message = string | ArrayBuffer;

interface Queue {
  /** Of all that waits. */
  readonly bytes: number;
  add(message: Message, maxBytes: number): Kept;
  drain(): readonly Message[];
}

/** What bounds everybody. */
interface Isolate {
  readonly config: Pick<Config, "edge">;
  readonly memory: EdgeMemory;
}

export class WaitingRoom {
  readonly #queue: Queue;
  readonly #maxBytes: number;
  readonly #isolate: Isolate;

  /** @param maxBytes of what waits in here */
  constructor(queue: Queue, maxBytes: number, isolate: Isolate) {
    this.#queue = queue;
    this.#maxBytes = maxBytes;
    this.#isolate = isolate;
  }

  /** Why its client must go; undefined where it may stay. */
  add(message: Message): "TOO_LARGE" | "OVERLOADED" | undefined {
    if (this.#queue.add(message, this.#maxBytes) === "overflow") return "TOO_LARGE";
    const { config, memory } = this.#isolate;
    memory.report(this, this.#queue.bytes);
    return memory.bytes > config.edge.edgeBufferBytes ? "OVERLOADED" : undefined;
  }

  /** All that waited, in order, which from now on counts here no more. */
  drain(): readonly Message[] {
    this.#isolate.memory.report(this, 0);
    return this.#queue.drain();
  }
}
