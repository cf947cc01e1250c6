// One packet of Socket.IO v5 as text: read strictly, and written. What is attached to it stays outside.
import { isJsonObject, type JsonObject, parseJson } from "../../../protocol/json.ts";
import { SOCKET_IO_RESERVED } from "../../../protocol/message-type.ts";

/** As the official parser: a sender that announces more would have its receiver keep them all. */
export const ATTACHMENTS_MAX = 10;

/** The one namespace there is here. */
export const MAIN_NAMESPACE = "/";

/**
 * `json`: the arguments as they were written. `attachments`: how many binary messages belong to it and follow.
 * Protocol: socketio/socket.io, docs/socket.io-protocol/v5-current.md
 */
export type Packet =
  | { readonly kind: "connect"; readonly namespace: string; readonly auth: JsonObject | undefined }
  | { readonly kind: "disconnect"; readonly namespace: string }
  | EventPacket
  | { readonly kind: "ack"; readonly namespace: string; readonly attachments: number }
  | { readonly kind: "connect-error"; readonly namespace: string };

export interface EventPacket {
  readonly kind: "event";
  readonly namespace: string;
  /** Undefined where its sender wants no acknowledgement. */
  readonly id: number | undefined;
  readonly name: string | number;
  /** The arguments behind the name. */
  readonly args: readonly unknown[];
  readonly json: string;
  readonly attachments: number;
}

/** What stands before the JSON. Numbers are digits alone: the official parser also takes spaces for zeros, and `1e0`. */
const HEAD = /^(?:([0-4])|([56])([1-9]\d?)-)(\/[^,]*,?)?(\d{1,16})?/;
const TYPES = ["connect", "disconnect", "event", "ack", "connect-error"] as const;
const BINARY_OFFSET = 3;

/** Undefined where it is none, or one that the official parser refuses, who is a little more lenient (see its test). */
export function readPacket(text: string): Packet | undefined {
  const head = HEAD.exec(text);
  if (head === null) return undefined;
  const [whole, plain, binary, count = "0", place = MAIN_NAMESPACE, idText] = head;
  const type = TYPES[plain === undefined ? Number(binary) - BINARY_OFFSET : Number(plain)];
  const attachments = Number(count);
  const id = idText === undefined ? undefined : Number(idText);
  if (type === undefined || attachments > ATTACHMENTS_MAX) return undefined;
  if (id !== undefined && !Number.isSafeInteger(id)) return undefined;
  const namespace = place.endsWith(",") ? place.slice(0, -1) : place;
  const json = text.slice(whole.length);
  // Spaces would be read as digits elsewhere.
  if (json !== "" && !/^[[{"]/.test(json)) return undefined;
  const data = json === "" ? { value: undefined } : parseJson(json);
  return data && readData(type, { namespace, id, json, attachments }, data.value);
}

type Head = Pick<EventPacket, "namespace" | "id" | "json" | "attachments">;

function readData(type: (typeof TYPES)[number], head: Head, data: unknown): Packet | undefined {
  const { namespace, attachments } = head;
  switch (type) {
    case "connect":
      return data === undefined || isJsonObject(data) ? { kind: type, namespace, auth: data } : undefined;
    case "disconnect":
      return data === undefined ? { kind: type, namespace } : undefined;
    case "connect-error":
      return data === undefined || typeof data === "string" || isJsonObject(data)
        ? { kind: type, namespace }
        : undefined;
    case "ack":
      return Array.isArray(data) && head.id !== undefined && areAttached(data, attachments)
        ? { kind: type, namespace, attachments }
        : undefined;
    case "event": {
      if (!Array.isArray(data)) return undefined;
      const [name, ...args]: readonly unknown[] = data;
      const isName = typeof name === "number" || (typeof name === "string" && !SOCKET_IO_RESERVED.has(name));
      return isName && areAttached(args, attachments) ? { kind: type, ...head, name, args } : undefined;
    }
  }
}

/** Whether each attachment that is spoken of is one of so many. Where there are none nobody looks. */
function areAttached(args: readonly unknown[], attachments: number): boolean {
  return attachments === 0 || placeholdersIn(args).every((num) => isIndex(num, attachments));
}

function isIndex(num: unknown, count: number): boolean {
  return typeof num === "number" && Number.isInteger(num) && num >= 0 && num < count;
}

/** What stands for an attachment in the JSON of a packet. */
export const PLACEHOLDER_TEXT = '{"_placeholder":true,"num":0}';

/**
 * Whatever the official parser would replace by an attachment, wherever it stands: the number that each says. Without
 * recursion, which a stranger's nesting could exhaust.
 */
export function placeholdersIn(value: unknown): readonly unknown[] {
  const numbers: unknown[] = [];
  let level: readonly unknown[] = [value];
  while (level.length > 0) {
    for (const item of level) if (isPlaceholder(item)) numbers.push(item["num"]);
    level = level.flatMap((item) => (typeof item === "object" && item !== null ? Object.values(item) : []));
  }
  return numbers;
}

export function isPlaceholder(value: unknown): value is JsonObject {
  return isJsonObject(value) && value["_placeholder"] === true;
}

/** The answer to a CONNECT. */
export function connectText(sid: string): string {
  return `0${JSON.stringify({ sid })}`;
}

/** A CONNECT as a client sends it. */
export function connectPacketText(namespace: string, auth: JsonObject | undefined): string {
  return `0${placeText(namespace)}${auth === undefined ? "" : JSON.stringify(auth)}`;
}

/** @param data what `connect_error` finds in the error's `data` */
export function connectErrorText(namespace: string, message: string, data?: object): string {
  return `4${placeText(namespace)}${JSON.stringify({ message, data })}`;
}

export function disconnectText(namespace: string): string {
  return `1${placeText(namespace)}`;
}

function placeText(namespace: string): string {
  return namespace === MAIN_NAMESPACE ? "" : `${namespace},`;
}

/**
 * @param argText JSON of its one argument
 * @param isBinary whether one binary message follows, for which PLACEHOLDER_TEXT stands in the argument
 */
export function eventText(name: string, argText: string, isBinary: boolean): string {
  return `${isBinary ? "51-" : "2"}["${name}",${argText}]`;
}

export function ackText(id: number, argText: string): string {
  return `3${id}[${argText}]`;
}
