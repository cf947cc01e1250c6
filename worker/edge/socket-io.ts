// What a client of Socket.IO at the gate sends: its packets are told apart, its events become messages, all of it is counted.
import { errorText, type ErrorDetail } from "../../protocol/answers.ts";
import { CLOSE_ERROR_FLOOD, type Code, CODES } from "../../protocol/codes.ts";
import { BEFORE_AUTH_MAX_BYTES } from "../../protocol/limits.ts";
import { EngineSocket, type Transport } from "./engine-io.ts";
import { EventIntake } from "./socket-io/event-intake.ts";
import { EventReader, type WholePacket } from "./socket-io/event-reader.ts";
import { Membership, type MembershipOptions } from "./socket-io/membership.ts";
import { type EventPacket, MAIN_NAMESPACE } from "./socket-io/packet.ts";

export class SocketIo {
  readonly #maxMessageBytes: number;
  readonly #reader = new EventReader();
  readonly #intake: EventIntake;
  readonly #membership: Membership;

  constructor(transport: Transport, options: MembershipOptions) {
    const { maxMessageBytes, rate } = options.gate.config.stream;
    const engine = new EngineSocket(transport, {
      message: (payload) => this.#receive(payload),
      heard: (bytes) => this.#heard(bytes),
      broken: () => this.#membership.broken(),
      silent: () => this.#membership.end("IDLE"),
      left: () => this.#membership.left(),
      closed: (code) => this.#membership.closed(code),
    });
    this.#maxMessageBytes = maxMessageBytes;
    this.#intake = new EventIntake(rate, Date.now());
    this.#membership = new Membership(engine, options);
  }

  start(): void {
    this.#membership.open();
  }

  #receive(payload: string | ArrayBuffer): void {
    if (this.#membership.phase === "over") return;
    const reading = this.#reader.read(payload, this.#maxBytes);
    if (reading === "part") return;
    if (reading === "too-large") this.#membership.end("TOO_LARGE");
    else if (reading === "broken") this.#membership.broken();
    else this.#take(reading);
  }

  get #maxBytes(): number {
    return this.#membership.phase === "waiting" ? BEFORE_AUTH_MAX_BYTES : this.#maxMessageBytes;
  }

  #take({ packet, attachment, bytes }: WholePacket): void {
    if (packet.kind === "connect") {
      // What refuses it repeats its namespace, past what bounds all other answers.
      if (bytes > BEFORE_AUTH_MAX_BYTES) return this.#membership.end("TOO_LARGE");
      return this.#membership.connect(packet.namespace, packet.auth);
    }
    if (packet.namespace !== MAIN_NAMESPACE) return this.#membership.broken(); // nobody is connected there
    switch (packet.kind) {
      case "event":
        return this.#event(packet, attachment, bytes);
      case "disconnect":
        return this.#membership.disconnected();
      case "ack": // of nothing that was asked
        return this.#count(1 + packet.attachments, bytes);
      case "connect-error":
        return this.#membership.broken();
    }
  }

  #event(event: EventPacket, attachment: ArrayBuffer | undefined, bytes: number): void {
    const { acknowledgements } = this.#membership;
    if (acknowledgements === undefined) return this.#membership.broken();
    const taken = this.#intake.take(event, attachment, bytes, acknowledgements, Date.now());
    if (taken.kind === "complaint") return this.#complain(taken.code, taken.detail);
    for (const message of taken.messages) this.#membership.pass(message);
  }

  #heard(bytes: number): void {
    if (bytes > this.#maxBytes) this.#membership.end("TOO_LARGE");
    else this.#count(1, bytes);
  }

  /** Counts what is no event. */
  #count(messages: number, bytes: number): void {
    if (!this.#intake.count(messages, bytes, Date.now())) this.#complain("RATE_LIMITED");
  }

  #complain(code: Code, detail: ErrorDetail = {}): void {
    if (!this.#intake.isFlood(Date.now())) return this.#membership.tell(errorText(code, detail));
    this.#membership.end(code, CODES[code].staysOpen && code !== "RATE_LIMITED" ? CLOSE_ERROR_FLOOD : undefined);
  }
}
