// Who a connection or a call is, once its credential was verified.
import { isJsonObject, isTextList, type JsonObject } from "../protocol/json.ts";
import type { SenderKind } from "../protocol/messages.ts";
import { isStreamId } from "../protocol/stream-id.ts";

/** A person, known to the auth server or to another system whose tokens are taken. */
export interface UserPrincipal {
  readonly kind: "user";
  /** Better Auth's `user.id`, bare, so it never holds a `:`; or `jwt:<id>` of the other system. */
  readonly userId: string;
  /**
   * Better Auth's `session.id`: names the session in lists and revocations, and opens nothing. Whose token knows no
   * session has one, named like the user, so that a camera that comes back with a new token finds its former connection.
   */
  readonly sessionId: string;
}

/** A program. Its `userId` is what stamps and lists show: `svc:<binding>` or `key:<name>`. */
export interface ServicePrincipal {
  readonly kind: "service";
  readonly userId: `svc:${string}` | `key:${string}`;
  /** What the operator lets it do, on which streams; it owns none. */
  readonly grants: StreamGrants;
  /** Streams whose access list it may change and which it may delete; stream ids, exact or with a trailing `*`. */
  readonly adminOf?: readonly string[];
  /** Whether it may use the operator's upstreams. */
  readonly usesProxy?: boolean;
}

/** Whoever holds a ticket: a piece of somebody's rights on one stream, for a while. It owns, manages and renews nothing. */
export interface TicketPrincipal {
  readonly kind: "ticket";
  /** Names it in the stream's ledger, which counts its uses. */
  readonly ticketId: string;
  /** In whose name it acts, as stamps show it: a user, or the service that made it. */
  readonly userId: string;
  /** Of the session that it was made in, and named like its user where it was made in none. */
  readonly sessionId: string;
  readonly streamId: string;
  /** Of the stream's life that it was made for: after a deletion it opens nothing of the next owner's. */
  readonly epoch: string;
  readonly operations: readonly Operation[];
}

export interface StreamGrants {
  readonly operations: readonly Operation[];
  /** Stream ids, exact or with a trailing `*`. */
  readonly streams: readonly string[];
  /** Whether it may make tickets for these streams. */
  readonly mintsTickets?: boolean;
}

export type Operation = "read" | "write";

export const NO_GRANTS: StreamGrants = { operations: [], streams: [] };

/** Somebody who is named, and not only holds a piece of another's rights. */
export type NamedPrincipal = UserPrincipal | ServicePrincipal;

export type Principal = NamedPrincipal | TicketPrincipal;

export function senderKindOf(principal: Principal): SenderKind {
  return principal.kind;
}

/** Whether two credentials are of the same one; a user's may be of two of his sessions. A ticket is like no other. */
export function isSamePrincipal(a: Principal, b: Principal): boolean {
  return a.kind !== "ticket" && a.kind === b.kind && a.userId === b.userId;
}

/** Whether it is this user himself: a program or a ticket is not, whatever it is called. */
export function isUser(principal: Principal, userId: string): boolean {
  return principal.kind === "user" && principal.userId === userId;
}

/** Of all streams: an admin whose key names some of them has no say beyond those. */
export function isAdminOfAll(principal: Principal): boolean {
  return principal.kind === "service" && principal.adminOf?.includes("*") === true;
}

/** Of any stream at all. */
export function isAdmin(principal: Principal): boolean {
  return principal.kind === "service" && principal.adminOf !== undefined;
}

const ID_MAX_CHARS = 128;

/** Control characters and lone surrogates do not survive headers, and length is memory for as long as a socket lives. */
export function isPlainId(value: unknown): value is string {
  return (
    typeof value === "string" &&
    value.length > 0 &&
    value.length <= ID_MAX_CHARS &&
    value.isWellFormed() &&
    // oxlint-disable-next-line no-control-regex -- control characters are what this refuses
    !/[\u0000-\u001f\u007f]/.test(value)
  );
}

/** A `:` would let a user's id pass for a service's. */
export function isBareUserId(value: unknown): value is string {
  return isPlainId(value) && !value.includes(":");
}

const FOREIGN_PREFIX = "jwt:";

/** A user of the other system; undefined where there is no id, or one that cannot be shown. */
export function foreignUser(id: string | undefined): UserPrincipal | undefined {
  const userId = `${FOREIGN_PREFIX}${id ?? ""}`;
  return isForeignUserId(userId) ? { kind: "user", userId, sessionId: userId } : undefined;
}

function isForeignUserId(value: unknown): value is string {
  return isPlainId(value) && value.startsWith(FOREIGN_PREFIX) && value.length > FOREIGN_PREFIX.length;
}

/** Whether a value that left the process and came back, in a header or an attachment, is a principal. */
export function isPrincipal(value: unknown): value is Principal {
  if (!isJsonObject(value)) return false;
  switch (value["kind"]) {
    case "user":
      return isUserId(value["userId"]) && isPlainId(value["sessionId"]);
    case "service":
      return isService(value);
    case "ticket":
      return isTicket(value);
    default:
      return false;
  }
}

/** Whether this may be when a principal's session ends or began: only a service has none, and others without an end would never go. */
export function isSessionTime(principal: Principal, time: unknown): time is number | undefined {
  return typeof time === "number" || (time === undefined && principal.kind === "service");
}

/** Whether an id is a user's, here or of the other system, as lists and revocations name him. */
export function isUserId(value: unknown): value is string {
  return isBareUserId(value) || isForeignUserId(value);
}

function isServiceId(value: unknown): value is string {
  return isPlainId(value) && /^(?:svc|key):./.test(value);
}

function isService({ userId, grants, adminOf, usesProxy = false }: JsonObject): boolean {
  if (!isServiceId(userId) || !isGrants(grants) || typeof usesProxy !== "boolean") return false;
  return adminOf === undefined || isTextList(adminOf);
}

function isTicket({ ticketId, userId, sessionId, streamId, epoch, operations }: JsonObject): boolean {
  if (!(isUserId(userId) || isServiceId(userId)) || !isPlainId(sessionId)) return false;
  return isPlainId(ticketId) && isStreamId(streamId) && isPlainId(epoch) && isOperations(operations);
}

/** At least one. */
export function isOperations(value: unknown): value is readonly Operation[] {
  return isTextList(value) && value.length > 0 && value.every(isOperation);
}

function isOperation(value: unknown): value is Operation {
  return value === "read" || value === "write";
}

function isGrants(value: unknown): value is StreamGrants {
  if (!isJsonObject(value)) return false;
  const { operations, streams, mintsTickets = false } = value;
  return (
    isTextList(operations) && operations.every(isOperation) && isTextList(streams) && typeof mintsTickets === "boolean"
  );
}
