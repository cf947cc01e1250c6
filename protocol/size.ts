// How many bytes a message takes on the wire.

const encoder = new TextEncoder();
const NOT_ASCII = /[\u0080-\uffff]/;

/** Of text: its UTF-8. Nearly all of it is ASCII, and looking for what is not costs half of encoding it. */
export function bytesOf(message: string | ArrayBuffer): number {
  if (typeof message !== "string") return message.byteLength;
  return NOT_ASCII.test(message) ? encoder.encode(message).byteLength : message.length;
}
