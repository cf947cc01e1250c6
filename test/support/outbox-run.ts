// One consumer behind an outbox and a slow line, looked at as the gateway does, with a book of all that it was offered.
import { Credits } from "../../connection/credits.ts";
import { Outbox, type OutboxBounds, type Outcome } from "../../connection/outbox.ts";
import type { Outgoing } from "../../connection/outgoing.ts";
import type { Lane } from "../../protocol/lanes.ts";
import { SlowLink } from "./slow-link.ts";

export const OUTBOX_BOUNDS: OutboxBounds = { consumerBufferBytes: 10_000, objectBufferBytes: 30_000, stallMs: 5000 };
export const SOON_MS = 40;
export const LATER_MS = 1000;

export interface Told {
  readonly type: string;
  readonly seq: number;
  readonly dropped?: number;
}

/** So many bytes as JSON, with `dropped` where it is told. */
export function outgoing(type: string, lane: Lane, seq: number, bytes: number, dropped = 0): Outgoing {
  const formFor = (missed: number | undefined): string => {
    const counted = lane === "latest" && missed !== undefined ? { dropped: dropped + missed } : {};
    return JSON.stringify({ type, seq, ...counted }).padEnd(bytes);
  };
  return { type, lane, seq, dropped, bytes, formFor };
}

export class OutboxRun {
  nowMs = 1000;
  readonly link: SlowLink;
  readonly outbox: Outbox;
  /** What waits for others. */
  elsewhere = 0;
  /** How often the gateway was told that a frame gave way. */
  gaveWay = 0;
  /** Frames that were offered, and what they said was missed before, by type. */
  readonly offered = new Map<string, number>();
  /** Numbers of the live messages that were taken. */
  readonly taken: number[] = [];
  /** The newest frame of each type that waits. */
  readonly waiting = new Map<string, Outgoing>();
  /** What was broken of what always holds. */
  readonly wrong: string[] = [];
  /** Why the consumer had to go. */
  ended: "overflow" | "stalled" | "broken" | undefined;
  #seq = 0;
  #nextLookMs = Infinity;
  #movedAtMs = this.nowMs;
  readonly #window: number | undefined;
  /** Numbers of frames that were sent and not acknowledged. */
  #outstanding: number[] = [];
  #counted = 0;

  constructor(bytesPerS: number, window?: number) {
    this.link = new SlowLink(bytesPerS);
    this.#window = window;
    const credits = window === undefined ? undefined : new Credits(window);
    const dropped = (): void => void (this.gaveWay += 1);
    this.outbox = new Outbox({ link: this.link, bounds: OUTBOX_BOUNDS, missedAtFirst: 0, dropped });
    this.outbox.agree(credits, false);
  }

  get arrived(): readonly Told[] {
    return this.link.sent.map(({ text }) => JSON.parse(text) as Told);
  }

