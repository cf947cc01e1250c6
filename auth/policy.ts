// Who may read and write a stream: facts in, decision out. What no rule allows is denied.
import { anyPatternMatches } from "../protocol/stream-pattern.ts";
import { type AccessList, NO_ACCESS, readRule, writeRule } from "./access-list.ts";
import {
  isUser,
  type Operation,
  type Principal,
  type ServicePrincipal,
  type TicketPrincipal,
  type UserPrincipal,
} from "./principal.ts";
import type { Rule } from "./rules.ts";

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

/** What a client reads that may not. */
export const DENIED: Record<Operation, string> = {
  write: "No permission to publish to this stream",
  read: "No permission to read this stream",
};

/** What is decided, and by which rule. */
export interface Judgement {
  readonly decision: Decision;
  readonly rule: Rule;
}

/** As `judge`, for whoever need not say why. */
export function decide(
  principal: Principal,
  operation: Operation,
  facts: StreamFacts,
  types: readonly string[] = [],
): Decision {
  return judge(principal, operation, facts, types).decision;
}

/**
 * Services never own; they may do what an owner's access list says and what the operator granted them, on streams that
 * somebody owns. A ticket is worth what stands on it and nothing else, under every policy.
 * @param types that are to be written; none at all asks for any right to write
 */
export function judge(
  principal: Principal,
  operation: Operation,
  facts: StreamFacts,
  types: readonly string[] = [],
): Judgement {
  if (principal.kind === "ticket") return judgeTicket(principal, operation, facts);
  switch (facts.policy) {
    case "open":
      // What the operator wrote beside a key or a binding narrows it under every policy.
      return principal.kind === "user" || isGranted(principal, operation, facts.streamId)
        ? allow(operation, facts, "open")
        : deny("not-granted");
    case "delegate":
      return judgeDelegated(principal, operation, facts, types);
    case "claim":
    case "prefix":
      return judgeOwned(principal, operation, facts, types);
  }
}

function judgeTicket(ticket: TicketPrincipal, operation: Operation, facts: StreamFacts): Judgement {
  if (!isGood(ticket, facts)) return deny(ticket.streamId === facts.streamId ? "other-epoch" : "other-stream");
  return ticket.operations.includes(operation) ? { decision: "allow", rule: "ticket" } : deny("ticket");
}

function judgeOwned(
  principal: UserPrincipal | ServicePrincipal,
  operation: Operation,
  facts: StreamFacts,
  types: readonly string[],
): Judgement {
  const { policy, streamId, claimedBy, access = NO_ACCESS } = facts;
  const ownerId = ownerOf(facts);
  if (ownerId === undefined) {
    // Nothing can be delivered on an unclaimed stream, so waiting there for its first producer harms nobody. Under
    // `prefix` it will never have one.
    if (policy === "prefix") return deny("nobody-owns");
    if (operation === "read") return allow(operation, facts, "unclaimed-read");
    return principal.kind === "user" ? allow(operation, facts, "would-claim") : deny("cannot-claim");
  }
  if (isUser(principal, ownerId)) return allow(operation, facts, policy === "prefix" ? "prefix-owner" : "owner");
  if (operation === "write" && claimedBy === undefined) return deny("cannot-claim");
  const listed = operation === "read" ? readRule(access, principal.userId) : writeRule(access, principal.userId, types);
  if (listed !== undefined) return allow(operation, facts, listed);
  if (!isGranted(principal, operation, streamId)) return deny("no-rule");
  return allow(operation, facts, principal.userId.startsWith("key:") ? "api-key-grant" : "binding-props");
}

/** The first user who may write makes the stream, and it counts as one of his; what he may do there is the Worker's word alone. */
function judgeDelegated(
  principal: UserPrincipal | ServicePrincipal,
  operation: Operation,
  facts: StreamFacts,
  types: readonly string[],
): Judgement {
  const { delegated, streamId, claimedBy } = facts;
  if (principal.kind === "service" && !isGranted(principal, operation, streamId)) return deny("not-granted");
  if (principal.kind === "service" && operation === "write" && claimedBy === undefined) return deny("cannot-claim");
  const isAllowed = delegated?.allows(principal, operation, operation === "write" ? types : []) === true;
  return isAllowed ? allow(operation, facts, "delegated") : deny("delegated");
}

function allow(operation: Operation, { claimedBy }: StreamFacts, rule: Rule): Judgement {
  return { decision: operation === "write" && claimedBy === undefined ? "allow-and-claim" : "allow", rule };
}

function deny(rule: Rule): Judgement {
  return { decision: "deny", rule };
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

/** Whether a ticket was made for this stream in this life of it; the stream's ledger knows whether uses are left. */
export function isGood({ streamId, epoch }: TicketPrincipal, facts: StreamFacts): boolean {
  return facts.streamId === streamId && facts.claimedBy !== undefined && facts.epoch === epoch;
}

function isGranted(principal: Principal, operation: Operation, streamId: string): boolean {
  if (principal.kind !== "service") return false;
  const { operations, streams } = principal.grants;
  return operations.includes(operation) && anyPatternMatches(streams, streamId);
}
