// A gateway of a test as the contract's tests see theirs: connections, pairs of them, refusals, and requests over HTTP.
import { type Contract, makeContract } from "../conformance/contract/contract.ts";
import { type Ask, askerOf } from "../conformance/contract/http.ts";
import type { Gateway } from "./gateway.ts";
import { signSession } from "./session-token.ts";

/** `AUTH_GRACE_S` where nothing else is set. */
const GRACE_S = 30;

/** @param gateway asked for when the tests run */
export function clientsOf(gateway: () => Gateway): { readonly contract: Contract; readonly ask: Ask } {
  const contract = makeContract({
    url: () => gateway().url,
    signSession,
    sleep: (streamId) => gateway().sleep(streamId),
    crash: (streamId) => gateway().crash(streamId),
    graceS: GRACE_S,
  });
  return { contract, ask: askerOf(contract) };
}
