// The one table of error codes: what each means on HTTP, on a socket, and to a client that decides whether to come back.

interface CodeRow {
  /** The HTTP status of a refusal, or null where the code is only ever said on a live socket. */
  readonly httpStatus: number | null;
  /** The close code that follows the error message where the socket does not stay open. */
  readonly closeCode: number;
  /** True where a live socket goes on; an upgrade that is refused for it inside the socket is closed all the same. */
  readonly staysOpen: boolean;
  /** True where the same client may succeed later without doing anything but wait. */
  readonly temporary: boolean;
  /** True where a fresh credential is worth fetching before the next attempt. */
  readonly reauth: boolean;
  /** The sentence a client reads. It never depends on the input, so it can carry nothing of it. */
  readonly sentence: string;
}

/** The socket stays open; where it cannot, RFC 6455 §7.4.1's policy violation. */
const OPEN = { thenClose: 1008 } as const;

export const CODES = {
  AUTH_REQUIRED: row(401, OPEN, "no", "reauth", "Must authenticate first"),
  AUTH_FAILED: row(401, 1008, "no", "reauth", "Invalid or expired token"),
  TOKEN_EXPIRED: row(null, 4401, "temporary", "reauth", "The session of this connection has ended"),
  AUTH_TIMEOUT: row(null, 4408, "temporary", "reauth", "No authentication within the time allowed"),
  REGISTER_TIMEOUT: row(null, 4408, "temporary", "no", "No registration within the time allowed"),
  IDLE: row(null, 4408, "temporary", "no", "The keepalive stopped"),
  AUTH_UNAVAILABLE: row(503, 1013, "temporary", "no", "The auth server cannot be reached"),
  SESSION_REVOKED: row(401, 4410, "no", "reauth", "The session was revoked"),
  ORIGIN_NOT_ALLOWED: row(403, 1008, "no", "no", "This origin is not allowed"),
  UNAUTHORIZED: row(403, OPEN, "no", "no", "No permission for this stream"),
  NOT_REGISTERED: row(400, OPEN, "no", "no", "Register before sending"),
  ALREADY_REGISTERED: row(400, OPEN, "no", "no", "This connection is registered already"),
  UNKNOWN_TYPE: row(400, OPEN, "no", "no", "Unknown message type"),
  NOT_A_PRODUCER: row(400, OPEN, "no", "no", "This connection did not register to produce that type"),
  INVALID_STREAM_ID: row(400, OPEN, "no", "no", "Invalid stream id"),
  BAD_MESSAGE: row(400, OPEN, "no", "no", "The message cannot be read"),
  NOT_FOUND: row(404, OPEN, "no", "no", "Not found"),
  METHOD_NOT_ALLOWED: row(405, OPEN, "no", "no", "Method not allowed"),
  UNSUPPORTED_MEDIA_TYPE: row(415, OPEN, "no", "no", "Unsupported media type"),
  UPGRADE_REQUIRED: row(426, OPEN, "no", "no", "This endpoint speaks WebSocket"),
  BAD_REQUEST: row(400, OPEN, "no", "no", "Bad request"),
  CONFLICT: row(409, OPEN, "no", "no", "In conflict with what is stored"),
  TOO_LARGE: row(413, 1009, "no", "no", "The message is too large"),
  RATE_LIMITED: row(429, { thenClose: 4429 }, "temporary", "no", "Too many messages"),
  CONNECTION_LIMIT: row(429, 4429, "temporary", "no", "Too many connections"),
  STREAM_FULL: row(429, 4429, "temporary", "no", "The stream has too many members"),
  STREAM_LIMIT: row(429, 4429, "temporary", "no", "Too many streams"),
  REPLACED: row(null, 4409, "no", "no", "A newer connection of the same session produces this type"),
  SLOW_CONSUMER: row(null, 4508, "temporary", "no", "The connection did not keep up"),
  DRAINING: row(503, 1012, "temporary", "no", "The server is restarting"),
  OVERLOADED: row(503, 1013, "temporary", "no", "The server is overloaded"),
  UPSTREAM_UNAVAILABLE: row(502, 1013, "temporary", "no", "The upstream cannot be reached"),
  MISCONFIGURED: row(503, 1011, "temporary", "no", "The gateway is not configured"),
  INTERNAL: row(500, 1011, "temporary", "no", "Internal error"),
} as const satisfies Record<string, CodeRow>;

export type Code = keyof typeof CODES;

export function isCode(value: unknown): value is Code {
  return typeof value === "string" && Object.hasOwn(CODES, value);
}

/** Closes a socket that keeps making errors of codes that each leave it open (`ERROR_FLOOD_*` in limits.ts). */
export const CLOSE_ERROR_FLOOD = 4400;

/** @param close the close code, or that the socket stays open and with which code it closes where it cannot */
function row(
  httpStatus: number | null,
  close: number | { readonly thenClose: number },
  temporary: "temporary" | "no",
  reauth: "reauth" | "no",
  sentence: string,
): CodeRow {
  const staysOpen = typeof close !== "number";
  return {
    httpStatus,
    closeCode: staysOpen ? close.thenClose : close,
    staysOpen,
    temporary: temporary === "temporary",
    reauth: reauth === "reauth",
    sentence,
  };
}
