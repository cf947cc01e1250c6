// A client that comes back whenever its connection ends, as docs/PROTOCOL.md tells clients to, and resumes where it was.
import { setTimeout as delay } from "node:timers/promises";
import { RECONNECT_MIN_MS } from "../../protocol/limits.ts";
import type { Message } from "../support/client.ts";
import { type Line, openLine } from "./doors.ts";

export interface ReturningOptions {
  /** Where the gateway is now: after a restart it may be elsewhere. */
  readonly gateway: () => URL;
  readonly streamId: string;
  readonly userId: string;
  /** Told of each registration. */
  readonly registered: () => void;
  /** Told of each alert that was not seen before. */
  readonly seen: () => void;
  readonly complain: (sentence: string) => void;
}

/** The upper end of the full jitter where nobody says when to come back: a quarter of what clients should take. */
const JITTER_MAX_MS = 5000;

export class ReturningClient {
  readonly #options: ReturningOptions;
  /** The `id` of each alert, by its offset. */
  readonly #idByOffset = new Map<number, unknown>();
  #epoch = "";
  #line: Line | undefined;
  /** What the gateway said of the way back. */
  #afterMs: number | undefined;
  #isLeaving = false;
  /** Alerts that came again. */
  repeated = 0;

  constructor(options: ReturningOptions) {
    this.#options = options;
  }

  /** Up to which alert it has seen. */
  get offset(): number {
    return this.#idByOffset.size;
  }

  idAt(offset: number): unknown {
    return this.#idByOffset.get(offset);
  }

  /** Resolves once it was told to leave and has left. */
  async stay(): Promise<void> {
    while (!this.#isLeaving) {
      try {
        await this.#visit();
      } catch {
        // The gateway is not back yet.
      }
      if (!this.#isLeaving) await delay(this.#waitMs());
    }
  }

  leave(): void {
    this.#isLeaving = true;
    this.#line?.close();
  }

  async #visit(): Promise<void> {
    const { gateway, streamId, userId } = this.#options;
    const network = new AbortController().signal;
    this.#line = await openLine({ gateway: gateway(), network }, streamId, userId, (message) => this.#hear(message));
    const resume = { epoch: this.#epoch, offset: this.offset };
    this.#line.send({ type: "register", consumes: ["alert"], resume });
    await this.#line.ended;
  }

  #waitMs(): number {
    const afterMs = this.#afterMs ?? RECONNECT_MIN_MS + Math.random() * (JITTER_MAX_MS - RECONNECT_MIN_MS);
    this.#afterMs = undefined;
    return afterMs;
  }

  #hear(message: Message): void {
    const { complain, registered } = this.#options;
    switch (message.type) {
      case "success":
        if (message["recovered"] !== true) complain(`a resume was not recovered: ${JSON.stringify(message)}`);
        if (this.#epoch !== "" && message["epoch"] !== this.#epoch) complain("the epoch changed");
        this.#epoch = String(message["epoch"]);
        registered();
        break;
      case "alert":
        this.#note(Number(message["offset"]), message["id"]);
        break;
      case "reconnect":
        this.#afterMs = Number(message["afterMs"]);
        break;
      default:
        if (message["code"] !== "DRAINING") complain(`a client was told ${JSON.stringify(message)}`);
    }
  }

  #note(offset: number, id: unknown): void {
    const { complain, seen } = this.#options;
    if (this.#idByOffset.has(offset)) {
      this.repeated += 1;
      return;
    }
    if (offset !== this.offset + 1) complain(`alert ${offset} came behind ${this.offset}`);
    this.#idByOffset.set(offset, id);
    seen();
  }
}
