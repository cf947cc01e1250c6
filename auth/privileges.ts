// Who may do more with a stream than read and write it: facts in, yes or no. And who may use the operator's upstreams.
import { anyPatternMatches } from "../protocol/stream-pattern.ts";
import { decide, ownerOf, type StreamFacts } from "./policy.ts";
import { isUser, type NamedPrincipal, type Operation, type Principal } from "./principal.ts";

/** Whether a user's change of the access list makes a stream that nobody owns his: only where there are owners. */
export function mayClaimByAccess(principal: Principal, facts: StreamFacts): boolean {
  if (principal.kind !== "user" || facts.policy === "open" || facts.policy === "delegate") return false;
  return decide(principal, "write", facts) === "allow-and-claim";
}

/** Who may see and change the access list, and delete the stream: its owner, and the operator's admins. */
export function mayManage(principal: Principal, facts: StreamFacts): boolean {
  return isOwner(principal, facts) || isAdminOf(principal, facts.streamId);
}

/** Who may make tickets: the owner, who gives away what is his, and the operator's services that have the scope. */
export function mayMintTickets(principal: Principal, facts: StreamFacts): boolean {
  if (isOwner(principal, facts)) return true;
  if (principal.kind !== "service" || principal.grants.mintsTickets !== true) return false;
  return anyPatternMatches(principal.grants.streams, facts.streamId);
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

/** Who may use the operator's upstreams: users, and programs that have the scope. A ticket is for one stream. */
export function mayUseProxy(principal: NamedPrincipal): boolean {
  return principal.kind === "user" || principal.usesProxy === true;
}

/** Whether the operator said so. */
export function isAdminOf(principal: Principal, streamId: string): boolean {
  return principal.kind === "service" && anyPatternMatches(principal.adminOf ?? [], streamId);
}

function isOwner(principal: Principal, facts: StreamFacts): boolean {
  const ownerId = ownerOf(facts);
  return ownerId !== undefined && isUser(principal, ownerId);
}
