// Base64url as tokens are written in it: one text for the same bytes and no other, and the JSON that bytes may hold.
import { base64url } from "jose";
import { parseJson } from "../protocol/json.ts";

/**
 * RFC 4648 §5 without padding. Decoders skip white space and ignore the last bits, so several texts would be the same
 * token; hence undefined for every text but the one that its bytes encode to.
 */
export function decodeCanonical(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    const bytes = new Uint8Array(base64url.decode(text));
    return base64url.encode(bytes) === text ? bytes : undefined;
  } catch {
    return undefined; // another alphabet, or a length that no bytes encode to
  }
}

/** The UTF-8 of a text. */
export function encodeText(text: string): string {
  return base64url.encode(text);
}

/** Undefined where the bytes are not UTF-8 or not JSON. */
export function readJson(bytes: Uint8Array): unknown {
  return parseJson(readUtf8(bytes) ?? "")?.value;
}

/** Undefined where the bytes are not UTF-8; a byte order mark stays and is no JSON. */
export function readUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
