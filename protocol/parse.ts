// From the bytes of a client to a message or a fault. Never throws, never repeats the input.
import { readEnvelope } from "./envelope.ts";
import { type Fault, fault, isFault } from "./fault.ts";
import { isJsonObject, type JsonObject, parseJson } from "./json.ts";
import {
  BATCH_MAX_MESSAGES,
  CLIENT_TYPE_MAX_CHARS,
  DECLARED_TYPES_MAX,
  EPOCH_MAX_CHARS,
  REF_MAX_CHARS,
  WINDOW_MAX_CREDITS,
} from "./limits.ts";
import { ANY_TYPE, isPayloadType, PRESENCE_TYPE } from "./message-type.ts";
import type { ClientMessage, Ref, RegisterMessage, ResumePoint } from "./messages.ts";
import { removeStamps } from "./stamp.ts";

/** What S1's phones mean when they register as `mobile` and declare nothing. */
const MOBILE_DEFAULTS = { produces: ["video-frame"], consumes: ["alert"] } as const;

/**
 * Reads a text message. Several messages may stand in one text, separated by newlines; the whole text is tried first,
 * since a pretty-printed object holds newlines too.
 */
export function parseText(text: string): readonly (ClientMessage | Fault)[] {
  const whole = parseJson(text);
  if (whole !== undefined) return [toMessage(whole.value)];
  const texts = splitBatch(text);
  if (texts === undefined) return [bad("Too many messages in one text")];
  return texts.map((item) => {
    const parsed = parseJson(item);
    return parsed === undefined ? bad("Not JSON") : toMessage(parsed.value);
  });
}

/** The text of each message that stands in one text; undefined where they are too many. None of them need be JSON. */
export function splitBatch(text: string): readonly string[] | undefined {
  if (!text.includes("\n") || parseJson(text) !== undefined) return [text];
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  if (lines.length === 0) return [text];
  return lines.length <= BATCH_MAX_MESSAGES ? lines : undefined;
}

/** Reads a binary message: a payload message whose data is bytes. */
export function parseBinary(message: ArrayBuffer): ClientMessage | Fault {
  const envelope = readEnvelope(message);
  if (envelope === undefined) return bad("Not a valid envelope");
  const header = parseJson(envelope.headerText);
  if (header === undefined || !isJsonObject(header.value))
    return bad("The header of the envelope is not a JSON object");
  const ref = readRef(header.value);
  if (isFault(ref)) return ref;
  if (!isPayloadType(header.value["type"])) return bad("A binary message carries a payload type", ref);
  if (Object.hasOwn(header.value, "data")) return bad("The payload of an envelope is its data", ref);
  return toPayload(header.value["type"], header.value, envelope.payload, ref);
}

function toMessage(value: unknown): ClientMessage | Fault {
  if (!isJsonObject(value)) return bad("A message is a JSON object");
  const ref = readRef(value);
  if (isFault(ref)) return ref;
  const type = value["type"];
  switch (type) {
    case "auth": {
      const token = value["token"];
      return typeof token === "string" ? { kind: "auth", token, ref } : bad("`token` is a string", ref);
    }
    case "register":
      return toRegister(value, ref);
    case "frame-ack": {
      const seq = value["seq"];
      return isCount(seq) ? { kind: "frame-ack", seq } : bad("`seq` is an integer", ref);
    }
    case "ping":
      return { kind: "ping", ref };
    default:
      if (typeof type !== "string") return bad("`type` is a string", ref);
      if (!isPayloadType(type)) return fault("UNKNOWN_TYPE", "Unknown message type", ref);
      return toPayload(type, value, undefined, ref);
  }
}

function toPayload(
  type: string,
  fields: JsonObject,
  payload: Uint8Array<ArrayBuffer> | undefined,
  ref: Ref | undefined,
): ClientMessage {
  const id = fields["id"];
  removeStamps(fields);
  return { kind: "payload", type, fields, id, payload, ref };
}

function toRegister(value: JsonObject, ref: Ref | undefined): RegisterMessage | Fault {
  const { streamId, clientType, produces, consumes, resume, window, batch, latest } = value;
  if (clientType !== undefined && !isShortText(clientType, CLIENT_TYPE_MAX_CHARS)) {
    return bad("`clientType` is a string of at most 32 characters", ref);
  }
  if (!isTypeList(produces, false)) return bad("`produces` is a list of payload types", ref);
  if (!isTypeList(consumes, true)) return bad("`consumes` is a list of payload types", ref);
  if (resume !== undefined && !isResumePoint(resume)) return bad("`resume` is {epoch, offset}", ref);
  if (window !== undefined && !(isCount(window) && window >= 1 && window <= WINDOW_MAX_CREDITS)) {
    return bad("`window` is an integer from 1 to 64", ref);
  }
  if (batch !== undefined && typeof batch !== "boolean") return bad("`batch` is a boolean", ref);
  if (latest !== undefined && typeof latest !== "boolean") return bad("`latest` is a boolean", ref);
  const declares = produces !== undefined || consumes !== undefined;
  const defaults = !declares && clientType === "mobile" ? MOBILE_DEFAULTS : { produces: [], consumes: [] };
  return {
    kind: "register",
    streamId,
    clientType,
    produces: produces ?? defaults.produces,
    consumes: consumes ?? defaults.consumes,
    resume: resume === undefined ? undefined : { epoch: resume.epoch, offset: resume.offset },
    window,
    batch: batch ?? false,
    latest: latest ?? true,
    ref,
  };
}

function isTypeList(value: unknown, mayNamePresence: boolean): value is readonly string[] | undefined {
  if (value === undefined) return true;
  if (!Array.isArray(value) || value.length > DECLARED_TYPES_MAX) return false;
  return value.every((type) => type === ANY_TYPE || isPayloadType(type) || (mayNamePresence && type === PRESENCE_TYPE));
}

function isResumePoint(value: unknown): value is ResumePoint {
  return isJsonObject(value) && isShortText(value["epoch"], EPOCH_MAX_CHARS) && isCount(value["offset"]);
}

function readRef(value: JsonObject): Ref | undefined | Fault {
  const ref = value["ref"];
  if (ref === undefined || isShortText(ref, REF_MAX_CHARS)) return ref;
  return typeof ref === "number" && Number.isFinite(ref)
    ? ref
    : bad("`ref` is a number or a string of at most 128 characters");
}

function isShortText(value: unknown, maxChars: number): value is string {
  return typeof value === "string" && value.length <= maxChars;
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function bad(message: string, ref?: Ref): Fault {
  return fault("BAD_MESSAGE", message, ref);
}
