// What is asked for with a new ticket, and in whose name it will act.
import type { JsonObject } from "../protocol/json.ts";
import { TICKET_TTL_DEFAULT_S, TICKET_TTL_MAX_S, TICKET_USES_MAX } from "../protocol/limits.ts";
import { isStreamId } from "../protocol/stream-id.ts";
import type { Authenticated } from "./authenticator.ts";
import { isOperations, isUserId, type Operation } from "./principal.ts";
import type { Ticket, TicketSubject } from "./ticket.ts";

export interface TicketRequest {
  readonly streamId: string;
  readonly operations: readonly Operation[];
  /** How long it may be shown, in seconds. */
  readonly ttlSeconds: number;
  readonly uses: number;
  /** In whose name; undefined for the caller's own. */
  readonly userId: string | undefined;
}

const NAMES: ReadonlySet<string> = new Set(["streamId", "operations", "ttlSeconds", "uses", "userId"]);

/** Why a body is no request for a ticket, in words for who wrote it. */
export interface TicketRequestFault {
  readonly code: "BAD_REQUEST" | "INVALID_STREAM_ID";
  readonly detail: string;
}

/** A name that nobody knows is refused: misspelt, it would be a ticket that lives longer than was meant. */
export function readTicketRequest(body: JsonObject): TicketRequest | TicketRequestFault {
  const { streamId, operations, ttlSeconds = TICKET_TTL_DEFAULT_S, uses = 1, userId } = body;
  if (!Object.keys(body).every((name) => NAMES.has(name))) return bad("Names something that no ticket has");
  if (!isStreamId(streamId)) return { code: "INVALID_STREAM_ID", detail: "`streamId` is not a stream id" };
  if (!isOperations(operations)) return bad("`operations` is a list of `read`, `write` or both");
  if (!isCount(ttlSeconds, TICKET_TTL_MAX_S)) return bad(`\`ttlSeconds\` is an integer from 1 to ${TICKET_TTL_MAX_S}`);
  if (!isCount(uses, TICKET_USES_MAX)) return bad(`\`uses\` is an integer from 1 to ${TICKET_USES_MAX}`);
  if (userId !== undefined && !isUserId(userId)) return bad("`userId` is a user's id");
  return { streamId, operations: [...new Set(operations)], ttlSeconds, uses, userId };
}

/**
 * Whose rights a ticket carries on, or undefined where the caller may not name whom it names. A user's ticket belongs to his
 * session and ends with it. A service has no session: its ticket counts as vouched for now, and a socket that it opens lives as
 * long as the longest token would, since something must end it.
 */
export function subjectOf(
  { principal, issuedAtS, endsAtMs }: Authenticated,
  named: string | undefined,
  maxTokenLifetimeS: number,
  nowMs: number,
): TicketSubject | undefined {
  switch (principal.kind) {
    case "user":
      if (named !== undefined || issuedAtS === undefined || endsAtMs === undefined) return undefined;
      return { userId: principal.userId, sessionId: principal.sessionId, issuedAtS, sessionEndsAtMs: endsAtMs };
    case "service": {
      const userId = named ?? principal.userId;
      const sessionEndsAtMs = nowMs + maxTokenLifetimeS * 1000;
      return { userId, sessionId: userId, issuedAtS: Math.floor(nowMs / 1000), sessionEndsAtMs };
    }
    case "ticket":
      return undefined;
  }
}

/**
 * From when and until when it may be shown, in seconds since 1970. A second is rounded up, so that it lives as long as was
 * asked for; but no longer than the session behind it.
 */
export function lifeOf(
  { ttlSeconds }: TicketRequest,
  { sessionEndsAtMs }: TicketSubject,
  nowMs: number,
): Pick<Ticket, "mintedAtS" | "expiresAtS"> {
  const mintedAtS = Math.ceil(nowMs / 1000);
  return { mintedAtS, expiresAtS: Math.min(mintedAtS + ttlSeconds, Math.floor(sessionEndsAtMs / 1000)) };
}

function bad(detail: string): TicketRequestFault {
  return { code: "BAD_REQUEST", detail };
}

function isCount(value: unknown, max: number): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 1 && value <= max;
}
