// What has happened in a stream since its object woke: counted in memory, since a write a message would cost more than it.

/** A gap longer than this between two messages lets the object sleep; a shorter one is billed as if it were awake. */
const SLEEP_AFTER_MS = 10_000;

export interface Counts {
  readonly messagesIn: number;
  readonly bytesIn: number;
  /** Messages that came over HTTP or RPC: each is a request of its own. */
  readonly calls: number;
  /** Relayed messages that were sent at once, each consumer counted; not those that waited for room. */
  readonly messagesOut: number;
  /** Frames that gave way here, each consumer counted; not those at the Worker that holds a consumer's socket. */
  readonly framesDropped: number;
  /** Durable messages that were stored. */
  readonly stored: number;
  /** Calls of bound Workers, for a frame or an alert, that failed, took too long or answered nonsense. */
  readonly sinkErrors: number;
  readonly connections: number;
  readonly alarms: number;
}

export class Counters {
  /** Milliseconds since 1970. */
  readonly sinceMs: number;
  readonly #counts: { -readonly [Name in keyof Counts]: Counts[Name] } = {
    messagesIn: 0,
    bytesIn: 0,
    calls: 0,
    messagesOut: 0,
    framesDropped: 0,
    stored: 0,
    sinkErrors: 0,
    connections: 0,
    alarms: 0,
  };
  #activeMs = 0;
  #lastEventMs: number;

  constructor(nowMs: number) {
    this.sinceMs = nowMs;
    this.#lastEventMs = nowMs;
  }

  get counts(): Counts {
    return { ...this.#counts };
  }

  /** How long the object had something to do, or had just had, in milliseconds. */
  get activeMs(): number {
    return this.#activeMs;
  }

  add(name: keyof Counts, count = 1): void {
    this.#counts[name] += count;
  }

  /** A message of a client: the one count that is on the way of each frame. */
  noteMessage(bytes: number, nowMs: number): void {
    this.#counts.messagesIn += 1;
    this.#note(bytes, nowMs);
  }

  /** A message over HTTP or RPC. */
  noteCall(bytes: number, nowMs: number): void {
    this.#counts.calls += 1;
    this.#note(bytes, nowMs);
  }

  #note(bytes: number, nowMs: number): void {
    this.#counts.bytesIn += bytes;
    this.#activeMs += Math.max(0, Math.min(nowMs - this.#lastEventMs, SLEEP_AFTER_MS));
    this.#lastEventMs = nowMs;
  }
}
