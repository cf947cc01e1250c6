// The binary envelope: a JSON header and a payload in one message, so that frames need no base64.
//
//   byte 0       0x01, version
//   byte 1       0x00, reserved
//   bytes 2-3    H, header length, uint16 big endian, 2 <= H <= 4096
//   bytes 4..    header: the JSON message without `data`
//   the rest     payload bytes
import { ENVELOPE_HEADER_MAX_BYTES } from "./limits.ts";

const VERSION = 1;
const PREFIX_BYTES = 4;
const HEADER_MIN_BYTES = 2;

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();
/** Room for the longest header there may be; emptied before anybody else writes to it. */
const scratch = new Uint8Array(ENVELOPE_HEADER_MAX_BYTES);

export interface Envelope {
  readonly kind: "envelope";
  /** Valid UTF-8; not yet known to be JSON. */
  readonly headerText: string;
  /** A view into the message, not a copy. */
  readonly payload: Uint8Array<ArrayBuffer>;
}

/** Takes a binary message apart without copying the payload. Undefined where it is not an envelope. */
export function readEnvelope(message: ArrayBuffer): Envelope | undefined {
  if (message.byteLength < PREFIX_BYTES + HEADER_MIN_BYTES) return undefined;
  const bytes = new Uint8Array(message);
  const view = new DataView(message);
  const headerBytes = view.getUint16(2);
  if (view.getUint8(0) !== VERSION || view.getUint8(1) !== 0) return undefined;
  if (headerBytes < HEADER_MIN_BYTES || headerBytes > ENVELOPE_HEADER_MAX_BYTES) return undefined;
  const payloadStart = PREFIX_BYTES + headerBytes;
  if (payloadStart > message.byteLength) return undefined;
  try {
    const headerText = decoder.decode(bytes.subarray(PREFIX_BYTES, payloadStart));
    return { kind: "envelope", headerText, payload: bytes.subarray(payloadStart) };
  } catch {
    return undefined; // the header is not UTF-8
  }
}

/** Puts a message together, copying the payload once. Undefined where the header is too long for the envelope. */
export function writeEnvelope(headerText: string, payload: Uint8Array): ArrayBuffer | undefined {
  const { read, written } = encoder.encodeInto(headerText, scratch);
  if (read < headerText.length) return undefined;
  const header = scratch.subarray(0, written);
  const message = new Uint8Array(PREFIX_BYTES + header.byteLength + payload.byteLength);
  message[0] = VERSION;
  new DataView(message.buffer).setUint16(2, header.byteLength);
  message.set(header, PREFIX_BYTES);
  message.set(payload, PREFIX_BYTES + header.byteLength);
  return message.buffer;
}
