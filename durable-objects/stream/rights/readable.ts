// Whether a principal may see a stream at all: asked by all that is read over HTTP and RPC.
import { decide, DENIED } from "../../../auth/policy.ts";
import type { Principal } from "../../../auth/principal.ts";
import { type Fault, fault } from "../../../protocol/fault.ts";
import type { Access, Claim } from "./access.ts";

export function readableClaim(access: Access, principal: Principal, streamId: string): Claim | Fault {
  const { claim } = access;
  if (claim === undefined) return fault("NOT_FOUND", "No such stream", undefined);
  return decide(principal, "read", access.factsOf(streamId)) === "deny"
    ? fault("UNAUTHORIZED", DENIED.read, undefined)
    : claim;
}
