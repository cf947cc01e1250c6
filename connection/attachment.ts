// What a socket carries through hibernation: versioned, small, without a token.
import { isPrincipal, isSessionTime, type Principal } from "../auth/principal.ts";
import { type Hop, isHop } from "./hop.ts";
import { isJsonObject, isTextList } from "../protocol/json.ts";

/** What a member declared; the lists are as the client sent them, `*` included. */
export interface Registration {
  readonly clientType: string | undefined;
  readonly produces: readonly string[];
  readonly consumes: readonly string[];
  /** Credits for frames; undefined for a client that acknowledges none. */
  readonly window: number | undefined;
  /** Whether several messages may come in one text. */
  readonly batch: boolean;
}

export interface Attachment {
  readonly streamId: string;
  readonly connectionId: string;
  readonly hop: Hop;
  readonly principal: Principal;
  /** When the auth server last vouched for the principal, in seconds since 1970; undefined for a key. */
  readonly issuedAtS: number | undefined;
  /** When the session ends, in milliseconds since 1970; the grace comes on top. Undefined for a key, which has no end. */
  readonly endsAtMs: number | undefined;
  /** Undefined until `register`. */
  readonly registration: Registration | undefined;
  /** When it last sent something, roughly, in milliseconds since 1970. */
  readonly heardAtMs: number;
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
  // The release before wrote neither `heardAtMs` nor `issuedAtS`.
  const { streamId, connectionId, hop, principal, endsAtMs, registration, heardAtMs = 0 } = value;
  if (typeof streamId !== "string" || typeof connectionId !== "string") return undefined;
  if (!isHop(hop) || !isPrincipal(principal) || !isSessionTime(principal, endsAtMs)) return undefined;
  const { issuedAtS = principal.kind === "user" ? 0 : undefined } = value;
  if (!isSessionTime(principal, issuedAtS)) return undefined;
  if (typeof heardAtMs !== "number") return undefined;
  const read = registration === undefined ? undefined : readRegistration(registration);
  if (registration !== undefined && read === undefined) return undefined;
  return { streamId, connectionId, hop, principal, issuedAtS, endsAtMs, registration: read, heardAtMs };
}

/** The release before wrote neither `window` nor `batch`. */
function readRegistration(value: unknown): Registration | undefined {
  if (!isJsonObject(value)) return undefined;
  const { clientType, produces, consumes, window, batch = false } = value;
  if (!(clientType === undefined || typeof clientType === "string")) return undefined;
  if (!isTextList(produces) || !isTextList(consumes) || typeof batch !== "boolean") return undefined;
  if (!(window === undefined || typeof window === "number")) return undefined;
  return { clientType, produces, consumes, window, batch };
}
