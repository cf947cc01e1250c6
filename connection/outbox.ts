// The bounded sender of one consumer: what leaves at once, which frame waits for room, and when the consumer must go.
import type { Lane } from "../protocol/lanes.ts";
import { admit, type Bounds } from "./admission.ts";
import type { Link } from "./backlog.ts";
import type { Credits } from "./credits.ts";
import { Line } from "./line.ts";
import { Missed } from "./missed.ts";
import type { Outgoing } from "./outgoing.ts";
import { Progress } from "./progress.ts";
import type { Sized } from "./sized.ts";

export interface OutboxBounds extends Bounds {
  /** How long a consumer may leave all that waits for it unread, in milliseconds. */
  readonly stallMs: number;
}

/** What waits for all consumers together. */
export interface Total extends Sized {
  /** A message was sent meanwhile. */
  add(message: Sized): void;
}

/**
 * `gathered`: it leaves with the next `flushBatch`, at most a batch's delay later. `waits`: as the newest of its type it
 * waits for room, so look again soon. `awaits-credit`: it waits until the consumer acknowledges another. `overflow`: what
 * may not be missed finds no room, and the consumer must go. `broken`: the connection is gone.
 */
export type Outcome = "sent" | "gathered" | "waits" | "awaits-credit" | "overflow" | "broken";

export interface OutboxOptions {
  readonly link: Link;
  readonly bounds: OutboxBounds;
  /** What counts as missed of a type that was never sent: nothing, or nobody knows, as after a sleep. */
  readonly missedAtFirst: 0 | undefined;
  /** Told of each frame that gave way. */
  readonly dropped: () => void;
}

/**
 * What a look finds. `clear`: nothing waits. `waits`: a frame waits for room, so look again soon. `behind`: the client has
 * not read all yet. `stalled`: it has read nothing for too long, and must go. `broken`: the connection is gone.
 */
export type Look = "clear" | "waits" | "behind" | "stalled" | "broken";

