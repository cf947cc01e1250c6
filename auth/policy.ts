// Who may do what on a stream: facts in, decision out. What no rule allows is denied.
import type { Principal } from "./principal.ts";

export type Operation = "read" | "write";

export interface StreamFacts {
  /** The user who claimed the stream; undefined while nobody has. */
  readonly ownerId: string | undefined;
}

export type Decision = "allow" | "deny" | "allow-and-claim";

/** Policy `claim`: the first user who registers to produce owns the stream, and nobody else has a right on it. */
export function decide(principal: Principal, operation: Operation, facts: StreamFacts): Decision {
  if (facts.ownerId !== undefined) return isOwner(principal, facts.ownerId) ? "allow" : "deny";
  // Nothing can be delivered on an unclaimed stream, so waiting there for its first producer harms nobody.
  if (operation === "read") return "allow";
  return principal.kind === "user" ? "allow-and-claim" : "deny";
}

function isOwner(principal: Principal, ownerId: string): boolean {
  return principal.kind === "user" && principal.userId === ownerId;
}