  /** Frames that were sent or that another says were missed, by type. */
  get accounted(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const { type, dropped } of this.arrived) {
      if (dropped !== undefined) counts.set(type, (counts.get(type) ?? 0) + 1 + dropped);
    }
    return counts;
  }

  get hasWindow(): boolean {
    return this.#window !== undefined;
  }

  frame(type: string, bytes: number, dropped = 0): void {
    if (this.ended !== undefined) return;
    this.offered.set(type, (this.offered.get(type) ?? 0) + 1 + dropped);
    const message = outgoing(type, "latest", (this.#seq += 1), bytes, dropped);
    const outcome = this.#watch("latest", bytes, () => this.outbox.offer(message, this.#total, this.nowMs));
    if (outcome === "waits" || outcome === "awaits-credit") this.waiting.set(type, message);
    else this.waiting.delete(type);
    this.#deal(outcome);
  }

  live(bytes: number): void {
    if (this.ended !== undefined) return;
    const message = outgoing("chat", "live", (this.#seq += 1), bytes);
    const outcome = this.#watch("live", bytes, () => this.outbox.offer(message, this.#total, this.nowMs));
    if (outcome === "sent") this.taken.push(this.#seq);
    this.#deal(outcome);
  }

  acknowledge(seq: number): void {
    this.#count();
    this.#outstanding = this.#outstanding.filter((outstanding) => outstanding > seq);
    this.outbox.acknowledge(seq);
    this.look();
  }

  /** The client has dealt with what arrived, but for the last few frames. */
  acknowledgeAllBut(few: number): void {
    const seqs = this.arrived.flatMap(({ dropped, seq }) => (dropped === undefined ? [] : [seq]));
    this.acknowledge(Math.max(0, ...seqs.slice(0, seqs.length - few)));
  }

  /** Time goes by, with a look whenever one is due. */
  wait(ms: number): void {
    const untilMs = this.nowMs + ms;
    while (this.ended === undefined && this.#nextLookMs <= untilMs) {
      this.#passTo(this.#nextLookMs);
      this.look();
    }
    this.#passTo(untilMs);
  }

  look(): void {
    if (this.ended !== undefined) return;
    const before = this.link.sent.length;
    const found = this.outbox.look(this.#total, this.nowMs);
    for (const { type, seq } of this.arrived.slice(before)) {
      if (this.waiting.get(type)?.seq !== seq) this.wrong.push(`${seq} was sent and did not wait`);
      this.waiting.delete(type);
    }
    this.#checkRoom();
    this.#checkStall(found === "stalled");
    this.#nextLookMs = Infinity;
    if (found === "waits") this.#lookIn(SOON_MS);
    if (found === "behind") this.#lookIn(LATER_MS);
    if (found === "stalled" || found === "broken") this.ended = found;
  }

  /** Reads all there is, and acknowledges it. */
  drain(): void {
    this.link.bytesPerS = 1_000_000;
    this.elsewhere = 0;
    for (let round = 0; round < 5; round += 1) {
      this.wait(LATER_MS);
      this.acknowledgeAllBut(0);
    }
  }

  get #total() {
    const { link, elsewhere } = this;
    return { bytes: elsewhere + link.bufferedAmount, add: () => undefined };
  }

  #passTo(ms: number): void {
    const { moved } = this.link;
    this.link.drain(ms - this.nowMs);
    this.nowMs = ms;
    if (this.link.moved > moved || this.link.bufferedAmount === 0) this.#movedAtMs = ms;
  }

  #deal(outcome: Outcome): void {
    if (outcome === "waits") this.#lookIn(SOON_MS);
    else if (outcome === "overflow" || outcome === "broken") this.ended = outcome;
    else this.#lookIn(LATER_MS);
  }

  #lookIn(ms: number): void {
    this.#nextLookMs = Math.min(this.#nextLookMs, this.nowMs + ms);
  }

  #fits(lane: Lane, bytes: number): boolean {
    const { consumerBufferBytes, objectBufferBytes } = OUTBOX_BOUNDS;
    const { bufferedAmount } = this.link;
    if (bufferedAmount === 0) return true;
    const bound = lane === "latest" ? consumerBufferBytes / 2 : consumerBufferBytes;
    if (bufferedAmount + bytes > bound) return false;
    const isHardlyBehind = lane !== "latest" && this.#behindBytes <= consumerBufferBytes / 64;
    return isHardlyBehind || this.elsewhere + bufferedAmount + bytes <= objectBufferBytes;
  }

  /** What waits, without the message that was sent where nothing did. */
  get #behindBytes(): number {
    const { bufferedAmount, sent } = this.link;
    const first = sent.findLastIndex(({ waitingBefore }) => waitingBefore === 0);
    const since = sent.slice(first + 1).reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
    return Math.min(bufferedAmount, since);
  }

  get #hasCredits(): boolean {
    this.#count();
    if (this.#window === undefined) return true;
    if (this.#outstanding.length > this.#window) this.wrong.push("more than the window");
    return this.#outstanding.length < this.#window;
  }

  #count(): void {
    const fresh = this.arrived.slice(this.#counted);
    this.#counted += fresh.length;
    for (const { dropped, seq } of fresh) if (dropped !== undefined) this.#outstanding.push(seq);
  }

  /** Sent exactly where there is room and credit. */
  #watch(lane: Lane, bytes: number, offer: () => Outcome): Outcome {
    const expected = this.#fits(lane, bytes) && (lane !== "latest" || this.#hasCredits);
    const outcome = offer();
    if (!this.link.isBroken && (outcome === "sent") !== expected) this.wrong.push(`${lane} of ${bytes}: ${outcome}`);
    return outcome;
  }

  #checkRoom(): void {
    if (this.link.isBroken) return;
    for (const { type, bytes } of this.waiting.values()) {
      if (this.#hasCredits && this.#fits("latest", bytes)) this.wrong.push(`${type} waits though there is room`);
    }
  }

  #checkStall(isStalled: boolean): void {
    const stuckMs = this.link.bufferedAmount === 0 ? 0 : this.nowMs - this.#movedAtMs;
    const { stallMs } = OUTBOX_BOUNDS;
    if (isStalled && stuckMs < stallMs) this.wrong.push(`stalled after ${stuckMs} ms`);
    // What waits is first seen up to a look after it was sent.
    if (!isStalled && stuckMs >= stallMs + LATER_MS) this.wrong.push(`not stalled after ${stuckMs} ms`);
  }
}
