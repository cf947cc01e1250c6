// Who may do what on a stream: facts in, decision out. What no rule allows is denied.
import { patternMatches } from "../protocol/stream-pattern.ts";
import type { Operation, Principal } from "./principal.ts";

export interface StreamFacts {
  readonly streamId: string;
  /** The user who claimed the stream; undefined while nobody has. */
  readonly ownerId: string | undefined;
}

export type Decision = "allow" | "deny" | "allow-and-claim";

/**
 * Policy `claim`: the first user who registers to produce owns the stream, and no other user has a right on it.
 * Services never own; they may do what the operator granted them, on streams that somebody owns.
 */
export function decide(principal: Principal, operation: Operation, { streamId, ownerId }: StreamFacts): Decision {
  // Nothing can be delivered on an unclaimed stream, so waiting there for its first producer harms nobody.
  if (ownerId === undefined && operation === "read") return "allow";
  switch (principal.kind) {
    case "user":
      if (ownerId === undefined) return "allow-and-claim";
      return principal.userId === ownerId ? "allow" : "deny";
    case "service": {
      const { operations, streams } = principal.grants;
      const granted = operations.includes(operation) && streams.some((pattern) => patternMatches(pattern, streamId));
      return granted && ownerId !== undefined ? "allow" : "deny";
    }
  }
}
