// What a socket carries through hibernation: versioned, small, without a token.
import { isPrincipal, isSessionTime, type Principal } from "../auth/principal.ts";
import { isJsonObject, isTextList } from "../protocol/json.ts";
import { type Hop, isHop } from "./hop.ts";

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

/** A live connection whose session was revoked with a grace. A token that was made later lifts it. */
export interface Revoked {
  /** Undefined where all sessions of the user were revoked. */
  readonly sessionId: string | undefined;
  /** In seconds since 1970. */
  readonly issuedBeforeS: number;
  /** When the grace is over, in milliseconds since 1970. */
  readonly endsAtMs: number;
}

/** What a credential said, and what another one of the same principal may replace. */
export interface Session {
  readonly principal: Principal;
  /** When the auth server last vouched for the principal, in seconds since 1970; undefined for a key. */
  readonly issuedAtS: number | undefined;
  /** When the session ends, in milliseconds since 1970; the grace comes on top. Undefined for a key, which has no end. */
  readonly endsAtMs: number | undefined;
}

export interface Attachment extends Session {
  readonly streamId: string;
  readonly connectionId: string;
  readonly hop: Hop;
  /** Whether other connections of its session may produce the same beside it; otherwise the newest takes the others' place. */
  readonly isOneOfSeveral?: true;
  /** The gateway's own, as the client named it; empty where nobody knows. */
  readonly origin: string;
  /** When it is told that its session ends, in milliseconds since 1970; `Infinity` once it was, or where there is no end. */
  readonly noticeAtMs: number;
  /** Undefined while nobody has revoked it. */
  readonly revoked: Revoked | undefined;
  /** Undefined until `register`. */
  readonly registration: Registration | undefined;
  /** When it came, in milliseconds since 1970. */
  readonly joinedAtMs: number;
  /** When it last sent something, roughly, in milliseconds since 1970. */
  readonly heardAtMs: number;
}

/** What the release before, which told nobody, would have been configured to. */
const FORMER_NOTICE_MS = 60_000;

/** Raised when the shape changes; an object wakes with what the previous release wrote, so that must stay readable. */
const VERSION = 1;

/** Structured-cloned by the runtime, at most 16,384 bytes; the limits of `register` and of patterns keep it below. */
export function writeAttachment(attachment: Attachment): unknown {
  return { version: VERSION, ...attachment };
}

/** Undefined where another release wrote something that this one cannot read: the socket is then let go. */
export function readAttachment(value: unknown): Attachment | undefined {
  if (!isJsonObject(value) || value["version"] !== VERSION) return undefined;
  // The release before wrote none of those that have a default here, nor `issuedAtS` and `revoked`.
  const { streamId, connectionId, hop, principal, endsAtMs, revoked, registration, heardAtMs = 0, origin = "" } = value;
  if (typeof streamId !== "string" || typeof connectionId !== "string") return undefined;
  if (!isHop(hop) || !isPrincipal(principal) || !isSessionTime(principal, endsAtMs)) return undefined;
  const { issuedAtS = principal.kind === "user" ? 0 : undefined } = value;
  if (!isSessionTime(principal, issuedAtS)) return undefined;
  const { noticeAtMs = endsAtMs === undefined ? Infinity : endsAtMs - FORMER_NOTICE_MS } = value;
  const { joinedAtMs = heardAtMs } = value;
  if (typeof heardAtMs !== "number" || typeof joinedAtMs !== "number") return undefined;
  if (typeof noticeAtMs !== "number" || typeof origin !== "string") return undefined;
  if (!(revoked === undefined || isRevoked(revoked))) return undefined;
  const read = registration === undefined ? undefined : readRegistration(registration);
  if (registration !== undefined && read === undefined) return undefined;
  const session = { principal, issuedAtS, endsAtMs, noticeAtMs, revoked };
  const beside = value["isOneOfSeveral"] === true ? ({ isOneOfSeveral: true } as const) : {};
  return { streamId, connectionId, hop, ...beside, origin, ...session, registration: read, joinedAtMs, heardAtMs };
}

function isRevoked(value: unknown): value is Revoked {
  if (!isJsonObject(value)) return false;
  const { sessionId, issuedBeforeS, endsAtMs } = value;
  if (!(sessionId === undefined || typeof sessionId === "string")) return false;
  return typeof issuedBeforeS === "number" && typeof endsAtMs === "number";
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
