// Takes the picture out of a frame, whichever way its producer sent it; what could be a document is never drawn.

/** @import { Message } from "./message.js" */

/** No SVG and no HTML, which could hold a program. */
const DRAWN = new Set(["image/jpeg", "image/png", "image/webp", "image/avif", "image/gif"]);
const DEFAULT_TYPE = "image/jpeg";
/** RFC 2397, with base64 data. */
const DATA_URL = /^data:([^;,]*)(?:;[^;,]*)*;base64,/i;

/**
 * @param {Message} message
 * @returns {Blob | string} the picture, or why there is none
 */
export function pictureOf({ fields, payload }) {
  const { contentType, data } = fields;
  if (payload !== undefined) return blobOf(contentType, () => payload);
  if (typeof data !== "string") return "Frames without data";
  const prefix = DATA_URL.exec(data.slice(0, 256));
  return blobOf(prefix?.[1] ?? contentType, () => decodeBase64(data.slice(prefix?.[0].length ?? 0)));
}

/**
 * @param {unknown} claimed
 * @param {() => Uint8Array<ArrayBuffer>} bytes
 */
function blobOf(claimed, bytes) {
  const type = typeof claimed === "string" && claimed !== "" ? claimed.toLowerCase() : DEFAULT_TYPE;
  if (!DRAWN.has(type)) return `Frames of the type ${type.slice(0, 80)} are not drawn`;
  try {
    return new Blob([bytes()], { type });
  } catch {
    return "Frames that are not base64";
  }
}

/** @param {string} text */
function decodeBase64(text) {
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
}
