// The bytes and the content type of a frame, whichever way its producer sent it.
import { decodeBase64 } from "../../../connection/base64.ts";
import type { PayloadMessage } from "../../../protocol/messages.ts";

export interface FrameData {
  readonly contentType: string;
  /** Copies or decodes at the time of the call. Undefined where the data cannot be decoded. */
  readonly bytes: () => ArrayBuffer | undefined;
}

const DEFAULT_CONTENT_TYPE = "image/jpeg";
const CONTENT_TYPE = /^[a-z]+\/[a-z0-9.+-]{1,64}$/i;
/** RFC 2397, with base64 data. */
const DATA_URL = /^data:([^;,]*)(?:;[^;,]*)*;base64,/i;

export function frameDataOf({ fields, payload }: Pick<PayloadMessage, "fields" | "payload">): FrameData {
  if (payload !== undefined) {
    // A copy, because the view shares its buffer with the header and an RPC call would carry both.
    return { contentType: contentTypeOf(fields["contentType"]), bytes: () => payload.slice().buffer };
  }
  const { data } = fields;
  if (typeof data !== "string") return { contentType: DEFAULT_CONTENT_TYPE, bytes: () => undefined };
  const prefix = DATA_URL.exec(data.slice(0, 256));
  const base64Start = prefix?.[0].length ?? 0;
  return { contentType: contentTypeOf(prefix?.[1]), bytes: () => decodeBase64(data.slice(base64Start)) };
}

function contentTypeOf(value: unknown): string {
  return typeof value === "string" && CONTENT_TYPE.test(value) ? value : DEFAULT_CONTENT_TYPE;
}
