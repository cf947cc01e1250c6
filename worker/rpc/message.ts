// A message that another Worker publishes: a plain object, with its data as text or as bytes.
import { isJsonObject, type JsonObject, parseJson } from "../../protocol/json.ts";

export interface RpcMessage {
  readonly type?: string;
  /** Of a durable message: the same again is stored once. */
  readonly id?: string;
  /** Bytes make it a binary message; base64 or a `data:` URL stays JSON. */
  readonly data?: string | ArrayBuffer | ArrayBufferView;
  readonly [field: string]: unknown;
}

export interface Publishable {
  readonly body: JsonObject;
  readonly payload: ArrayBuffer | undefined;
}

/** Undefined where it is no object that JSON can write. */
export function toPublishable(message: unknown): Publishable | undefined {
  if (!isJsonObject(message) || !isPlain(message)) return undefined;
  const { data, ...fields } = message;
  const payload = toBytes(data);
  const body = asJson(payload === undefined ? message : fields);
  return body === undefined ? undefined : { body, payload };
}

function toBytes(data: unknown): ArrayBuffer | undefined {
  if (data instanceof ArrayBuffer) return data;
  // A copy, since a view may show a small part of a large buffer.
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice().buffer
    : undefined;
}

/** What RPC carries is more than JSON: dates, maps, functions. */
function asJson(value: JsonObject): JsonObject | undefined {
  try {
    const parsed = parseJson(JSON.stringify(value, onlyJson))?.value;
    return isJsonObject(parsed) ? parsed : undefined;
  } catch {
    return undefined; // a circle, a bigint, or what would get lost
  }
}

/** A map would be written as `{}` and a function not at all; what has a `toJSON`, as a date has, is text by now. */
function onlyJson(_key: string, value: unknown): unknown {
  const isOdd = typeof value === "object" && value !== null && !Array.isArray(value) && !isPlain(value);
  if (isOdd || typeof value === "function") throw new TypeError("not JSON");
  return value;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
