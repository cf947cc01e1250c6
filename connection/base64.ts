// Bytes that somebody wrote as base64 text.

/** RFC 4648 §4, as `Uint8Array.fromBase64` takes it: padding may be missing. Undefined for any other text. */
export function decodeBase64(text: string): ArrayBuffer | undefined {
  try {
    return Uint8Array.fromBase64(text).buffer;
  } catch {
    return undefined;
  }
}
