// Between the events of Socket.IO and the one dialect of the stream: the event's name is the type, its argument the rest.
import { readEnvelope, writeEnvelope } from "../../../protocol/envelope.ts";
import { type Fault, fault } from "../../../protocol/fault.ts";
import { isJsonObject, type JsonObject, parseJson, writeJson } from "../../../protocol/json.ts";
import type { Ref } from "../../../protocol/messages.ts";
import { type EventPacket, eventText, isPlaceholder, PLACEHOLDER_TEXT, placeholdersIn } from "./packet.ts";

/** No character of it needs an escape in JSON, and it is written as it is read. */
const PLAIN_NAME = /^[A-Za-z][A-Za-z0-9._:-]{0,63}$/;

/**
 * The message of an event: text, or an envelope where the event has an attachment. A fault where it has no such form.
 * @param attachment the binary message that belongs to it, where there is one and no more
 * @param ref what the answer to it is to repeat
 */
export function toMessage(
  event: EventPacket,
  attachment: ArrayBuffer | undefined,
  ref?: Ref,
): string | ArrayBuffer | Fault {
  const { name, args } = event;
  if (typeof name !== "string") return fault("UNKNOWN_TYPE", "Unknown message type", ref);
  if (args.length > 1) return fault("BAD_MESSAGE", "An event has one argument", ref);
  if (event.attachments > 0) return toEnvelope(name, args[0], attachment, ref);
  const [arg] = args;
  const fields = arg === undefined ? {} : isJsonObject(arg) ? arg : { data: arg };
  return writtenAgain(event, fields, ref) ?? textOf(name, fields, ref);
}

/** The text as it came, with another beginning: whether it is JSON, and what is in it, was seen when it was parsed. */
function writtenAgain({ name, args, json }: EventPacket, fields: JsonObject, ref: Ref | undefined): string | undefined {
  const start = `["${name}",{`;
  const isPlain = PLAIN_NAME.test(String(name)) && json.startsWith(start) && json.endsWith("}]");
  const isTaken = Object.hasOwn(fields, "type") || (ref !== undefined && Object.hasOwn(fields, "ref"));
  if (!isPlain || isTaken || args[0] !== fields || Object.keys(fields).length === 0) return undefined;
  const refText = ref === undefined ? "" : `"ref":${JSON.stringify(ref)},`;
  return `{"type":"${name}",${refText}${json.slice(start.length, -1)}`;
}

const NO_ENVELOPE = "Binary data is one attachment, in `data`, beside at most 4096 bytes of other fields";

/** Binary data is the message's `data`, once. */
function toEnvelope(
  name: string,
  arg: unknown,
  attachment: ArrayBuffer | undefined,
  ref: Ref | undefined,
): ArrayBuffer | Fault {
  const { data, ...fields }: JsonObject = isPlaceholder(arg) || !isJsonObject(arg) ? { data: arg } : arg;
  if (attachment === undefined || !isPlaceholder(data) || placeholdersIn(fields).length > 0) {
    return fault("BAD_MESSAGE", NO_ENVELOPE, ref);
  }
  const header = textOf(name, fields, ref);
  if (typeof header !== "string") return header;
  return writeEnvelope(header, new Uint8Array(attachment)) ?? fault("BAD_MESSAGE", NO_ENVELOPE, ref);
}

/** The type comes first, where whoever makes an event of it again need not look for it. */
function textOf(type: string, { type: _other, ...fields }: JsonObject, ref: Ref | undefined): string | Fault {
  const message = { type, ...fields, ref: ref ?? fields["ref"] };
  return writeJson(message) ?? fault("BAD_MESSAGE", "Nested too deeply", ref);
}

/** An event on its way to a client. */
export interface OutgoingEvent {
  readonly text: string;
  readonly attachment: Uint8Array<ArrayBuffer> | undefined;
}

/** As nearly every message begins. */
const FIRST_TYPE = /^\{"type":"([A-Za-z][A-Za-z0-9._:-]{0,63})"([,}])/;
const FIRST_TYPE_MAX_CHARS = 80;

/** The event of a message that the gateway wrote; it is cut out of its text, not parsed. */
export function toEvent(message: string | ArrayBuffer): OutgoingEvent {
  if (typeof message === "string") {
    const { type, fieldsText } = takeApart(message);
    return { text: eventText(type, fieldsText, false), attachment: undefined };
  }
  const envelope = readEnvelope(message);
  if (envelope === undefined) throw new Error("the gateway writes envelopes that can be read");
  const { type, fieldsText } = takeApart(withoutPlaceholders(envelope.headerText));
  const others = fieldsText === "{}" ? "}" : `,${fieldsText.slice(1)}`;
  return {
    text: eventText(type, `{"data":${PLACEHOLDER_TEXT}${others}`, true),
    attachment: envelope.payload,
  };
}

/** The type, and JSON of an object with the fields behind it. */
function takeApart(text: string): { readonly type: string; readonly fieldsText: string } {
  const [start, type, behind] = FIRST_TYPE.exec(text.slice(0, FIRST_TYPE_MAX_CHARS)) ?? [];
  if (start !== undefined && type !== undefined) {
    return { type, fieldsText: behind === "}" ? "{}" : `{${text.slice(start.length)}` };
  }
  const value = parseJson(text)?.value;
  if (!hasType(value)) throw new Error("the gateway writes messages");
  const { type: other, ...fields } = value;
  return { type: other, fieldsText: JSON.stringify(fields) };
}

function hasType(value: unknown): value is JsonObject & { readonly type: string } {
  return isJsonObject(value) && typeof value["type"] === "string";
}

/**
 * A producer can write into its fields what looks like an attachment. In a message without binary data nobody looks for
 * one; beside binary data a consumer's parser would put it in there, or end the connection where the number is wrong.
 */
function withoutPlaceholders(headerText: string): string {
  // The gateway wrote this JSON, and JSON.stringify escapes none of these characters.
  if (!headerText.includes('"_placeholder"')) return headerText;
  return JSON.stringify(JSON.parse(headerText, (key, value: unknown) => (key === "_placeholder" ? undefined : value)));
}
