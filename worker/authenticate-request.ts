// Who makes a request at an endpoint of the gateway's own: somebody, or nobody gets an answer.
import type { Authenticated } from "../auth/authenticator.ts";
import type { Occasion } from "../auth/verifier.ts";
import { problem } from "../connection/problem.ts";
import type { Gate } from "./gate.ts";
import { requireCredential } from "./look-at-request.ts";

/** The principal, or the answer that refuses the request. @param streamId undefined where it is about none */
export function authenticateRequest(
  request: Request,
  gate: Gate,
  occasion: Occasion,
  streamId?: string,
): Promise<Authenticated | Response> {
  if (gate.kind === "closed") return Promise.resolve(problem("MISCONFIGURED"));
  return requireCredential(request, gate, occasion, streamId);
}
