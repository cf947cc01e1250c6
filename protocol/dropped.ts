// The stamp `dropped` of a message that is already serialised: read without parsing it, changed without its data.
import { readEnvelope, writeEnvelope } from "./envelope.ts";
import { isJsonObject, parseJson } from "./json.ts";

/** The gateway writes it last, and only on `latest` messages; a client's own was removed, and a nested one ends in `}}`. */
const LAST_STAMP = /,"dropped":\d{1,16}\}$/;

/** The same message with another count. The caller has read one from it. */
export function writeDropped(message: string | ArrayBuffer, dropped: number): string | ArrayBuffer {
  const rewrite = (text: string): string => text.replace(LAST_STAMP, `,"dropped":${dropped}}`);
  if (typeof message === "string") return rewrite(message);
  const envelope = readEnvelope(message);
  // A header that would grow past its limit keeps the smaller count: a frame is worth more than a digit.
  return (envelope && writeEnvelope(rewrite(envelope.headerText), envelope.payload)) ?? message;
}

/** What a bridge must know of a `latest` message; undefined for messages of other lanes. */
export interface LatestStamps {
  readonly type: string;
  readonly seq: number;
  readonly dropped: number;
}

/** The gateway writes these one behind the other, last; nothing that a client wrote stands behind them. */
const LAST_STAMPS = /"seq":(\d{1,16}),"receivedAt":\d{1,16},"dropped":(\d{1,16})\}$/;
const LAST_STAMPS_MAX_CHARS = 100;
/** As nearly every message begins; a type has no character that JSON would escape. */
const FIRST_TYPE = /^\{"type":"([^"\\]{1,64})"/;
const FIRST_TYPE_MAX_CHARS = 80;

export function readLatestStamps(message: string | ArrayBuffer): LatestStamps | undefined {
  const text = typeof message === "string" ? message : readEnvelope(message)?.headerText;
  const match = text === undefined ? null : LAST_STAMPS.exec(text.slice(-LAST_STAMPS_MAX_CHARS));
  if (text === undefined || match === null) return undefined;
  const type = FIRST_TYPE.exec(text.slice(0, FIRST_TYPE_MAX_CHARS))?.[1] ?? typeOf(text);
  return type === undefined ? undefined : { type, seq: Number(match[1]), dropped: Number(match[2]) };
}

function typeOf(text: string): string | undefined {
  const value = parseJson(text)?.value;
  return isJsonObject(value) && typeof value["type"] === "string" ? value["type"] : undefined;
}
