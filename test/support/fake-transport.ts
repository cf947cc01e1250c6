// The WebSocket of a client of Engine.IO without a network: a test says what arrives, and sees what was sent.
import type { Transport } from "../../worker/edge/engine-io.ts";

type Message = string | ArrayBuffer | ArrayBufferView;

const OPEN = 1;
const CLOSING = 2;
const CLOSED = 3;

export class FakeTransport implements Transport {
  readyState = OPEN;
  bufferedAmount = 0;
  /** While true the connection is broken and nobody has been told: the socket looks open, and `send` throws. */
  broken = false;
  readonly sent: Message[] = [];
  readonly closes: (readonly [code: number, reason: string | undefined])[] = [];
  readonly #messages: ((event: { readonly data: string | ArrayBuffer }) => void)[] = [];
  readonly #ends: ((event: { readonly code: number; readonly reason: string }) => void)[] = [];
  readonly #errors: (() => void)[] = [];

  send(message: Message): void {
    if (this.readyState !== OPEN) throw new TypeError("Can't call WebSocket send() after close().");
    if (this.broken) throw new Error("Network connection lost.");
    this.sent.push(message);
  }

  close(code: number, reason?: string): void {
    if (code === 1005 || code === 1006) throw new TypeError("Invalid WebSocket close code");
    this.closes.push([code, reason]);
    this.readyState = this.readyState === OPEN ? CLOSING : CLOSED;
  }

  addEventListener(type: "message", listener: (event: { readonly data: string | ArrayBuffer }) => void): void;
  addEventListener(type: "close", listener: (event: { readonly code: number; readonly reason: string }) => void): void;
  addEventListener(type: "error", listener: () => void): void;
  addEventListener(...[type, listener]: Parameters<Transport["addEventListener"]> | Listening): void {
    if (type === "message") this.#messages.push(listener as (event: { readonly data: string | ArrayBuffer }) => void);
    if (type === "close")
      this.#ends.push(listener as (event: { readonly code: number; readonly reason: string }) => void);
    if (type === "error") this.#errors.push(listener as () => void);
  }

  /** Something arrives. */
  receive(...messages: readonly (string | ArrayBuffer)[]): void {
    for (const data of messages) for (const listener of this.#messages) listener({ data });
  }

  /** The client closes, or answers a close. */
  clientCloses(code = 1000, reason = ""): void {
    this.readyState = this.readyState === OPEN ? CLOSING : CLOSED;
    for (const listener of this.#ends) listener({ code, reason });
  }

  /** The connection breaks. */
  fail(): void {
    this.readyState = CLOSED;
    for (const listener of this.#errors) listener();
  }

  get texts(): readonly string[] {
    return this.sent.filter((message) => typeof message === "string");
  }

  /** What was sent since the last time. */
  take(): readonly Message[] {
    return this.sent.splice(0);
  }
}

type Listening = readonly [type: "message" | "close" | "error", listener: unknown];
