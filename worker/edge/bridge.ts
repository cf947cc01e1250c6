// A socket that the Worker holds, joined to the object's: messages, closes and silence pass through here.
import { ABNORMAL_CLOSURE, answerCloseCode } from "../../connection/close.ts";
import { waitingBytes } from "../../connection/backlog.ts";
import { LOOK_LATER_MS, LOOK_SOON_MS } from "../../connection/looks.ts";
import type { Outcome } from "../../connection/outbox.ts";
import { errorText, PING_TEXT, PONG_TEXT } from "../../protocol/answers.ts";
import { type Code, CODES } from "../../protocol/codes.ts";
import { isFault } from "../../protocol/fault.ts";
import { parseText } from "../../protocol/parse.ts";
import type { EdgeMemory } from "./edge-memory.ts";
import type { LastHop } from "./last-hop.ts";
import type { LettingGo } from "./letting-go.ts";
import { NextLook } from "./next-look.ts";
import type { RelayedSocket } from "./relayed-socket.ts";

/** Who is at the other end of a held socket: the part of a WebSocket that is needed to tell it something. */
export type HeldClient = Omit<RelayedSocket, "addEventListener">;

/** The object's end is accepted here. */
export interface BridgedSocket extends RelayedSocket {
  binaryType: "blob" | "arraybuffer";
  accept(options: { readonly allowHalfOpen: boolean }): void;
}

export interface BridgeParts {
  readonly client: HeldClient;
  /** The object's end. */
  readonly upstream: BridgedSocket;
  readonly lastHop: LastHop;
  readonly memory: EdgeMemory;
  readonly lettingGo: LettingGo;
  readonly idleTimeoutMs: number;
  /** Told at the first `success` of the object: the client is registered. */
  readonly registered: () => void;
}

/** How the object begins its answer to a `register`. */
const SUCCESS_START = '{"type":"success","message":"Registration successful';

/**
 * `open`: both sides may send. `client-closed`: the client sends nothing more and still reads; what the object had on
 * its way, such as an acknowledgement, must reach it before the close is answered. `over`: the client was told.
 */
type Phase =
  | { readonly kind: "open" }
  | { readonly kind: "client-closed"; readonly code: number }
  | { readonly kind: "over" };

export class Bridge {
  readonly #parts: BridgeParts;
  #phase: Phase = { kind: "open" };
  #heardAtMs = Date.now();
  #watch: ReturnType<typeof setTimeout> | undefined;
  readonly #nextLook = new NextLook(() => this.#look());
  /** Of the newest `register`, which the object has not answered yet or has refused. */
  #window: number | undefined;
  #hasCredits = false;

