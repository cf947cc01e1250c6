// A client of Socket.IO at the gate: its CONNECT is checked before any stream is addressed, its events become messages.
import { logBug } from "../../connection/log.ts";
import { WaitingQueue } from "../../connection/waiting-queue.ts";
import { errorText, type ErrorDetail } from "../../protocol/answers.ts";
import { CLOSE_ERROR_FLOOD, type Code, CODES, isCode } from "../../protocol/codes.ts";
import type { JsonObject } from "../../protocol/json.ts";
import { BEFORE_AUTH_MAX_BYTES, WAITING_BEFORE_AUTH_MAX_BYTES } from "../../protocol/limits.ts";
import { bytesOf } from "../../protocol/size.ts";
import type { Refusal } from "../guard.ts";
import { Acknowledgements } from "./socket-io/acknowledgements.ts";
import { EngineSocket, type Transport } from "./engine-io.ts";
import { EventIntake } from "./socket-io/event-intake.ts";
import { EventReader, type WholePacket } from "./socket-io/event-reader.ts";
import { LettingGo } from "./letting-go.ts";
import { Patience } from "./socket-io/patience.ts";
import { refuseConnect } from "./socket-io/refuse-connect.ts";
import type { SocketIoPath } from "./socket-io/config.ts";
import { type Admitted, SocketIoMember, type Surroundings } from "./socket-io/member.ts";
import { toEvent } from "./socket-io/messages.ts";
import { connectErrorText, connectText, disconnectText, type EventPacket, MAIN_NAMESPACE } from "./socket-io/packet.ts";

export interface SocketIoOptions extends Surroundings {
  readonly path: SocketIoPath;
  /** The word on a CONNECT with this payload. Rejects only for a bug. */
  readonly admit: (auth: JsonObject | undefined) => Promise<Admitted | Refusal>;
  readonly randomId: () => string;
  /** From 0 to below 1. */
  readonly random: () => number;
}

/** What came before it was known who it is: a message, or an answer to what is none. */
type Later = (member: SocketIoMember) => void;

/**
 * `waiting` for a CONNECT. `registering`: the stream decides whether the CONNECT is answered with yes.
 * @property queue bounds what is to be done `later`, in this order
 */
type State =
  | { readonly kind: "waiting" }
  | { readonly kind: "verifying"; readonly queue: WaitingQueue; readonly later: Later[] }
  | { readonly kind: "registering"; readonly member: SocketIoMember }
  | { readonly kind: "connected"; readonly member: SocketIoMember }
  /** With the member that it was when it was told to go. */
  | { readonly kind: "over"; readonly member: SocketIoMember | undefined };

/** Over one transport; a client that is refused again and again is not going to be let in. */
const CONNECTS_MAX = 5;
const NORMAL_CLOSURE = 1000;

export class SocketIo {
  readonly #options: SocketIoOptions;
  readonly #engine: EngineSocket;
  readonly #reader = new EventReader();
  readonly #intake: EventIntake;
  /** Of one CONNECT: another may count from the same number. */
  #acknowledgements: Acknowledgements;
  readonly #lettingGo: LettingGo;
  #state: State = { kind: "waiting" };
  #connects = 0;
  /** Of the packet that is being put together. */
  #packetBytes = 0;
  readonly #patience: Patience;

