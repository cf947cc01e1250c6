// The two ends of a pipe that carries Socket.IO: Engine.IO is spoken beyond both, and what passes between them are its messages.
import { decodeBase64 } from "../../../connection/base64.ts";
import { ABNORMAL_CLOSURE, NORMAL_CLOSURE } from "../../../connection/close.ts";
import { BASE64, CLOSE, type EngineSocket, MESSAGE, OPEN, PING, PONG } from "../../edge/engine-io.ts";
import type { RelayedSocket } from "../../edge/relayed-socket.ts";
import { ExpectedPings } from "./expected-pings.ts";

type Message = string | ArrayBuffer;

type Listener<Event> = (event: Event) => void;

/** As a WebSocket tells what happens; one listener for each kind is all that a pipe has. A loss is told as a close. */
class EndListeners {
  protected heard: Listener<{ readonly data: Message }> = () => undefined;
  protected closed: Listener<{ readonly code: number; readonly reason: string }> = () => undefined;

  addEventListener(
    ...[type, listener]:
      | [type: "message", listener: Listener<{ readonly data: Message }>]
      | [type: "close", listener: Listener<{ readonly code: number; readonly reason: string }>]
      | [type: "error", listener: () => void]
  ): void {
    if (type === "message") this.heard = listener;
    if (type === "close") this.closed = listener;
  }
}

/** The client's end: the gateway is its server, and looks at what it says before it is told here. */
export class ClientEnd extends EndListeners implements RelayedSocket {
  readonly #engine: EngineSocket;
  readonly #ended: () => void;

  /** @param ended told when the pipe has closed it, after which it is heard no more */
  constructor(engine: EngineSocket, ended: () => void) {
    super();
    this.#engine = engine;
    this.#ended = ended;
  }

  get readyState(): number {
    return this.#engine.readyState;
  }

  get bufferedAmount(): number | undefined {
    return this.#engine.bufferedAmount;
  }

  /** A message of the client. */
  hear(data: Message): void {
    this.heard({ data });
  }

  /** The client is gone. */
  gone(code: number): void {
    this.closed({ code, reason: "" });
  }

  send(message: Message): void {
    if (typeof message === "string") this.#engine.send(message);
    else this.#engine.sendBytes(message);
  }

  close(code = NORMAL_CLOSURE, reason = ""): void {
    this.#engine.close(code, reason);
    this.#ended();
  }
}

type ServerState = { readonly kind: "opening" | "over" } | { readonly kind: "open"; readonly pings: ExpectedPings };

/** The server's end: to it the gateway is a client, which answers its pings by itself, and gives it up where they stop. */
export class ServerEnd extends EndListeners implements RelayedSocket {
  readonly #socket: RelayedSocket;
  /** Settles when the server has opened the connection: before that it may not listen. False where it never will. */
  readonly opened: Promise<boolean>;
  #settle: (isOpen: boolean) => void = () => undefined;
  #state: ServerState = { kind: "opening" };

  /** @param socket accepted, with binary messages as ArrayBuffers */
  constructor(socket: RelayedSocket) {
    super();
    this.#socket = socket;
    this.opened = new Promise((resolve) => (this.#settle = resolve));
    socket.addEventListener("message", ({ data }) => this.#receive(data));
    socket.addEventListener("close", ({ code, reason }) => this.#ended(code, reason));
    socket.addEventListener("error", () => this.#ended(ABNORMAL_CLOSURE, ""));
  }

  get readyState(): number {
    return this.#socket.readyState;
  }

  get bufferedAmount(): number | undefined {
    return this.#socket.bufferedAmount;
  }

  send(message: Message): void {
    this.#socket.send(typeof message === "string" ? MESSAGE + message : message);
  }

  close(code?: number, reason?: string): void {
    this.#over();
    this.#socket.close(code, reason);
  }

  #receive(data: Message): void {
    if (typeof data !== "string") return this.heard({ data });
    switch (data.charAt(0)) {
      case MESSAGE:
        return this.heard({ data: data.slice(1) });
      case OPEN:
        return this.#open(data.slice(1));
      case PING:
        return this.#answerPing();
      case CLOSE:
        return this.#ended(NORMAL_CLOSURE, "");
      case BASE64: // where its client's query asked for it
        return this.#hearBytes(decodeBase64(data.slice(1)));
      default: // nothing that concerns anybody
    }
  }

  #open(opening: string): void {
    if (this.#state.kind !== "opening") return;
    const pings = new ExpectedPings(opening, () => this.#ended(ABNORMAL_CLOSURE, ""));
    this.#state = { kind: "open", pings };
    this.#settle(true);
  }

  #hearBytes(bytes: ArrayBuffer | undefined): void {
    if (bytes !== undefined) this.heard({ data: bytes });
  }

  #answerPing(): void {
    if (this.#state.kind === "open") this.#state.pings.came();
    try {
      this.#socket.send(PONG);
    } catch {
      // Closed or broken a moment ago: nobody waits for the answer, and what has to be told follows as its close.
    }
  }

  #ended(code: number, reason: string): void {
    this.#over();
    this.closed({ code, reason });
  }

  #over(): void {
    if (this.#state.kind === "open") this.#state.pings.stop();
    this.#state = { kind: "over" };
    this.#settle(false);
  }
}
