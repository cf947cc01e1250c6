// What a socket carries through hibernation: versioned, small, without a token.
import { isEndOf, isPrincipal, type Principal } from "../auth/principal.ts";
import { type Hop, isHop } from "./hop.ts";
import { isJsonObject, isTextList } from "../protocol/json.ts";

/** What a member declared; the lists are as the client sent them, `*` included. */
export interface Registration {
  readonly clientType: string | undefined;
  readonly produces: readonly string[];
  readonly consumes: readonly string[];
}

export interface Attachment {
  readonly streamId: string;
  readonly connectionId: string;
  readonly hop: Hop;
  readonly principal: Principal;
  /** When the session ends, in milliseconds since 1970; the grace comes on top. Undefined for a key, which has no end. */
  readonly endsAtMs: number | undefined;
  /** Undefined until `register`. */
  readonly registration: Registration | undefined;
}

/** Raised when the shape changes; an object wakes with what the previous release wrote, so that must stay readable. */
const VERSION = 1;

/** Structured-cloned by the runtime, at most 16,384 bytes; the limits of `register` and of patterns keep it below. */
export function writeAttachment(attachment: Attachment): unknown {
  return { version: VERSION, ...attachment };
}

/** Undefined where another release wrote something that this one cannot read: the socket is then let go. */
export function readAttachment(value: unknown): Attachment | undefined {
  if (!isJsonObject(value) || value["version"] !== VERSION) return undefined;
  const { streamId, connectionId, hop, principal, endsAtMs, registration } = value;
  if (typeof streamId !== "string" || typeof connectionId !== "string") return undefined;
  if (!isHop(hop) || !isPrincipal(principal) || !isEndOf(principal, endsAtMs)) return undefined;
  if (registration !== undefined && !isRegistration(registration)) return undefined;
  return { streamId, connectionId, hop, principal, endsAtMs, registration };
}

function isRegistration(value: unknown): value is Registration {
  if (!isJsonObject(value)) return false;
  const { clientType, produces, consumes } = value;
  return (clientType === undefined || typeof clientType === "string") && isTextList(produces) && isTextList(consumes);
}
