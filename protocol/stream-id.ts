// What a stream id may look like, checked before any object is addressed: each new id would be a new object and a bill.
import { STREAM_ID_MAX_CHARS } from "./limits.ts";

const STREAM_ID = new RegExp(`^(?!\\.+$)[A-Za-z0-9._:-]{1,${STREAM_ID_MAX_CHARS}}$`);

/** Taken by the endpoint where `register` names the stream. */
const RESERVED = "register";

export function isStreamId(value: unknown): value is string {
  return typeof value === "string" && STREAM_ID.test(value) && value !== RESERVED;
}