  constructor(transport: Transport, options: SocketIoOptions) {
    this.#options = options;
    const { gate, cut } = options;
    const { lanes, outbox, rate } = gate.config.stream;
    this.#engine = new EngineSocket(transport, {
      message: (payload) => this.#receive(payload),
      heard: (bytes) => this.#heard(bytes),
      broken: () => this.#broken(),
      silent: () => this.#end("IDLE"),
      // Its socket may stay, with what it does not read.
      left: () => this.#close(NORMAL_CLOSURE, ""),
      closed: (code) => this.#closed(code),
    });
    this.#intake = new EventIntake(rate, Date.now());
    this.#acknowledgements = new Acknowledgements(lanes);
    this.#patience = new Patience(gate.config.edge.authTimeoutMs, options.random, (code) => this.#end(code));
    this.#lettingGo = new LettingGo({ client: transport, memory: gate.memory, stallMs: outbox.stallMs, cut });
  }

  start(): void {
    this.#engine.open(this.#options.randomId(), this.#options.gate.config.stream.maxMessageBytes);
    this.#patience.allowTimeToConnect();
  }

  #receive(payload: string | ArrayBuffer): void {
    if (this.#state.kind === "over") return;
    this.#packetBytes += bytesOf(payload);
    if (this.#packetBytes > this.#maxBytes) return this.#end("TOO_LARGE");
    const reading = this.#reader.read(payload);
    if (reading === "part") return;
    const bytes = this.#packetBytes;
    this.#packetBytes = 0;
    if (reading === "broken") this.#broken();
    else this.#take(reading, bytes);
  }

  get #maxBytes(): number {
    return this.#state.kind === "waiting" ? BEFORE_AUTH_MAX_BYTES : this.#options.gate.config.stream.maxMessageBytes;
  }

  #take({ packet, attachment }: WholePacket, bytes: number): void {
    if (packet.kind === "connect") {
      // What refuses it repeats its namespace, past what bounds all other answers.
      if (bytes > BEFORE_AUTH_MAX_BYTES) return this.#end("TOO_LARGE");
      return this.#connect(packet.namespace, packet.auth);
    }
    if (packet.namespace !== MAIN_NAMESPACE) return this.#broken(); // nobody is connected there
    switch (packet.kind) {
      case "event":
        return this.#event(packet, attachment, bytes);
      case "disconnect":
        return this.#disconnected();
      case "ack": // of nothing that was asked
        return this.#count(1 + packet.attachments, bytes);
      case "connect-error":
        return this.#broken();
    }
  }

  #connect(namespace: string, auth: JsonObject | undefined): void {
    this.#connects += 1;
    if (this.#connects > CONNECTS_MAX) return this.#end("AUTH_REQUIRED");
    if (namespace !== MAIN_NAMESPACE) {
      this.#engine.send(connectErrorText(namespace, "Invalid namespace"));
      return this.#refused();
    }
    if (this.#state.kind !== "waiting") return this.#broken();
    const { admit, gate } = this.#options;
    const { lanes } = gate.config.stream;
    this.#acknowledgements = new Acknowledgements(lanes);
    this.#state = { kind: "verifying", queue: new WaitingQueue(lanes), later: [] };
    admit(auth)
      .then((result) => this.#decided(result))
      .catch((bug: unknown) => {
        logBug("connect", bug);
        this.#end("INTERNAL");
      });
  }

  #decided(result: Admitted | Refusal): void {
    if (this.#state.kind !== "verifying") {
      // Gone meanwhile; nobody else would give the place back.
      if ("lease" in result) result.lease.giveBack();
      return;
    }
    const { later } = this.#state;
    this.#options.gate.memory.report(this, 0);
    if ("code" in result) {
      this.#state = { kind: "waiting" };
      return this.#refuse(result.code, result);
    }
    this.#patience.stop();
    const member = new SocketIoMember(result, this.#options, this.#engine, this.#acknowledgements, {
      registered: (answer) => this.#registered(answer),
      ended: (closeCode, reason) => this.#ended(closeCode, reason),
    });
    const isAtOnce = result.register === undefined;
    this.#state = { kind: isAtOnce ? "connected" : "registering", member };
    if (isAtOnce) this.#engine.send(connectText(member.sid));
    member.start();
    for (const act of later) act(member);
  }

  /** The stream's word on the registration that CONNECT asked for. */
  #registered({ ref: _ref, ...answer }: JsonObject): void {
    if (this.#state.kind !== "registering") return;
    const { member } = this.#state;
    if (answer["type"] === "success") {
      this.#state = { kind: "connected", member };
      this.#engine.send(connectText(member.sid));
      return this.#engine.send(toEvent(JSON.stringify(answer)).text);
    }
    const { code, message, reason } = answer;
    this.#wait(member);
    if (!isCode(code)) throw new Error("the stream answers with its own codes");
    this.#refuse(code, { message: textOf(message), reason: textOf(reason) });
  }

  #event(event: EventPacket, attachment: ArrayBuffer | undefined, bytes: number): void {
    if (this.#state.kind === "waiting" || this.#state.kind === "over") return this.#broken();
    const taken = this.#intake.take(event, attachment, bytes, this.#acknowledgements, Date.now());
    if (taken.kind === "complaint") return this.#complain(taken.code, taken.detail);
    for (const message of taken.messages) this.#pass(message);
  }

  #pass(message: string | ArrayBuffer): void {
    const member = this.#member;
    if (member === undefined) this.#keep(message, (letIn) => letIn.receive(message));
    else member.receive(message);
  }

  #keep(message: string | ArrayBuffer, act: Later): void {
    if (this.#state.kind !== "verifying") return;
    const { later, queue } = this.#state;
    const { config, memory } = this.#options.gate;
    const kept = queue.add(message, WAITING_BEFORE_AUTH_MAX_BYTES);
    if (kept === "overflow") return this.#end("TOO_LARGE");
    if (kept === "kept") later.push(act);
    memory.report(this, queue.bytes);
    if (memory.bytes > config.edge.edgeBufferBytes) this.#end("OVERLOADED");
  }

  #heard(bytes: number): void {
    if (bytes > this.#maxBytes) this.#end("TOO_LARGE");
    else this.#count(1, bytes);
  }

  /** Counts what is no event. */
  #count(messages: number, bytes: number): void {
    if (!this.#intake.count(messages, bytes, Date.now())) this.#complain("RATE_LIMITED");
  }

  #complain(code: Code, detail: ErrorDetail = {}): void {
    const isFlood = this.#intake.isFlood(Date.now());
    const member = this.#member;
    const text = errorText(code, detail);
    if (member === undefined) return isFlood ? this.#end(code) : this.#keep(text, (letIn) => letIn.tell(text));
    if (!isFlood) return member.tell(text);
    member.end(code, CODES[code].staysOpen && code !== "RATE_LIMITED" ? CLOSE_ERROR_FLOOD : undefined);
  }

  /** The CONNECT is refused; its client may try again over the same connection. */
  #refuse(code: Code, detail: ErrorDetail & { readonly detail?: string | undefined }): void {
    const { path, randomId } = this.#options;
    const packets = refuseConnect(code, detail, path, randomId);
    // A client that reads CONNECT_ERROR does not come back by itself, and this one should.
    if (packets === undefined) return this.#patience.partLater(code);
    for (const packet of packets) this.#engine.send(packet);
    this.#refused();
  }

  #refused(): void {
    if (this.#connects >= CONNECTS_MAX && this.#state.kind === "waiting") this.#end("AUTH_REQUIRED");
  }

  /** The client left the namespace; it may come back over the same connection. */
  #disconnected(): void {
    const member = this.#member;
    if (member === undefined) this.#broken();
    else this.#wait(member);
  }

  /** For another CONNECT, behind a member that is none any more. */
  #wait(member: SocketIoMember): void {
    this.#state = { kind: "waiting" };
    member.letGo();
    this.#patience.allowTimeToConnect();
  }

  /** Whoever is let in, or about to be. */
  get #member(): SocketIoMember | undefined {
    return this.#state.kind === "registering" || this.#state.kind === "connected" ? this.#state.member : undefined;
  }

  /** What came is no Socket.IO, or not at this time. */
  #broken(): void {
    this.#close(CLOSE_ERROR_FLOOD, "BAD_MESSAGE");
  }

  /** Ends the connection from here. */
  #end(code: Code): void {
    const member = this.#member;
    if (member === undefined) this.#close(CODES[code].closeCode, code);
    else member.end(code);
  }

  /** The member was told to go, and its error was told as an event. */
  #ended(code: number, reason: string): void {
    if (this.#state.kind !== "registering" && this.#state.kind !== "connected") return;
    const { member, kind } = this.#state;
    this.#over(member);
    // Who only loses its transport comes back, and asks for a fresh token first; after one of these it does not.
    for (const packet of this.#lastPackets(kind, code, reason)) this.#engine.send(packet);
    this.#engine.close(code, reason);
  }

  #lastPackets(kind: "registering" | "connected", code: number, reason: string): readonly string[] {
    const isFinal = code === CLOSE_ERROR_FLOOD || (isCode(reason) && !CODES[reason].temporary);
    if (!isFinal) return [];
    if (kind === "connected") return [disconnectText(MAIN_NAMESPACE)];
    const { path, randomId } = this.#options;
    return refuseConnect(isCode(reason) ? reason : "BAD_MESSAGE", {}, path, randomId) ?? [];
  }

  /** @param reason a literal */
  #close(code: number, reason: string): void {
    const member = this.#member;
    this.#over(undefined);
    this.#engine.close(code, reason);
    member?.letGo();
    this.#lettingGo.begin();
  }

  #closed(code: number): void {
    const member = "member" in this.#state ? this.#state.member : undefined;
    this.#over(undefined);
    this.#lettingGo.ended();
    member?.gone(code);
  }

  #over(member: SocketIoMember | undefined): void {
    this.#state = { kind: "over", member };
    this.#patience.stop();
    this.#options.gate.memory.report(this, 0);
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
