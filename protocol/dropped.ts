// The stamp `dropped` of a message that is already serialised: read without parsing it, changed without its data.
import { readEnvelope, writeEnvelope } from "./envelope.ts";
import { isJsonObject, parseJson } from "./json.ts";

/** The gateway writes it last, and only on `latest` messages; a client's own was removed, and a nested one ends in `}}`. */
const LAST_STAMP = /,"dropped":(\d{1,16})\}$/;
const LAST_STAMP_MAX_CHARS = 30;

/** What a `latest` message says was dropped; undefined for messages of other lanes. */
export function readDropped(message: string | ArrayBuffer): number | undefined {
  const text = typeof message === "string" ? message : readEnvelope(message)?.headerText;
  const match = text === undefined ? null : LAST_STAMP.exec(text.slice(-LAST_STAMP_MAX_CHARS));
  return match === null ? undefined : Number(match[1]);
}

/** The same message with another count. The caller has read one from it. */
export function writeDropped(message: string | ArrayBuffer, dropped: number): string | ArrayBuffer {
  const rewrite = (text: string): string => text.replace(LAST_STAMP, `,"dropped":${dropped}}`);
  if (typeof message === "string") return rewrite(message);
  const envelope = readEnvelope(message);
  // A header that would grow past its limit keeps the smaller count: a frame is worth more than a digit.
  return (envelope && writeEnvelope(rewrite(envelope.headerText), envelope.payload)) ?? message;
}

/** The type of a message that the gateway wrote. */
export function readType(message: string | ArrayBuffer): string | undefined {
  const text = typeof message === "string" ? message : readEnvelope(message)?.headerText;
  const value = text === undefined ? undefined : parseJson(text)?.value;
  return isJsonObject(value) && typeof value["type"] === "string" ? value["type"] : undefined;
}
