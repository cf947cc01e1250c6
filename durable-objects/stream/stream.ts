// The life of one stream: who joins, what each message does, when a session ends. No platform in here but its shapes.
import { decide } from "../../auth/policy.ts";
import type { Principal } from "../../auth/principal.ts";
import type { Handoff } from "../../connection/handoff.ts";
import { readAttachment, writeAttachment } from "../../connection/attachment.ts";
import { errorText, type ErrorDetail, pongText } from "../../protocol/answers.ts";
import { CLOSE_ERROR_FLOOD, type Code, CODES } from "../../protocol/codes.ts";
import { type Fault, fault, isFault } from "../../protocol/fault.ts";
import type { JsonObject } from "../../protocol/json.ts";
import type { ClientMessage } from "../../protocol/messages.ts";
import { parseBinary, parseText } from "../../protocol/parse.ts";
import { bytesOf } from "../../protocol/size.ts";
import type { StreamConfig } from "../config.ts";
import { Access } from "./access.ts";
import { AlertLog } from "./alert-log.ts";
import type { Deadlines } from "./deadlines.ts";
import { FanOut, OPEN } from "./fan-out.ts";
import { FrameSinks, type SinkPorts } from "./frame-sinks.ts";
import { History } from "./history.ts";
import { Managing } from "./managing.ts";
import { Member, type MemberSocket } from "./member.ts";
import { type Posted, Publishing } from "./publishing.ts";
import { Registering } from "./registering.ts";
import { Roster } from "./roster.ts";
import { Sequence } from "./sequence.ts";
import type { Storage } from "./storage.ts";

/** All that a stream needs from outside. */
export interface StreamPorts {
  readonly storage: Storage;
  readonly deadlines: Deadlines;
  readonly sinks: Pick<SinkPorts, "call" | "delay">;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** A text that no other call returned, at most 36 characters. */
  readonly randomId: () => string;
}

/** Alerts between two looks at the retention; so many more than allowed may be kept for a while. */
const TRIM_EVERY = 64;

export class Stream {
  readonly #config: StreamConfig;
  readonly #ports: StreamPorts;
  readonly #roster = new Roster();
  readonly #access: Access;
  readonly #log: AlertLog;
  readonly #fanOut: FanOut;
  readonly #registering: Registering;
  readonly #publishing: Publishing;
  /** What was stored, by pages. */
  readonly history: History;
  /** What the owner does with the stream over HTTP. */
  readonly managing: Managing;

