// Engine.IO v4 over one WebSocket: its opening, its heartbeat, its packets.
import { decodeBase64 } from "../../connection/base64.ts";
import { ABNORMAL_CLOSURE, answerCloseCode } from "../../connection/close.ts";
import { bytesOf } from "../../protocol/size.ts";
import type { RelayedSocket } from "./relayed-socket.ts";

/** Sends views as well: an attachment is a piece of a message. */
export type Transport = Omit<RelayedSocket, "send"> & {
  send(message: string | ArrayBuffer | ArrayBufferView): void;
};

/** The official server's own numbers; a client allows itself their sum between two pings, whatever else it hears. */
export const PING_INTERVAL_MS = 25_000;
export const PING_TIMEOUT_MS = 20_000;

/** What the first character of a text says; a binary message is always a message. socketio/socket.io, docs/engine.io-protocol/v4-current.md */
export const OPEN = "0";
export const CLOSE = "1";
export const PING = "2";
export const PONG = "3";
export const MESSAGE = "4";
const NOOP = "6";
/** Bytes as text, by who thinks that its socket takes no others (`forceBase64`). It reads bytes as they are all the same. */
export const BASE64 = "b";

const SOCKET_OPEN = 1;
const SOCKET_CLOSED = 3;

export interface EngineListener {
  readonly message: (payload: string | ArrayBuffer) => void;
  /** A packet without a message, which is to count all the same. */
  readonly heard: (bytes: number) => void;
  /** Something arrived that no client sends: a ping (the heartbeat is the server's in v4), an upgrade, no packet at all. */
  readonly broken: () => void;
  /** The client answered no ping in time. */
  readonly silent: () => void;
  /** The client ended the connection with a packet, and its socket is open still. */
  readonly left: () => void;
  /** The socket is gone, or its client closed it, be it as an answer. The last of all. */
  readonly closed: (code: number) => void;
}

export class EngineSocket {
  readonly #socket: Transport;
  readonly #listener: EngineListener;
  /** Since the last ping. */
  #isHeard = false;
  #heartbeat: ReturnType<typeof setTimeout> | undefined;
  /** `over`: nothing that arrives counts any more. */
  #phase: "open" | "over" | "gone" = "open";

  constructor(socket: Transport, listener: EngineListener) {
    this.#socket = socket;
    this.#listener = listener;
  }

  /** @param maxPayloadBytes what a message may have at most; binding for clients that poll, a hint for all others */
  open(sid: string, maxPayloadBytes: number): void {
    const times = { pingInterval: PING_INTERVAL_MS, pingTimeout: PING_TIMEOUT_MS };
    this.#socket.addEventListener("message", ({ data }) => this.#receive(data));
    this.#socket.addEventListener("close", ({ code }) => this.#closed(code));
    this.#socket.addEventListener("error", () => this.#closed(ABNORMAL_CLOSURE));
    this.#send(`${OPEN}${JSON.stringify({ sid, upgrades: [], ...times, maxPayload: maxPayloadBytes })}`);
    this.#pingLater(PING_INTERVAL_MS);
  }

  /** Bytes that wait for the client; undefined where the runtime does not count them. */
  get bufferedAmount(): number | undefined {
    return this.#socket.bufferedAmount;
  }

  get readyState(): number {
    return this.#socket.readyState;
  }

  get isOpen(): boolean {
    return this.#socket.readyState === SOCKET_OPEN && this.#phase === "open";
  }

  /** One message; lost where the connection is over. Never throws. */
  send(text: string): void {
    this.#send(MESSAGE + text);
  }

  sendBytes(bytes: ArrayBuffer | ArrayBufferView): void {
    this.#send(bytes);
  }

  /** Ends the connection; its client comes back by itself. */
  close(code: number, reason: string): void {
    this.#end();
    if (this.#socket.readyState === SOCKET_OPEN) this.#socket.close(code, reason);
  }

  #send(data: string | ArrayBuffer | ArrayBufferView): void {
    if (!this.isOpen) return;
    try {
      this.#socket.send(data);
    } catch {
      // The connection broke a moment ago: its close follows, and is nobody's bug.
    }
  }

  #receive(data: string | ArrayBuffer): void {
    if (this.#phase !== "open") return;
    this.#isHeard = true;
    if (typeof data !== "string") return this.#listener.message(data);
    switch (data.charAt(0)) {
      case MESSAGE:
        return this.#listener.message(data.slice(1));
      case PONG:
      case NOOP:
        return this.#listener.heard(bytesOf(data));
      case CLOSE:
        return this.#listener.left();
      case BASE64:
        return this.#receiveBytes(decodeBase64(data.slice(1)));
      default:
        return this.#listener.broken();
    }
  }

  #receiveBytes(bytes: ArrayBuffer | undefined): void {
    if (bytes === undefined) this.#listener.broken();
    else this.#listener.message(bytes);
  }

  #pingLater(afterMs: number): void {
    this.#heartbeat = setTimeout(() => {
      this.#isHeard = false;
      this.#send(PING);
      this.#heartbeat = setTimeout(() => {
        // Whatever it sends shows that it is there.
        if (this.#isHeard) this.#pingLater(PING_INTERVAL_MS - PING_TIMEOUT_MS);
        else this.#listener.silent();
      }, PING_TIMEOUT_MS);
    }, afterMs);
  }

  #closed(code: number): void {
    if (this.#phase === "gone") return;
    this.#end();
    this.#phase = "gone";
    this.#listener.closed(code);
    if (this.#socket.readyState !== SOCKET_CLOSED) this.#socket.close(answerCloseCode(code));
  }

  #end(): void {
    if (this.#phase === "open") this.#phase = "over";
    if (this.#heartbeat !== undefined) clearTimeout(this.#heartbeat);
  }
}
