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
export const SOCKET_IO_RESERVED: ReadonlySet<string> = new Set([
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

/** Names that were looked at before: a stream says the same few again and again. */
const known = new Set<string>();
const NAMES_REMEMBERED = 256;

export function isPayloadType(value: unknown): value is string {
  if (typeof value !== "string") return false;
  if (known.has(value)) return true;
  if (!NAME.test(value) || CONTROL_WORDS.has(value) || SOCKET_IO_RESERVED.has(value)) return false;
  if (known.size < NAMES_REMEMBERED) known.add(value);
  return true;
}
