// The client of a held socket where it speaks Socket.IO: what it is told becomes events, acknowledgements, or its end.
import { isJsonObject, type JsonObject, parseJson } from "../../protocol/json.ts";
import type { Acknowledgements } from "./acknowledgements.ts";
import type { HeldClient } from "./bridge.ts";
import type { EngineSocket } from "./engine-io.ts";
import { toEvent } from "./socket-io-messages.ts";
import { ackText } from "./socket-io-packet.ts";

/** How the answers begin that may be an acknowledgement; nothing that a client wrote does. */
const ANSWER = /^\{"type":"(?:success|error|pong)"/;
const ANSWER_MAX_CHARS = 20;

/** The `ref` of a registration that was not asked for by an event. */
export const CONNECT_REF = "connect";

const NORMAL_CLOSURE = 1000;

export interface LinkListener {
  /** The stream's answer to the registration at CONNECT. */
  readonly registered: (answer: JsonObject) => void;
  /** The connection is to end, as a raw one would with this close. */
  readonly ended: (code: number, reason: string) => void;
}

export class EventLink implements HeldClient {
  readonly #engine: EngineSocket;
  readonly #acknowledgements: Acknowledgements;
  readonly #listener: LinkListener;
  /** Once the client has left the namespace, the transport is not this member's any more. */
  #isLet = false;

  constructor(engine: EngineSocket, acknowledgements: Acknowledgements, listener: LinkListener) {
    this.#engine = engine;
    this.#acknowledgements = acknowledgements;
    this.#listener = listener;
  }

  get bufferedAmount(): number | undefined {
    return this.#engine.bufferedAmount;
  }

  get readyState(): number {
    return this.#engine.readyState;
  }

  /** A message of the stream's dialect; lost where the connection is over. */
  send(message: string | ArrayBuffer): void {
    if (this.#isLet) return;
    if (typeof message === "string" && ANSWER.test(message.slice(0, ANSWER_MAX_CHARS))) return this.#answer(message);
    const { text, attachment } = toEvent(message);
    this.#engine.send(text);
    if (attachment !== undefined) this.#engine.sendBytes(attachment);
  }

  close(code = NORMAL_CLOSURE, reason = ""): void {
    if (!this.#isLet) this.#listener.ended(code, reason);
  }

  /** Nothing reaches the client from here any more. */
  letGo(): void {
    this.#isLet = true;
  }

  #answer(text: string): void {
    const answer = parseJson(text)?.value;
    if (!isJsonObject(answer)) throw new Error("the gateway writes messages");
    if (answer["ref"] === CONNECT_REF) return this.#listener.registered(answer);
    const acknowledgement = this.#acknowledgements.of(answer);
    if (acknowledgement === "nothing") return;
    if (acknowledgement === undefined) this.#engine.send(toEvent(text).text);
    else this.#engine.send(ackText(acknowledgement.id, acknowledgement.answerText));
  }
}
