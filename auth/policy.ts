// Who may do what on a stream: facts in, decision out. What no rule allows is denied.
import { patternMatches } from "../protocol/stream-pattern.ts";
import { type AccessList, mayRead, mayWrite, NO_ACCESS } from "./access-list.ts";
import type { Operation, Principal } from "./principal.ts";

export interface StreamFacts {
  readonly streamId: string;
  /** The user who claimed the stream; undefined while nobody has. */
  readonly ownerId: string | undefined;
  /** Whom the owner lets in. */
  readonly access?: AccessList | undefined;
}

export type Decision = "allow" | "deny" | "allow-and-claim";

/**
 * Policy `claim`: the first user who registers to produce owns the stream; others may what the owner's access list says.
 * Services never own; they may also do what the operator granted them, on streams that somebody owns.
 * @param types that are to be written; none at all asks for any right to write
 */
export function decide(
  principal: Principal,
  operation: Operation,
  { streamId, ownerId, access = NO_ACCESS }: StreamFacts,
  types: readonly string[] = [],
): Decision {
  // Nothing can be delivered on an unclaimed stream, so waiting there for its first producer harms nobody.
  if (ownerId === undefined) {
    if (operation === "read") return "allow";
    return principal.kind === "user" ? "allow-and-claim" : "deny";
  }
  if (isOwner(principal, ownerId)) return "allow";
  const { userId } = principal;
  if (operation === "read" ? mayRead(access, userId) : mayWrite(access, userId, types)) return "allow";
  return isGranted(principal, operation, streamId) ? "allow" : "deny";
}

/** Who may see and change the access list, and delete the stream. */
export function isOwner(principal: Principal, ownerId: string): boolean {
  return principal.kind === "user" && principal.userId === ownerId;
}

function isGranted(principal: Principal, operation: Operation, streamId: string): boolean {
  if (principal.kind !== "service") return false;
  const { operations, streams } = principal.grants;
  return operations.includes(operation) && streams.some((pattern) => patternMatches(pattern, streamId));
}
