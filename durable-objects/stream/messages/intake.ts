// What members send, message by message: bounded, parsed once, handled in order.
import { logBug } from "../../../connection/log.ts";
import { pongText } from "../../../protocol/answers.ts";
import { type Fault, isFault } from "../../../protocol/fault.ts";
import type { ClientMessage, RegisterMessage } from "../../../protocol/messages.ts";
import { parseBinary, parseText } from "../../../protocol/parse.ts";
import { bytesOf } from "../../../protocol/size.ts";
import type { Complaining } from "../delivery/complaining.ts";
import type { Lagging } from "../delivery/lagging.ts";
import type { LatestFrames } from "../frames/latest-frames.ts";
import type { Leaving } from "../members/leaving.ts";
import type { Member } from "../members/member.ts";
import type { StreamParts } from "../parts.ts";
import { Joining, type Rest } from "../sessions/joining.ts";
import type { Registering } from "../sessions/registering.ts";
import type { Renewing } from "../sessions/renewing.ts";
import type { Publishing } from "./publishing.ts";

interface Parts extends StreamParts {
  readonly complaining: Complaining;
  readonly leaving: Leaving;
  readonly lagging: Lagging;
  readonly latestFrames: LatestFrames;
  readonly registering: Registering;
  readonly renewing: Renewing;
  readonly publishing: Publishing;
  /** Keeps the object awake while a registration waits. */
  readonly keepAlive: (work: Promise<unknown>) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export class Intake {
  readonly #parts: Parts;
  readonly #joining: Joining;

  constructor(parts: Parts) {
    this.#parts = parts;
    const { lanes, maxMessageBytes, outbox } = parts.config;
    this.#joining = new Joining(lanes, { memberBytes: maxMessageBytes, totalBytes: outbox.objectBufferBytes });
  }

  /** Handles one message to the end, without an await: the runtime would start the next one meanwhile. */
  receive(member: Member, data: string | ArrayBuffer): void {
    const { complaining, config, counters, leaving } = this.#parts;
    const nowMs = this.#parts.now();
    if (leaving.isOver(member, nowMs)) return leaving.expire(member);
    const bytes = bytesOf(data);
    if (bytes > config.maxMessageBytes) return leaving.expel(member, "TOO_LARGE");
    // Before the parser runs, so that a flood costs little; what a batch holds is charged once it is known.
    const retryAfterMs = member.bucket.take(1, bytes, nowMs);
    if (retryAfterMs > 0) return complaining.complain(member, "RATE_LIMITED", { retryAfterMs }, nowMs);
    counters.noteMessage(bytes, nowMs);
    member.noteHeard(nowMs);
    this.#take(member, data, bytes, nowMs);
  }

  /** A member is none any more: what it sent before it was registered is nobody's. */
  left(member: Member): void {
    this.#joining.end(member);
  }

  /** A message whose size and rate were found well. */
  #take(member: Member, data: string | ArrayBuffer, bytes: number, nowMs: number): void {
    if (this.#joining.has(member)) {
      const code = this.#joining.keep(member, data);
      if (code !== undefined) this.#parts.leaving.expel(member, code);
      return;
    }
    const messages = typeof data === "string" ? parseText(data) : [parseBinary(data)];
    if (messages.length > 1) member.bucket.owe(messages.length - 1);
    this.#handleAll(member, { messages, bytes }, nowMs);
  }

  #handleAll(member: Member, { messages, bytes }: Rest, nowMs: number): void {
    let index = 0;
    for (const message of messages) {
      index += 1;
      this.#complainOf(member, isFault(message) ? message : this.#handle(member, message, nowMs), nowMs);
      if (!this.#parts.roster.has(member)) return;
      if (!this.#joining.has(member)) continue;
      // What stands behind it in the same text waits as well.
      const code = this.#joining.keepRest(member, { messages: messages.slice(index), bytes });
      if (code !== undefined) this.#parts.leaving.expel(member, code);
      return;
    }
  }

  #handle(member: Member, message: ClientMessage, nowMs: number): Fault | undefined {
    switch (message.kind) {
      case "register":
        return this.#register(member, message);
      case "payload":
        return this.#parts.publishing.publish(member, message, nowMs);
      case "ping":
        this.#parts.fanOut.tell(member, pongText(message.ref));
        return undefined;
      case "frame-ack":
        member.outbox.acknowledge(message.seq);
        this.#parts.latestFrames.sendNewer(member, message.seq);
        this.#parts.lagging.look(member);
        return undefined;
      case "auth":
        return this.#parts.renewing.renew(member, message);
    }
  }

  #register(member: Member, message: RegisterMessage): Fault | undefined {
    const { keepAlive, leaving, now, registering } = this.#parts;
    const result = registering.register(member, message, now);
    if (!(result instanceof Promise)) return result;
    this.#joining.begin(member);
    const goOn = async (): Promise<void> => {
      try {
        this.#registered(member, await result);
      } catch (bug) {
        logBug("register", bug);
        leaving.expel(member, "INTERNAL");
      }
    };
    keepAlive(goOn());
    return undefined;
  }

  /** The answer to a registration that had to wait: now what waited behind it, in order. */
  #registered(member: Member, wrong: Fault | undefined): void {
    const { leaving, now, roster } = this.#parts;
    const nowMs = now();
    const { rest, queued } = this.#joining.end(member);
    this.#complainOf(member, wrong, nowMs);
    if (roster.has(member)) this.#handleAll(member, rest, nowMs);
    for (const data of queued) {
      if (!roster.has(member)) return;
      if (leaving.isOver(member, nowMs)) return leaving.expire(member);
      this.#take(member, data, bytesOf(data), nowMs);
    }
  }

  #complainOf(member: Member, wrong: Fault | undefined, nowMs: number): void {
    const { complaining, roster } = this.#parts;
    if (wrong === undefined || !roster.has(member)) return;
    complaining.complain(member, wrong.code, { message: wrong.message, ref: wrong.ref }, nowMs);
  }
}
