// How many bytes a message takes on the wire.

const encoder = new TextEncoder();
/** What counting writes to and nobody reads: an array for each message would cost more than the counting. */
const scratch = new Uint8Array(64 * 1024);
/** UTF-8 of one UTF-16 unit. */
const UNIT_MAX_BYTES = 3;

/** Of text: its UTF-8. Counting is left to the runtime's own encoder, which is faster than any loop of ours. */
export function bytesOf(message: string | ArrayBuffer): number {
  if (typeof message !== "string") return message.byteLength;
  return message.length * UNIT_MAX_BYTES <= scratch.byteLength
    ? encoder.encodeInto(message, scratch).written
    : encoder.encode(message).byteLength;
}
