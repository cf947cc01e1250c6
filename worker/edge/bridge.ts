// A socket that the Worker holds, joined to the object's: messages, closes and silence pass through here.
import { answerCloseCode } from "../../connection/close.ts";
import { waitingBytes } from "../../connection/outbox.ts";
import { errorText, PING_TEXT, PONG_TEXT } from "../../protocol/answers.ts";
import { type Code, CODES } from "../../protocol/codes.ts";
import type { EdgeMemory } from "./edge-memory.ts";
import type { LastHop } from "./last-hop.ts";

export interface BridgeParts {
  readonly client: WebSocket;
  /** The object's end. */
  readonly upstream: WebSocket;
  readonly lastHop: LastHop;
  readonly memory: EdgeMemory;
  readonly idleTimeoutMs: number;
}

const OPEN = 1;
/** What the runtime reports for a connection that was lost without a close (RFC 6455 §7.1.5). */
const ABNORMAL_CLOSURE = 1006;

export class Bridge {
  readonly #parts: BridgeParts;
  #heardAtMs = 0;
  #watch: ReturnType<typeof setTimeout> | null = null;

  constructor(parts: BridgeParts) {
    this.#parts = parts;
    const { client, upstream } = parts;
    upstream.binaryType = "arraybuffer"; // the default is Blob since 2026-03-17
    // Half-open: who closes first still gets what was on its way, until the other side answers.
    upstream.accept({ allowHalfOpen: true });
    upstream.addEventListener("message", ({ data }) => this.#toClient(data));
    upstream.addEventListener("close", ({ code, reason }) => this.#upstreamClosed(code, reason));
    client.addEventListener("close", ({ code }) => this.#clientClosed(code));
    client.addEventListener("error", () => this.#clientClosed(ABNORMAL_CLOSURE));
  }

  /** A message of the client. */
  toObject(message: string | ArrayBuffer): void {
    const { client, upstream } = this.#parts;
    this.#heardAtMs = Date.now();
    if (message !== PING_TEXT) return void (upstream.readyState === OPEN && upstream.send(message));
    this.#watchForSilence();
    if (client.readyState === OPEN) client.send(PONG_TEXT);
  }

  #toClient(message: string | ArrayBuffer): void {
    const { client, lastHop, memory } = this.#parts;
    if (client.readyState !== OPEN) return;
    const waiting = waitingBytes(client);
    memory.report(this, waiting);
    const verdict = lastHop.judge(message, waiting, () => memory.totalBytes);
    switch (verdict.kind) {
      case "send":
        client.send(verdict.message);
        break;
      case "skip":
        break;
      case "close":
        this.#end("SLOW_CONSUMER");
        break;
    }
  }

  /** A client that has shown that it sends keepalives, and then sends nothing, is gone. */
  #watchForSilence(): void {
    const { idleTimeoutMs } = this.#parts;
    this.#watch ??= setTimeout(() => {
      this.#watch = null;
      if (Date.now() - this.#heardAtMs >= idleTimeoutMs) this.#end("IDLE");
      else this.#watchForSilence();
    }, idleTimeoutMs);
  }

  /** Ends the connection from here: both sides are closed, the client is told why. */
  #end(code: Code): void {
    const { client, upstream } = this.#parts;
    if (client.readyState === OPEN) {
      client.send(errorText(code));
      client.close(CODES[code].closeCode, code);
    }
    if (upstream.readyState === OPEN) upstream.close(answerCloseCode(ABNORMAL_CLOSURE));
    this.#release();
  }

  #clientClosed(code: number): void {
    const { upstream } = this.#parts;
    if (upstream.readyState === OPEN) upstream.close(answerCloseCode(code));
    this.#release();
  }

  #upstreamClosed(code: number, reason: string): void {
    const { client, upstream } = this.#parts;
    upstream.close(answerCloseCode(code));
    // The object was moved or reset: its clients may come back at once.
    if (code === ABNORMAL_CLOSURE) return this.#end("DRAINING");
    client.close(answerCloseCode(code), reason);
    this.#release();
  }

  #release(): void {
    clearTimeout(this.#watch);
    this.#parts.memory.report(this, 0);
  }
}
