// The part of a WebSocket that is needed to relay between two of them.
import type { Link } from "../../connection/backlog.ts";

/**
 * An accepted one (`allowHalfOpen`) whose binary messages are ArrayBuffers, or whatever behaves like it, as the client of another
 * dialect: `send` may throw once the connection is broken, `close` never does, and the `close` of the other side is told once,
 * also where it answers one from here. Code 1006 is a connection that ended without one.
 */
export interface RelayedSocket extends Link {
  readonly readyState: number;
  /** @param code undefined sends a close that names none (RFC 6455 §5.5.1) */
  close(code?: number, reason?: string): void;
  addEventListener(type: "message", listener: (event: { readonly data: string | ArrayBuffer }) => void): void;
  addEventListener(type: "close", listener: (event: { readonly code: number; readonly reason: string }) => void): void;
  addEventListener(type: "error", listener: () => void): void;
}
