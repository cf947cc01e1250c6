// The client of a held socket where it speaks Socket.IO: what it is told becomes events, acknowledgements, or its end.
import { NORMAL_CLOSURE } from "../../../connection/close.ts";
import { isJsonObject, type JsonObject, parseJson } from "../../../protocol/json.ts";
import type { HeldClient } from "../bridge.ts";
import type { EngineSocket } from "../engine-io.ts";
import type { Acknowledgements } from "./acknowledgements.ts";
import { toEvent } from "./messages.ts";
import { ackText } from "./packet.ts";

/** How the answers begin that may be an acknowledgement; nothing that a client wrote does. */
const ANSWER = /^\{"type":"(?:success|error|pong)"/;
const ANSWER_MAX_CHARS = 20;

/** The `ref` of a registration that was not asked for by an event. A client may use it too, but not before its answer. */
export const CONNECT_REF = "connect";

export interface LinkListener {
  /** The stream's answer to the registration at CONNECT. */
  readonly registered: (answer: JsonObject) => void;
  /** The connection is to end, as a raw one would with this close. */
  readonly ended: (code: number, reason: string) => void;
}

/** `WebSocket.CLOSED` */
const CLOSED = 3;

/**
 * `registering`: the answer to CONNECT is awaited. `let-go`: the client has left the namespace, and the transport is not
 * this member's any more.
 */
export type LinkPhase = "registering" | "open" | "let-go";

export class EventLink implements HeldClient {
  readonly #engine: EngineSocket;
  readonly #acknowledgements: Acknowledgements;
  readonly #listener: LinkListener;
  #phase: LinkPhase;

  constructor(
    phase: Exclude<LinkPhase, "let-go">,
    engine: EngineSocket,
    acknowledgements: Acknowledgements,
    listener: LinkListener,
  ) {
    this.#phase = phase;
    this.#engine = engine;
    this.#acknowledgements = acknowledgements;
    this.#listener = listener;
  }

  /** What waits for a client that has left waits for its next member, if for anybody. */
  get bufferedAmount(): number | undefined {
    return this.#phase === "let-go" ? 0 : this.#engine.bufferedAmount;
  }

  get readyState(): number {
    return this.#phase === "let-go" ? CLOSED : this.#engine.readyState;
  }

  /** A message of the stream's dialect, or several in one text; lost where the connection is over. */
  send(message: string | ArrayBuffer): void {
    // A client may register for batches; an event is one message.
    if (typeof message !== "string" || !message.includes("\n")) return this.#sendOne(message);
    for (const line of message.split("\n")) this.#sendOne(line);
  }

  close(code = NORMAL_CLOSURE, reason = ""): void {
    if (this.#phase !== "let-go") this.#listener.ended(code, reason);
  }

  /** Nothing reaches the client from here any more. */
  letGo(): void {
    this.#phase = "let-go";
  }

  #sendOne(message: string | ArrayBuffer): void {
    if (this.#phase === "let-go") return;
    if (typeof message === "string" && ANSWER.test(message.slice(0, ANSWER_MAX_CHARS))) return this.#answer(message);
    const { text, attachment } = toEvent(message);
    this.#engine.send(text);
    if (attachment !== undefined) this.#engine.sendBytes(attachment);
  }

  #answer(text: string): void {
    const answer = parseJson(text)?.value;
    if (!isJsonObject(answer)) throw new Error("the gateway writes messages");
    if (this.#phase === "registering" && answer["ref"] === CONNECT_REF) {
      this.#phase = "open";
      return this.#listener.registered(answer);
    }
    const acknowledgement = this.#acknowledgements.of(answer);
    if (acknowledgement === "nothing") return;
    if (acknowledgement === undefined) this.#engine.send(toEvent(text).text);
    else this.#engine.send(ackText(acknowledgement.id, acknowledgement.answerText));
  }
}
