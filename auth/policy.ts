// Who may do what on a stream: facts in, decision out. What no rule allows is denied.
import { anyPatternMatches } from "../protocol/stream-pattern.ts";
import { type AccessList, mayRead, mayWrite, NO_ACCESS } from "./access-list.ts";
import type { Operation, Principal, TicketPrincipal } from "./principal.ts";

/**
 * `claim`: the first user who registers to produce owns a stream. `prefix`: `userId:…` is that user's, claimed or not.
 * `open`: every principal reads and writes, and nobody owns. `delegate`: a Worker of the operator's says who may, and nobody
 * owns.
 */
export const STREAM_POLICIES = ["claim", "prefix", "open", "delegate"] as const;
export type StreamPolicy = (typeof STREAM_POLICIES)[number];

export interface StreamFacts {
  readonly policy: StreamPolicy;
  readonly streamId: string;
  /** Whose claim made the stream's storage; undefined while there is none, `NOBODY` where it was made for all. */
  readonly claimedBy: string | undefined;
  /** Names this life of the stream; undefined while there is none. */
  readonly epoch?: string | undefined;
  /** Whom the owner lets in. */
  readonly access?: AccessList | undefined;
  /** What the operator's Worker said; only under `delegate`. */
  readonly delegated?: DelegatedRights | undefined;
}

/** Of what nobody was asked the answer is no. */
export interface DelegatedRights {
  /** @param types that are to be written; none at all asks for any right of the kind */
  readonly allows: (principal: Principal, operation: Operation, types: readonly string[]) => boolean;
}

/** Claims a stream under the policy `open`; no principal has this id. */
export const NOBODY = "";

/** `allow-and-claim`: allowed, and makes the stream in the same step. */
export type Decision = "allow" | "deny" | "allow-and-claim";

/** Ids that own a prefix: others could be read as several parts of a stream id. */
const PREFIX = /^([A-Za-z0-9_-]{1,64}):/;

/**
 * Services never own; they may do what an owner's access list says and what the operator granted them, on streams that
 * somebody owns. A ticket is worth what stands on it and nothing else, under every policy.
 * @param types that are to be written; none at all asks for any right to write
 */
export function decide(
  principal: Principal,
  operation: Operation,
  facts: StreamFacts,
  types: readonly string[] = [],
): Decision {
  if (principal.kind === "ticket")
    return isGood(principal, facts) && principal.operations.includes(operation) ? "allow" : "deny";
  const { policy, streamId, claimedBy, access = NO_ACCESS } = facts;
  const allowed = operation === "write" && claimedBy === undefined ? "allow-and-claim" : "allow";
  // What the operator wrote beside a key or a binding narrows it under every policy.
  if (policy === "open")
    return principal.kind === "user" || isGranted(principal, operation, streamId) ? allowed : "deny";
  if (policy === "delegate") return allowsDelegated(principal, operation, facts, types) ? allowed : "deny";
  const ownerId = ownerOf(facts);
  if (ownerId === undefined) {
    // Nothing can be delivered on an unclaimed stream, so waiting there for its first producer harms nobody. Under
    // `prefix` it will never have one.
    if (policy === "prefix") return "deny";
    return operation === "read" || principal.kind === "user" ? allowed : "deny";
  }
  if (isUser(principal, ownerId)) return allowed;
  if (allowed === "allow-and-claim") return "deny";
  const { userId } = principal;
  if (operation === "read" ? mayRead(access, userId) : mayWrite(access, userId, types)) return "allow";
  return isGranted(principal, operation, streamId) ? "allow" : "deny";
}

/** The first user who may write makes the stream, and it counts as one of his; what he may do there is the Worker's word alone. */
function allowsDelegated(
  principal: Principal,
  operation: Operation,
  { delegated, streamId, claimedBy }: StreamFacts,
  types: readonly string[],
): boolean {
  if (principal.kind === "service" && !isGranted(principal, operation, streamId)) return false;
  if (principal.kind === "service" && operation === "write" && claimedBy === undefined) return false;
  return delegated?.allows(principal, operation, operation === "write" ? types : []) === true;
}

/** Whether a user's change of the access list makes a stream that nobody owns his: only where there are owners. */
export function mayClaimByAccess(principal: Principal, facts: StreamFacts): boolean {
  if (principal.kind !== "user" || facts.policy === "open" || facts.policy === "delegate") return false;
  return decide(principal, "write", facts) === "allow-and-claim";
}

/** Undefined where nobody owns the stream yet, or nobody can. */
export function ownerOf({ policy, streamId, claimedBy }: StreamFacts): string | undefined {
  switch (policy) {
    case "claim":
      return claimedBy;
    case "prefix":
      return PREFIX.exec(streamId)?.[1];
    case "open":
    case "delegate":
      return undefined;
  }
}

/** Who may see and change the access list, and delete the stream: its owner, and the operator's admins. */
export function mayManage(principal: Principal, facts: StreamFacts): boolean {
  const ownerId = ownerOf(facts);
  return (ownerId !== undefined && isUser(principal, ownerId)) || isAdminOf(principal, facts.streamId);
}

/** Who may make tickets: the owner, who gives away what is his, and the operator's services that have the scope. */
export function mayMintTickets(principal: Principal, facts: StreamFacts): boolean {
  const ownerId = ownerOf(facts);
  if (ownerId !== undefined && isUser(principal, ownerId)) return true;
  if (principal.kind !== "service" || principal.grants.mintsTickets !== true) return false;
  return anyPatternMatches(principal.grants.streams, facts.streamId);
}

/** Whether a ticket was made for this stream in this life of it; the stream's ledger knows whether uses are left. */
export function isGood({ streamId, epoch }: TicketPrincipal, facts: StreamFacts): boolean {
  return facts.streamId === streamId && facts.claimedBy !== undefined && facts.epoch === epoch;
}

/** Who may see how a stream is, without who is there: whoever may read or write it, and the operator's admins. */
export function maySeeStatus(principal: Principal, facts: StreamFacts): boolean {
  if (facts.claimedBy === undefined) return false;
  const may = (operation: Operation): boolean => decide(principal, operation, facts) === "allow";
  return may("read") || may("write") || isAdminOf(principal, facts.streamId);
}

/**
 * Who may see who else is there: the owner and the writers of a stream that exists, and the operator's admins. Who holds a
 * ticket is let in to the pictures, not to the company.
 */
export function maySeeMembers(principal: Principal, facts: StreamFacts): boolean {
  if (facts.claimedBy === undefined || principal.kind === "ticket") return false;
  return decide(principal, "write", facts) === "allow" || isAdminOf(principal, facts.streamId);
}

function isUser(principal: Principal, userId: string): boolean {
  return principal.kind === "user" && principal.userId === userId;
}

/** Whether the operator said so. */
export function isAdminOf(principal: Principal, streamId: string): boolean {
  return principal.kind === "service" && anyPatternMatches(principal.adminOf ?? [], streamId);
}

function isGranted(principal: Principal, operation: Operation, streamId: string): boolean {
  if (principal.kind !== "service") return false;
  const { operations, streams } = principal.grants;
  return operations.includes(operation) && anyPatternMatches(streams, streamId);
}
