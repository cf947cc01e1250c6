// Who a connection or a call is, once its credential was verified.
import { isJsonObject, isTextList, type JsonObject } from "../protocol/json.ts";
import type { SenderKind } from "../protocol/messages.ts";

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
}

export interface StreamGrants {
  readonly operations: readonly Operation[];
  /** Stream ids, exact or with a trailing `*`. */
  readonly streams: readonly string[];
}

export type Operation = "read" | "write";

export const NO_GRANTS: StreamGrants = { operations: [], streams: [] };

export type Principal = UserPrincipal | ServicePrincipal;

export function senderKindOf(principal: Principal): SenderKind {
  return principal.kind;
}

/** Whether two credentials are of the same one; a user's may be of two of his sessions. */
export function isSamePrincipal(a: Principal, b: Principal): boolean {
  return a.kind === b.kind && a.userId === b.userId;
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
    default:
      return false;
  }
}

/** Whether this may be when a principal's session ends or began: only a service has none, and a user without an end would never go. */
export function isSessionTime(principal: Principal, time: unknown): time is number | undefined {
  return typeof time === "number" || (time === undefined && principal.kind === "service");
}

function isUserId(value: unknown): boolean {
  return isBareUserId(value) || isForeignUserId(value);
}

function isService({ userId, grants, adminOf }: JsonObject): boolean {
  if (!isPlainId(userId) || !/^(?:svc|key):./.test(userId)) return false;
  return isGrants(grants) && (adminOf === undefined || isTextList(adminOf));
}

function isGrants(value: unknown): value is StreamGrants {
  if (!isJsonObject(value)) return false;
  const { operations, streams } = value;
  return (
    isTextList(operations) && operations.every((name) => name === "read" || name === "write") && isTextList(streams)
  );
}
