// Reads what arrives on the socket: JSON text, or the binary envelope of docs/PROTOCOL.md, "Messages".

/** @typedef {{ readonly [name: string]: unknown }} Fields */
/**
 * @typedef {object} Message
 * @property {Fields} fields
 * @property {Uint8Array<ArrayBuffer> | undefined} payload of a binary message
 * @property {number} size
 */

const PREFIX_BYTES = 4;
const utf8 = new TextDecoder("utf-8", { fatal: true });

/**
 * @param {unknown} data
 * @returns {Message | undefined} undefined where it is neither
 */
export function readMessage(data) {
  try {
    if (typeof data === "string") return withFields(data, undefined, data.length);
    return data instanceof ArrayBuffer ? readEnvelope(data) : undefined;
  } catch {
    return undefined; // no JSON, or no UTF-8
  }
}

/** @param {ArrayBuffer} data */
function readEnvelope(data) {
  if (data.byteLength < PREFIX_BYTES) return undefined;
  const view = new DataView(data);
  const payloadStart = PREFIX_BYTES + view.getUint16(2);
  if (view.getUint8(0) !== 1 || view.getUint8(1) !== 0 || payloadStart > data.byteLength) return undefined;
  const header = utf8.decode(new Uint8Array(data, PREFIX_BYTES, payloadStart - PREFIX_BYTES));
  return withFields(header, new Uint8Array(data, payloadStart), data.byteLength);
}

/**
 * @param {string} text
 * @param {Uint8Array<ArrayBuffer> | undefined} payload
 * @param {number} size
 */
function withFields(text, payload, size) {
  const fields = fieldsOf(JSON.parse(text));
  return fields === undefined ? undefined : { fields, payload, size };
}

/**
 * @param {unknown[]} values of a stranger
 * @returns {string} the first that is text; empty where none is
 */
export function firstText(...values) {
  return values.find((value) => typeof value === "string") ?? "";
}

/**
 * @param {unknown} value
 * @returns {Fields | undefined} undefined where it is no JSON object
 */
export function fieldsOf(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
}
