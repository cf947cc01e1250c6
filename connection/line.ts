// The line to one consumer: each message leaves by itself or gathered with others in one text, and what waits is known.
import { type Backlog, backlogOf, type Link } from "./backlog.ts";
import { Batch } from "./batch.ts";
import type { Sized } from "./sized.ts";

export class Line {
  readonly #link: Link;
  readonly #backlog: Backlog;
  /** Undefined for a consumer that takes each message by itself. */
  #batch: Batch | undefined;

  /** @param budgetBytesPerS what a client of unknown speed is thought to read */
  constructor(link: Link, budgetBytesPerS: number) {
    this.#link = link;
    this.#backlog = backlogOf(link, budgetBytesPerS);
  }

  /** What the consumer said of itself. */
  agree(takesBatches: boolean): void {
    this.#batch = takesBatches ? new Batch() : undefined;
  }

  get takesBatches(): boolean {
    return this.#batch !== undefined;
  }

  /** Bytes that were sent and wait for the consumer to read them. */
  unreadBytes(nowMs: number): number {
    return this.#backlog.bytes(nowMs);
  }

  /** Those, and what was gathered and not sent yet. */
  waitingBytes(nowMs: number): number {
    return this.#backlog.bytes(nowMs) + (this.#batch?.bytes ?? 0);
  }

  /**
   * `gathered`: it leaves with the next `flush`.
   * @param isUrgent waits for no batch; what was gathered before it goes with it
   */
  send(form: string | ArrayBuffer, message: Sized, isUrgent: boolean, nowMs: number): "sent" | "gathered" | "broken" {
    if (this.#batch === undefined) return this.#sendNow(form, message, nowMs);
    if (typeof form !== "string") {
      return this.flush(nowMs) === "broken" ? "broken" : this.#sendNow(form, message, nowMs);
    }
    this.#batch.add(form, message.bytes);
    return isUrgent || this.#batch.isFull ? this.flush(nowMs) : "gathered";
  }

  /** Sends what was gathered for one text. */
  flush(nowMs: number): "sent" | "broken" {
    const batch = this.#batch?.take();
    return batch === undefined ? "sent" : this.#sendNow(batch.text, batch, nowMs);
  }

  /** What was gathered is not sent any more. */
  forget(): void {
    this.#batch?.take();
  }

  /** A socket whose connection broke a moment ago throws; that is its own end, and not that of who sent the message. */
  #sendNow(form: string | ArrayBuffer, message: Sized, nowMs: number): "sent" | "broken" {
    try {
      this.#link.send(form);
    } catch {
      return "broken";
    }
    this.#backlog.sent(message, nowMs);
    return "sent";
  }
}
