// The messages of the wire, one interface each, with the direction in a comment.
import type { Code } from "./codes.ts";
import type { JsonObject } from "./json.ts";

/** Repeated in the answer to the message that carried it. */
export type Ref = string | number;

// --- client -> gateway ---

/** Client -> gateway. Authenticates a socket, or renews the session of a live one. */
export interface AuthMessage {
  readonly kind: "auth";
  readonly token: string;
  readonly ref: Ref | undefined;
}

/** Client -> gateway. Joins a stream: what this connection will send and wants to receive. */
export interface RegisterMessage {
  readonly kind: "register";
  readonly streamId: unknown;
  readonly clientType: string | undefined;
  readonly produces: readonly string[];
  readonly consumes: readonly string[];
  readonly resume: ResumePoint | undefined;
  /** How many frames may be under way before one is acknowledged; undefined for a client that acknowledges none. */
  readonly window: number | undefined;
  /** Whether several messages may come in one text, separated by newlines. */
  readonly batch: boolean;
  /** Whether the newest frame is wanted at once. */
  readonly latest: boolean;
  readonly ref: Ref | undefined;
}

/** The last durable message a client has seen; offset 0 stands before the first. */
export interface ResumePoint {
  readonly epoch: string;
  readonly offset: number;
}

/** Client -> gateway. Returns the credits of all frames up to `seq`. */
export interface FrameAckMessage {
  readonly kind: "frame-ack";
  readonly seq: number;
}

/** Client -> gateway. A keepalive that was not byte for byte the one that the runtime answers by itself. */
export interface PingMessage {
  readonly kind: "ping";
  readonly ref: Ref | undefined;
}

/** Client -> gateway. Anything a member declared to produce. */
export interface PayloadMessage {
  readonly kind: "payload";
  readonly type: string;
  /** The message without stamps and `ref`, `type` included. For a binary message: its header. */
  readonly fields: JsonObject;
  /** The value of `id` as the client sent it; a stamp, hence not in `fields`. */
  readonly id: unknown;
  /** The payload of a binary message; undefined for JSON text. */
  readonly payload: Uint8Array<ArrayBuffer> | undefined;
  readonly ref: Ref | undefined;
}

export type ClientMessage = AuthMessage | RegisterMessage | FrameAckMessage | PingMessage | PayloadMessage;

// --- gateway -> client ---

export type SenderKind = "user" | "service" | "ticket";

/** Stamps of every relayed message. Times are milliseconds since 1970. */
export interface Stamps {
  readonly streamId: string;
  readonly userId: string;
  readonly senderKind: SenderKind;
  readonly seq: number;
  readonly receivedAt: number;
}

/** Stamps of a durable message. */
export interface DurableStamps {
  readonly id: string;
  readonly offset: number;
  readonly epoch: string;
}

/** Gateway -> client. Answers `auth`, `register`, and a durable message that carried `ref`. */
export interface SuccessMessage {
  readonly type: "success";
  readonly message: string;
  readonly ref?: Ref;
  readonly [detail: string]: unknown;
}

/** Gateway -> client. */
export interface ErrorMessage {
  readonly type: "error";
  readonly code: Code;
  readonly message: string;
  readonly temporary: boolean;
  readonly reauth: boolean;
  readonly reason?: string;
  readonly retryAfterMs?: number;
  readonly ref?: Ref;
}