export class Outbox {
  readonly #options: OutboxOptions;
  readonly #line: Line;
  /** The newest of each `latest` type that found no room. */
  readonly #waiting = new Map<string, Outgoing>();
  readonly #missed: Missed;
  #credits: Credits | undefined;
  readonly #progress = new Progress();
  /** Bytes that were sent since nothing waited, without the first message of them; of what waited before, nobody knows. */
  #behindBytes = Infinity;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#missed = new Missed(options.missedAtFirst);
    // As much a second as may wait.
    this.#line = new Line(options.link, options.bounds.consumerBufferBytes);
  }

  /**
   * Sends a message unread where it could only be sent: nothing waits, nothing was missed, and nobody counts credits.
   * Undefined where it must be offered.
   */
  pass(form: string | ArrayBuffer, message: Sized, total: Total, nowMs: number): Outcome | undefined {
    if (this.#waiting.size > 0 || !this.#missed.isUncounted || this.#credits !== undefined) return undefined;
    return this.#line.unreadBytes(nowMs) === 0 ? this.#send(form, message, true, 0, total, nowMs) : undefined;
  }

  /** Whether nobody knows what it was sent of a type, since that was before a sleep. */
  knowsNothingOf(type: string): boolean {
    return this.#missed.of(type) === undefined;
  }

  /** The consumer is told to go: nothing waits for it here any more. */
  forget(): void {
    this.#waiting.clear();
    this.#line.forget();
  }

  /** Bytes of the frames that wait here, beside those that wait at the link. */
  get waitingBytes(): number {
    let bytes = 0;
    for (const message of this.#waiting.values()) bytes += message.bytes;
    return bytes;
  }

  /** A new registration: nothing waits of the one before, and nothing was missed. */
  restart(): void {
    this.#waiting.clear();
    this.#missed.restart();
  }

  /** What the consumer said of itself. @param credits undefined where it acknowledges nothing */
  agree(credits: Credits | undefined, takesBatches: boolean): void {
    this.#credits = credits;
    this.#line.agree(takesBatches);
  }

  /** Sends what was gathered for one text. */
  flushBatch(nowMs: number): Outcome {
    return this.#line.flush(nowMs);
  }

  /** A message of the stream. */
  offer(message: Outgoing, total: Total, nowMs: number): Outcome {
    const { type, lane } = message;
    const waiting = this.#waitingBefore(lane, message, total, nowMs);
    if (lane !== "latest") {
      if (!this.#admits(lane, message, waiting, total)) return "overflow";
      return this.#send(message.formFor(undefined), message, lane === "durable", waiting, total, nowMs);
    }
    // Whether or not the newer one finds room, the older one has given way.
    const older = this.#waiting.get(type);
    if (older !== undefined) this.#giveWay(older);
    if (this.#credits?.areSpent !== true && this.#admits(lane, message, waiting, total)) {
      return this.#sendFrame(message, waiting, total, nowMs);
    }
    this.#waiting.set(type, message);
    return this.#credits?.areSpent === true ? "awaits-credit" : "waits";
  }

  /** An answer, an error, a replayed message, whatever a pipe passes on: in order, or the connection ends. */
  tell(message: Sized, form: string | ArrayBuffer, total: Total, nowMs: number): Outcome {
    const waiting = this.#waitingBefore("live", message, total, nowMs);
    if (!this.#admits("live", message, waiting, total)) return "overflow";
    return this.#send(form, message, true, waiting, total, nowMs);
  }

  /** The consumer has dealt with every frame up to this number; a look follows. */
  acknowledge(seq: number): void {
    this.#credits?.acknowledge(seq);
  }

  /** Sends the waiting frames that find room now, and sees whether the client reads. */
  look(total: Total, nowMs: number): Look {
    for (const [type, message] of this.#waiting) {
      const waiting = this.#line.waitingBytes(nowMs);
      if (this.#credits?.areSpent === true || !this.#admits("latest", message, waiting, total)) continue;
      this.#waiting.delete(type);
      if (this.#sendFrame(message, waiting, total, nowMs) === "broken") return "broken";
    }
    // Nobody is told that something was gathered here.
    if (this.#line.flush(nowMs) === "broken") return "broken";
    this.#progress.note(this.#line.unreadBytes(nowMs), nowMs);
    if (this.#progress.stuckForMs(nowMs) >= this.#options.bounds.stallMs) return "stalled";
    // What waits for credits is looked at when they come.
    if (this.#waiting.size > 0 && this.#credits?.areSpent !== true) return "waits";
    return this.#progress.isClear ? "clear" : "behind";
  }

  #admits(lane: Lane, message: Sized, waiting: number, total: Total): boolean {
    const behindBytes = Math.min(waiting, this.#behindBytes);
    return admit(lane, { bytes: waiting, behindBytes }, message, total, this.#options.bounds) === "send";
  }

  #sendFrame(message: Outgoing, waiting: number, total: Total, nowMs: number): Outcome {
    const { type, seq } = message;
    const outcome = this.#send(message.formFor(this.#missed.of(type)), message, false, waiting, total, nowMs);
    this.#missed.sent(type);
    this.#credits?.spend(seq);
    return outcome;
  }

  /**
   * @param isUrgent alerts and answers wait for no batch
   * @param waiting bytes that waited for this consumer before
   */
  #send(
    form: string | ArrayBuffer,
    message: Sized,
    isUrgent: boolean,
    waiting: number,
    total: Total,
    nowMs: number,
  ): Outcome {
    // What is gathered here is not the consumer's to read yet.
    this.#progress.note(this.#line.takesBatches ? this.#line.unreadBytes(nowMs) : waiting, nowMs);
    this.#behindBytes = waiting === 0 ? 0 : this.#behindBytes + message.bytes;
    const outcome = this.#line.send(form, message, isUrgent, nowMs);
    if (outcome === "broken") return outcome;
    total.add(message);
    // What moves from here on counts from here: otherwise a message that is larger than what moved would hide it.
    if (waiting > 0) this.#progress.note(this.#line.unreadBytes(nowMs), nowMs);
    return outcome;
  }

  /** What was gathered leaves before a message that finds no room beside it: that it waits is not the consumer's doing. */
  #waitingBefore(lane: Lane, message: Sized, total: Total, nowMs: number): number {
    const waiting = this.#line.waitingBytes(nowMs);
    if (!this.#line.takesBatches || this.#admits(lane, message, waiting, total)) return waiting;
    // A line that is broken is found so by the message itself.
    this.#line.flush(nowMs);
    return this.#line.waitingBytes(nowMs);
  }

  #giveWay({ type, dropped }: Outgoing): void {
    this.#waiting.delete(type);
    this.#missed.add(type, 1 + dropped);
    this.#options.dropped();
  }
}
