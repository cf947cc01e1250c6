// What a message means that comes before its client is a member of a stream.
import type { Operation } from "../../../auth/principal.ts";
import type { ErrorDetail } from "../../../protocol/answers.ts";
import type { Code } from "../../../protocol/codes.ts";
import { isFault } from "../../../protocol/fault.ts";
import type { Ref } from "../../../protocol/messages.ts";
import { parseBinary, parseText } from "../../../protocol/parse.ts";
import { isStreamId } from "../../../protocol/stream-id.ts";

/** `nothing`: it needs no answer. `unfit`: it cannot be read, or may not come yet from whoever is known. */
export type Opening =
  | { readonly kind: "auth"; readonly token: string; readonly ref: Ref | undefined }
  /** `wants`: what it asks for in the first place. */
  | { readonly kind: "register"; readonly streamId: string; readonly wants: Operation; readonly ref: Ref | undefined }
  | { readonly kind: "ping"; readonly ref: Ref | undefined }
  | { readonly kind: "nothing"; readonly ref: undefined }
  | { readonly kind: "unfit"; readonly code: Code; readonly detail: ErrorDetail; readonly ref: Ref | undefined };

/** @param message of one, and not several in a text */
export function readOpening(message: string | ArrayBuffer): Opening {
  const parsed = parseOne(message);
  if (isFault(parsed)) return unfit(parsed.code, parsed.ref, parsed.message);
  switch (parsed.kind) {
    case "auth":
      return { kind: "auth", token: parsed.token, ref: parsed.ref };
    case "register": {
      const { streamId, produces, ref } = parsed;
      if (!isStreamId(streamId)) return unfit("INVALID_STREAM_ID", ref);
      return { kind: "register", streamId, wants: produces.length > 0 ? "write" : "read", ref };
    }
    case "payload":
      return unfit("NOT_REGISTERED", parsed.ref);
    case "ping":
      return { kind: "ping", ref: parsed.ref };
    case "frame-ack":
      return { kind: "nothing", ref: undefined };
  }
}

function unfit(code: Code, ref: Ref | undefined, message?: string): Opening {
  return { kind: "unfit", code, detail: { message, ref }, ref };
}

function parseOne(message: string | ArrayBuffer) {
  if (typeof message !== "string") return parseBinary(message);
  // Of one message by construction: what holds several was taken apart.
  const [first = parseBinary(new ArrayBuffer(0))] = parseText(message);
  return first;
}
