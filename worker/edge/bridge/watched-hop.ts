// The last hop to a client, looked at for as long as the client has not read all: what waits there is known in the isolate.
import { type Link, waitingBytes } from "../../../connection/backlog.ts";
import { LOOK_LATER_MS, LOOK_SOON_MS } from "../../../connection/looks.ts";
import type { Outcome } from "../../../connection/outbox.ts";
import type { EdgeMemory } from "../edge-memory.ts";
import { NextLook } from "../next-look.ts";
import type { LastHop } from "./last-hop.ts";

export interface WatchedHopParts {
  readonly client: Pick<Link, "bufferedAmount">;
  readonly lastHop: LastHop;
  readonly memory: EdgeMemory;
  /** Told where more than the bound would wait, or nothing of what waits has moved for too long. */
  readonly fellBehind: () => void;
}

export class WatchedHop {
  readonly #parts: WatchedHopParts;
  readonly #nextLook = new NextLook(() => this.#look());
  #isOver = false;

  constructor(parts: WatchedHopParts) {
    this.#parts = parts;
  }

  /** A word of the gateway's own. */
  tell(text: string): void {
    this.#deal(this.#parts.lastHop.tell(text, Date.now()));
  }

  /** A message of the object. */
  pass(message: string | ArrayBuffer): void {
    this.#deal(this.#parts.lastHop.pass(message, Date.now()));
  }

  /** The client registered. @param window its credits; undefined where it acknowledges nothing */
  registered(window: number | undefined): void {
    this.#parts.lastHop.registered(window);
  }

  acknowledge(seq: number): void {
    this.#parts.lastHop.acknowledge(seq);
    this.#look();
  }

  /** The client is told to go: what it has not read is somebody else's to watch, or gone. */
  stop(): void {
    this.#isOver = true;
    this.#parts.lastHop.forget();
    this.#nextLook.stop();
    this.#parts.memory.report(this, 0);
  }

  #deal(outcome: Outcome): void {
    switch (outcome) {
      case "sent":
      case "gathered":
      case "awaits-credit":
        this.#nextLook.within(LOOK_LATER_MS);
        break;
      case "waits":
        this.#nextLook.within(LOOK_SOON_MS);
        break;
      case "overflow":
        return this.#parts.fellBehind();
      case "broken": // its close follows
        break;
    }
    this.#report();
  }

  /** What waits for this client, and whether it reads it. */
  #look(): void {
    // One text may acknowledge several frames, and the first of them may have found it stalled.
    if (this.#isOver) return;
    switch (this.#parts.lastHop.look(Date.now())) {
      case "clear":
      case "broken":
        break;
      case "behind":
        this.#nextLook.within(LOOK_LATER_MS);
        break;
      case "waits":
        this.#nextLook.within(LOOK_SOON_MS);
        break;
      case "stalled":
        return this.#parts.fellBehind();
    }
    this.#report();
  }

  #report(): void {
    // What was sent may have ended it, and then nobody would take the report back.
    if (this.#isOver) return;
    const { client, lastHop, memory } = this.#parts;
    memory.report(this, waitingBytes(client) + lastHop.waitingBytes);
  }
}
