// One end of a pipe: what the other end says leaves here within a bound, and whether it is read is looked at.
import { waitingBytes } from "../../../connection/backlog.ts";
import { relayedCloseCode } from "../../../connection/close.ts";
import { LOOK_LATER_MS } from "../../../connection/looks.ts";
import { Outbox, type OutboxBounds } from "../../../connection/outbox.ts";
import { sizeOf } from "../../../connection/sized.ts";
import type { EdgeMemory } from "../../edge/edge-memory.ts";
import { LettingGo } from "../../edge/letting-go.ts";
import { NextLook } from "../../edge/next-look.ts";
import type { RelayedSocket } from "../../edge/relayed-socket.ts";

export interface PipeEndParts {
  readonly socket: RelayedSocket;
  /** Of what waits here, and of all that the isolate holds together. */
  readonly bounds: OutboxBounds;
  readonly memory: EdgeMemory;
  /** Drops its connection at once, with all that waits for it. */
  readonly cut: () => void;
  /** Told where it was dropped, since it read nothing any more or did not answer a close. */
  readonly dropped: () => void;
  /** Told where more than the bound would wait, or nothing of what waits has moved for too long. */
  readonly fellBehind: () => void;
}

/**
 * `silent`: it has closed on its side, and still hears. `closing`: it was told to close, may still have to read, and, where it
 * was not silent before, to answer. `gone`: nothing waits for it any more.
 */
type State = "open" | "silent" | "closing" | "gone";

export class PipeEnd {
  readonly #parts: PipeEndParts;
  readonly #outbox: Outbox;
  readonly #lettingGo: LettingGo;
  readonly #nextLook = new NextLook(() => this.#look());
  #state: State = "open";
  #answer: ReturnType<typeof setTimeout> | undefined;

  constructor(parts: PipeEndParts) {
    const { socket, bounds, memory } = parts;
    this.#parts = parts;
    this.#outbox = new Outbox({ link: socket, bounds, missedAtFirst: 0, dropped: () => undefined });
    this.#lettingGo = new LettingGo({ client: socket, memory, stallMs: bounds.stallMs, cut: () => this.#drop() });
  }

  /** Passes a message on as it is; where it was told to close nobody listens for more. */
  send(message: string | ArrayBuffer): void {
    if (this.#isOver) return;
    const { memory, fellBehind } = this.#parts;
    // Where it is broken its close follows.
    if (this.#outbox.tell(sizeOf(message), message, memory, Date.now()) === "overflow") return fellBehind();
    this.#nextLook.within(LOOK_LATER_MS);
    this.#report();
  }

  /** Says a close that came from the other end, as it came. @param code as the runtime reported it */
  relayClose(code: number, reason: string): void {
    this.close(relayedCloseCode(code), reason);
  }

  /** Once; what waits leaves before it. @param code undefined names none */
  close(code: number | undefined, reason: string): void {
    if (this.#isOver) return;
    if (this.#state === "open") this.#awaitAnswer();
    this.#state = "closing";
    this.#stopLooking();
    if (code === undefined) this.#parts.socket.close();
    else this.#parts.socket.close(code, reason);
    this.#lettingGo.begin();
  }

  /** It says nothing more: that is its answer where it was told to close, and then it has read all. */
  hasClosed(): void {
    if (this.#state === "open") this.#state = "silent";
    else if (this.#state === "closing") this.ended();
  }

  /** Its connection is gone: whatever its socket still counts, nothing waits. */
  ended(): void {
    if (!this.#isOver) this.#parts.socket.close();
    this.#state = "gone";
    if (this.#answer !== undefined) clearTimeout(this.#answer);
    this.#stopLooking();
    this.#lettingGo.ended();
  }

  get #isOver(): boolean {
    return this.#state === "closing" || this.#state === "gone";
  }

  /** Neither `close` nor the platform ends a connection whose other side does not close it too. */
  #awaitAnswer(): void {
    const { bounds, socket } = this.#parts;
    this.#answer = setTimeout(() => {
      // As long as it reads it is not overdue, and is looked at where it is let go.
      if (waitingBytes(socket) > 0) this.#awaitAnswer();
      else this.#drop();
    }, bounds.stallMs);
  }

  /** What is said of it is said before: a client's cut ends the whole request, and whatever would still run for it. */
  #drop(): void {
    this.#parts.dropped();
    this.#parts.cut();
  }

  #look(): void {
    const { fellBehind, memory } = this.#parts;
    const look = this.#outbox.look(memory, Date.now());
    if (look === "stalled") return fellBehind();
    if (look === "behind") this.#nextLook.within(LOOK_LATER_MS);
    this.#report();
  }

  #report(): void {
    const { memory, socket } = this.#parts;
    memory.report(this, waitingBytes(socket));
  }

  /** What it has not read is counted by who lets it go. */
  #stopLooking(): void {
    this.#nextLook.stop();
    this.#parts.memory.report(this, 0);
  }
}
