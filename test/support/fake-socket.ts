// A hibernatable WebSocket without a network: remembers what was sent, and lets a test say what waits.
import { serialize } from "node:v8";
import type { MemberSocket } from "../../durable-objects/stream/members/member.ts";
import { readEnvelope } from "../../protocol/envelope.ts";

export type Message = Record<string, unknown> & { readonly type: string };

export interface Frame {
  readonly header: Message;
  /** The header as it was on the wire. */
  readonly headerText: string;
  readonly payload: readonly number[];
}

const OPEN = 1;
const CLOSING = 2;
const ATTACHMENT_MAX_BYTES = 16_384;

export class FakeSocket implements MemberSocket {
  readyState = OPEN;
  bufferedAmount = 0;
  /** While true nothing is read at the other end: what is sent waits. */
  stalled = false;
  /** While true the connection is broken and nobody has been told: the socket looks open, and `send` throws. */
  broken = false;
  readonly sent: (string | ArrayBuffer)[] = [];
  closedWith: { readonly code: number; readonly reason: string } | undefined;
  /** Called with each message before it is remembered. */
  onSend: (message: string | ArrayBuffer) => void = () => {};
  #attachment: unknown = null;

  send(message: string | ArrayBuffer): void {
    if (this.readyState !== OPEN) throw new TypeError("Can't call WebSocket send() after close().");
    if (this.broken) throw new Error("Network connection lost.");
    this.onSend(message);
    this.sent.push(message);
    if (this.stalled) this.bufferedAmount += byteLength(message);
  }

  close(code: number, reason: string): void {
    if (this.readyState !== OPEN) return;
    this.readyState = CLOSING;
    this.closedWith = { code, reason };
  }

  serializeAttachment(attachment: unknown): void {
    if (serialize(attachment).byteLength > ATTACHMENT_MAX_BYTES) throw new Error("the attachment is too large");
    this.#attachment = structuredClone(attachment);
  }

  deserializeAttachment(): unknown {
    return structuredClone(this.#attachment);
  }

  get texts(): readonly string[] {
    return this.sent.filter((message) => typeof message === "string");
  }

  /** The text messages, read. */
  get messages(): readonly Message[] {
    return this.texts.map((text) => JSON.parse(text) as Message);
  }

  ofType(type: string): readonly Message[] {
    return this.messages.filter((message) => message.type === type);
  }

  get errorCodes(): readonly unknown[] {
    return this.ofType("error").map(({ code }) => code);
  }

  /** The binary messages, read. */
  get frames(): readonly Frame[] {
    return this.sent.filter((message) => typeof message !== "string").map(toFrame);
  }

  forgetSent(): void {
    this.sent.length = 0;
  }
}

function toFrame(message: ArrayBuffer): Frame {
  const envelope = readEnvelope(message);
  if (envelope === undefined) throw new Error("not an envelope was sent");
  const { headerText, payload } = envelope;
  return { header: JSON.parse(headerText) as Message, headerText, payload: [...payload] };
}

function byteLength(message: string | ArrayBuffer): number {
  return typeof message === "string" ? Buffer.byteLength(message) : message.byteLength;
}