  constructor(config: StreamConfig, ports: StreamPorts) {
    this.#config = config;
    this.#ports = ports;
    this.#access = new Access(ports.storage);
    const log = new AlertLog(ports.storage);
    this.#log = log;
    this.#fanOut = new FanOut(
      this.#roster,
      config.outbox,
      (member, nowMs) => this.#isOver(member, nowMs),
      (member, code) => this.#expel(member, code),
    );
    const sinks = new FrameSinks(config.frameSinks, config.frameSinkTimeoutMs, {
      ...ports.sinks,
      publish: (binding, alert, epoch) => this.#publishing.publishFromSink(binding, alert, epoch, ports.now()),
      trouble: (binding, trouble) =>
        this.#publishing.notice("sink-error", { sink: binding, reason: trouble }, ports.now()),
    });
    const { randomId } = ports;
    const parts = { config, roster: this.#roster, access: this.#access, log, fanOut: this.#fanOut, randomId };
    this.#registering = new Registering(parts);
    const sequence = new Sequence(ports.storage.sql);
    this.#publishing = new Publishing({
      ...parts,
      sinks,
      sequence,
      stored: (offset) => {
        // The first sets the alarm for its own end, and a busy stream is trimmed while it is busy.
        if (offset % TRIM_EVERY === 1) this.#trim(ports.now());
      },
    });
    this.history = new History(this.#access, log);
    this.managing = new Managing({
      access: this.#access,
      registering: this.#registering,
      sequence,
      randomId,
      expelAll: () => {
        sinks.forgetWaiting();
        this.#expelAll();
      },
    });
  }

  /** Takes over the sockets that slept through; one that cannot be read any more is let go, and its client comes back. */
  wake(sockets: readonly MemberSocket[]): void {
    const nowMs = this.#ports.now();
    for (const socket of sockets) {
      const attachment = socket.readyState === OPEN ? readAttachment(socket.deserializeAttachment()) : undefined;
      if (attachment !== undefined) this.#roster.add(new Member(socket, attachment, this.#config.rate, nowMs));
      else this.#letGo(socket);
    }
  }

  /** Closed already, and listed by the platform until it is gone; or unreadable. Either way it is nobody's. */
  #letGo(socket: MemberSocket): void {
    closeSaying(socket, "DRAINING");
    this.#roster.addDeparting(socket);
  }

  /** Whether a verified principal may come in at all; a code refuses the upgrade. */
  admission({ streamId, principal }: Handoff): Code | undefined {
    const facts = this.#access.factsOf(streamId);
    if (decide(principal, "read", facts) === "deny" && decide(principal, "write", facts) === "deny")
      return "UNAUTHORIZED";
    return this.#roster.size >= this.#config.maxMembers ? "STREAM_FULL" : undefined;
  }

  /** Adds a socket that was admitted and accepted. */
  join(socket: MemberSocket, { streamId, connectionId, hop, principal, endsAtMs }: Handoff): void {
    const attachment = { streamId, connectionId, hop, principal, endsAtMs, registration: undefined };
    socket.serializeAttachment(writeAttachment(attachment));
    const member = new Member(socket, attachment, this.#config.rate, this.#ports.now());
    this.#roster.add(member);
    this.#wakeForEndOf(member);
  }

  /** Handles one message of a socket, to the end, without an await: the runtime would start the next one meanwhile. */
  receive(socket: MemberSocket, data: string | ArrayBuffer): void {
    const member = this.#roster.find(socket);
    if (member === undefined) return; // closed by us; what was on its way still arrives
    const nowMs = this.#ports.now();
    if (this.#isOver(member, nowMs)) return this.#expel(member, "TOKEN_EXPIRED");
    const bytes = bytesOf(data);
    if (bytes > this.#config.maxMessageBytes) return this.#expel(member, "TOO_LARGE");
    // Before the parser runs, so that a flood costs little; what a batch holds is charged once it is known.
    const retryAfterMs = member.bucket.take(1, bytes, nowMs);
    if (retryAfterMs > 0) return this.#complain(member, "RATE_LIMITED", { retryAfterMs }, nowMs);
    const messages = typeof data === "string" ? parseText(data) : [parseBinary(data)];
    member.bucket.owe(messages.length - 1);
    for (const message of messages) {
      const wrong = isFault(message) ? message : this.#handle(member, message, nowMs);
      if (wrong !== undefined) this.#complain(member, wrong.code, { message: wrong.message, ref: wrong.ref }, nowMs);
      if (!this.#roster.has(member)) return;
    }
  }

  /** An alert that came over HTTP. */
  post(principal: Principal, streamId: string, body: JsonObject): Posted | Fault {
    return this.#publishing.publishPosted(principal, streamId, body, this.#ports.now());
  }

  /** A bug met a message of this socket: no details outside, and the stream goes on without it. */
  fail(socket: MemberSocket): void {
    const member = this.#roster.find(socket);
    if (member !== undefined) this.#expel(member, "INTERNAL");
  }

  /** A socket is gone, whoever closed it. */
  leave(socket: MemberSocket): void {
    this.#roster.forget(socket);
  }

  /** The alarm rang: ends the sessions that are over, and asks to be woken for the next one. */
  sweep(): void {
    const nowMs = this.#ports.now();
    this.#ports.deadlines.rang();
    for (const member of this.#roster.members) {
      if (this.#isOver(member, nowMs)) this.#expel(member, "TOKEN_EXPIRED");
      else this.#wakeForEndOf(member);
    }
    this.#trim(nowMs);
  }

  #handle(member: Member, message: ClientMessage, nowMs: number): Fault | undefined {
    switch (message.kind) {
      case "register":
        return this.#registering.register(member, message, nowMs);
      case "payload":
        return this.#publishing.publish(member, message, nowMs);
      case "ping":
        this.#fanOut.tell(member, pongText(message.ref));
        return undefined;
      case "frame-ack":
        return undefined; // no credits were given, so none come back
      case "auth":
        return fault("CONFLICT", "This connection is authenticated already", message.ref);
    }
  }

  /** Tells a member what was wrong; one that goes on and on is closed. */
  #complain(member: Member, code: Code, detail: ErrorDetail, nowMs: number): void {
    if (!CODES[code].staysOpen) return this.#expel(member, code);
    this.#fanOut.tell(member, errorText(code, detail));
    if (!member.errors.add(nowMs) || !this.#roster.has(member)) return;
    this.#roster.remove(member);
    member.socket.close(code === "RATE_LIMITED" ? CODES.RATE_LIMITED.closeCode : CLOSE_ERROR_FLOOD, "too many errors");
  }

  /** Says why, closes, and forgets the member at once: nothing is sent to it or taken from it any more. */
  #expel(member: Member, code: Code): void {
    this.#roster.remove(member);
    closeSaying(member.socket, code);
  }

  /** Forgets alerts that are too old or too many, and asks to be woken for the next one. */
  #trim(nowMs: number): void {
    if (this.#access.claim === undefined) return;
    const nextMs = this.#log.trim(this.#config.retention, nowMs);
    if (nextMs !== undefined) this.#ports.deadlines.add(nextMs);
  }

  #wakeForEndOf({ endsAtMs }: Member): void {
    if (endsAtMs !== undefined) this.#ports.deadlines.add(endsAtMs + this.#config.authGraceMs);
  }

  /** The stream was deleted: nobody comes back by himself, since a camera that did would own it anew. */
  #expelAll(): void {
    for (const member of this.#roster.members) this.#expel(member, "NOT_FOUND");
  }

  #isOver({ endsAtMs }: Member, nowMs: number): boolean {
    return endsAtMs !== undefined && nowMs >= endsAtMs + this.#config.authGraceMs;
  }
}

function closeSaying(socket: MemberSocket, code: Code): void {
  if (socket.readyState !== OPEN) return;
  try {
    socket.send(errorText(code));
  } catch {
    // Its connection broke a moment ago; what matters is that the others are not stopped by it.
  }
  socket.close(CODES[code].closeCode, code);
}
