// A socket that the Worker holds, joined to the object's: messages and closes pass through here.
import { ABNORMAL_CLOSURE, answerCloseCode } from "../../connection/close.ts";
import { errorText, PING_TEXT, PONG_TEXT } from "../../protocol/answers.ts";
import { type Code, CODES } from "../../protocol/codes.ts";
import type { LastHop } from "./bridge/last-hop.ts";
import { OverheardCredits } from "./bridge/overheard-credits.ts";
import { Silence } from "./bridge/silence.ts";
import { WatchedHop } from "./bridge/watched-hop.ts";
import type { EdgeMemory } from "./edge-memory.ts";
import type { LettingGo } from "./letting-go.ts";
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
  /** Told at each `success` of the object that says so: the client is registered. */
  readonly registered: () => void;
}

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
  readonly #hop: WatchedHop;
  readonly #credits: OverheardCredits;
  readonly #silence: Silence;
  #phase: Phase = { kind: "open" };

  constructor(parts: BridgeParts) {
    this.#parts = parts;
    const { client, lastHop, memory, upstream } = parts;
    this.#hop = new WatchedHop({ client, lastHop, memory, fellBehind: () => this.end("SLOW_CONSUMER") });
    this.#credits = new OverheardCredits(this.#hop);
    this.#silence = new Silence(parts.idleTimeoutMs, () => this.end("IDLE"));
    upstream.binaryType = "arraybuffer"; // the default is Blob since 2026-03-17
    upstream.accept({ allowHalfOpen: true });
    upstream.addEventListener("message", ({ data }) => this.#toClient(data));
    upstream.addEventListener("close", ({ code, reason }) => this.#upstreamClosed(code, reason));
    upstream.addEventListener("error", () => this.#upstreamLost());
  }

  /** A message of the client. */
  toObject(message: string | ArrayBuffer): void {
    const { upstream } = this.#parts;
    if (!this.#isOpen) return;
    this.#silence.heard();
    if (message === PING_TEXT) {
      this.watchForSilence();
      return this.#hop.tell(PONG_TEXT);
    }
    if (typeof message === "string") this.#credits.fromClient(message);
    // Who acknowledges may be found to have stalled before, and a socket that was closed throws.
    if (this.#isOpen) upstream.send(message);
  }

  get #isOpen(): boolean {
    return this.#phase.kind === "open";
  }

  /** A word of the gateway's own: within the bound, as all that a client that does not read can ask for. */
  tell(text: string): void {
    if (this.#phase.kind !== "over") this.#hop.tell(text);
  }

  #toClient(message: string | ArrayBuffer): void {
    if (this.#phase.kind === "over") return;
    if (this.#credits.fromObject(message)) this.#parts.registered();
    this.#hop.pass(message);
  }

  /** Its client has shown that it sends keepalives. */
  watchForSilence(): void {
    this.#silence.watch();
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
    this.#silence.stop();
    this.#hop.stop();
    client.close(code, reason);
    this.#parts.lettingGo.begin();
  }
}
