// Which names a payload type may have: the protocol's own words and Socket.IO's reserved events are taken.

const NAME = /^[A-Za-z][A-Za-z0-9._:-]{0,63}$/;

const CONTROL_WORDS: ReadonlySet<string> = new Set([
  "auth",
  "register",
  "success",
  "error",
  "ping",
  "pong",
  "frame-ack",
  "presence",
  "auth-expiring",
  "reconnect",
]);

/** `socket.io-client` throws or misbehaves when it receives an event of one of these names. */
const SOCKET_IO_RESERVED: ReadonlySet<string> = new Set([
  "connect",
  "connect_error",
  "disconnect",
  "disconnecting",
  "newListener",
  "removeListener",
]);

/** Payload types that every deployment knows beside the types of its lanes. */
export const STATUS_TYPE = "status";

/** In `produces` and `consumes`: every payload type. */
export const ANY_TYPE = "*";

/** Named in `consumes`, never sent by a client, and not part of `*`. */
export const PRESENCE_TYPE = "presence";

export function isPayloadType(value: unknown): value is string {
  return typeof value === "string" && NAME.test(value) && !CONTROL_WORDS.has(value) && !SOCKET_IO_RESERVED.has(value);
}