  constructor(parts: BridgeParts) {
    this.#parts = parts;
    const { upstream } = parts;
    upstream.binaryType = "arraybuffer"; // the default is Blob since 2026-03-17
    upstream.accept({ allowHalfOpen: true });
    upstream.addEventListener("message", ({ data }) => this.#toClient(data));
    upstream.addEventListener("close", ({ code, reason }) => this.#upstreamClosed(code, reason));
    upstream.addEventListener("error", () => this.#upstreamLost());
  }

  /** A message of the client. */
  toObject(message: string | ArrayBuffer): void {
    const { upstream } = this.#parts;
    if (this.#phase.kind !== "open") return;
    this.#heardAtMs = Date.now();
    if (message === PING_TEXT) {
      this.watchForSilence();
      return this.tell(PONG_TEXT);
    }
    if (typeof message === "string") this.#listenForCredits(message);
    upstream.send(message);
  }

  /** A word of the gateway's own: within the bound, as all that a client that does not read can ask for. */
  tell(text: string): void {
    if (this.#phase.kind !== "over") this.#deal(this.#parts.lastHop.tell(text, Date.now()));
  }

  #toClient(message: string | ArrayBuffer): void {
    if (this.#phase.kind === "over") return;
    this.#noteRegistered(message);
    this.#deal(this.#parts.lastHop.pass(message, Date.now()));
  }

  #deal(outcome: Outcome): void {
    switch (outcome) {
      case "sent":
      case "gathered":
      case "awaits-credit":
        this.#nextLook.within(LOOK_LATER_MS);
        break;
      case "waits":
        this.#nextLook.within(LOOK_SOON_MS);
        break;
      case "overflow":
        this.end("SLOW_CONSUMER");
        break;
      case "broken": // its close follows
        break;
    }
    this.#report();
  }

  /** Credits are of the last hop, which the object does not see: what it is told of them counts here. */
  #listenForCredits(text: string): void {
    // Who lost its right may register again, with other credits.
    const isRegister = text.includes('"register"');
    // In whatever text: who has no credits left is sent nothing that it could acknowledge anew.
    const isAck = this.#hasCredits && text.includes('"frame-ack"');
    if (!isRegister && !isAck) return;
    for (const message of parseText(text)) {
      if (isFault(message)) continue;
      if (message.kind === "register") this.#window = message.window;
      if (message.kind !== "frame-ack") continue;
      this.#parts.lastHop.acknowledge(message.seq);
      this.#look();
    }
  }

  /** A client that has shown that it sends keepalives, and then sends nothing, is gone. */
  watchForSilence(): void {
    const { idleTimeoutMs } = this.#parts;
    this.#watch ??= setTimeout(() => {
      this.#watch = undefined;
      if (Date.now() - this.#heardAtMs >= idleTimeoutMs) this.end("IDLE");
      else this.watchForSilence();
    }, idleTimeoutMs);
  }

  /** Ends the connection from here: the client is told why, and the object that it is gone. */
  end(code: Code, closeCode: number = CODES[code].closeCode): void {
    const { client, upstream } = this.#parts;
    if (this.#phase.kind === "over") return;
    client.send(errorText(code));
    this.#closeClient(closeCode, code);
    upstream.close(answerCloseCode(ABNORMAL_CLOSURE));
  }

  /** The client closed its socket, or was lost. */
  clientClosed(code: number): void {
    const { upstream } = this.#parts;
    // Closed from here before: only now is what it never read gone from memory.
    if (this.#phase.kind === "over") this.#parts.lettingGo.ended();
    if (this.#phase.kind !== "open") return;
    if (code === ABNORMAL_CLOSURE) {
      // A lost connection has nobody who still reads, and no second event that would say so.
      this.#closeClient(answerCloseCode(code), "");
      this.#parts.lettingGo.ended();
    } else this.#phase = { kind: "client-closed", code };
    upstream.close(answerCloseCode(code));
  }

  #upstreamClosed(code: number, reason: string): void {
    const { upstream } = this.#parts;
    upstream.close(answerCloseCode(code));
    if (code === ABNORMAL_CLOSURE) this.#upstreamLost();
    else if (this.#phase.kind !== "over") this.#closeClient(answerCloseCode(code), reason);
  }

  /** The connection ended without a close. */
  #upstreamLost(): void {
    // Seen where the object's answer to a close is overtaken by the end of its connection.
    if (this.#phase.kind === "client-closed") this.#closeClient(answerCloseCode(this.#phase.code), "");
    // The object was moved or reset: its clients may come back at once.
    else this.end("DRAINING");
  }

  #closeClient(code: number, reason: string): void {
    const { client } = this.#parts;
    this.#phase = { kind: "over" };
    if (this.#watch !== undefined) clearTimeout(this.#watch);
    this.#parts.lastHop.forget();
    client.close(code, reason);
    this.#stopLooking();
    this.#parts.lettingGo.begin();
  }

  /** What waits for this client, and whether it reads it. */
  #look(): void {
    switch (this.#parts.lastHop.look(Date.now())) {
      case "clear":
      case "broken":
        break;
      case "behind":
        this.#nextLook.within(LOOK_LATER_MS);
        break;
      case "waits":
        this.#nextLook.within(LOOK_SOON_MS);
        break;
      case "stalled":
        return this.end("SLOW_CONSUMER");
    }
    this.#report();
  }

  /** Tells the isolate what waits for this client. */
  #report(): void {
    const { client, lastHop, memory } = this.#parts;
    if (this.#phase.kind !== "over") memory.report(this, waitingBytes(client) + lastHop.waitingBytes);
  }

  /** What the client has not read is somebody else's to watch, or gone. */
  #stopLooking(): void {
    this.#nextLook.stop();
    this.#parts.memory.report(this, 0);
  }

  #noteRegistered(message: string | ArrayBuffer): void {
    if (typeof message !== "string" || !message.startsWith(SUCCESS_START)) return;
    this.#hasCredits = this.#window !== undefined;
    this.#parts.lastHop.registered(this.#window);
    this.#parts.registered();
  }
}
