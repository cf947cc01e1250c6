// How many bytes a message takes on the wire.

const encoder = new TextEncoder();

/** Of text: its UTF-8. Counting is left to the runtime's own encoder, which is faster than any loop of ours. */
export function bytesOf(message: string | ArrayBuffer): number {
  return typeof message === "string" ? encoder.encode(message).byteLength : message.byteLength;
}
