// What every endpoint of the gateway's own does that is not for everybody: it learns who asks, and refuses him in one place.
import type { Authenticated } from "../../auth/authenticator.ts";
import type { Occasion } from "../../auth/verifier.ts";
import { problem } from "../../connection/problem.ts";
import { type GatewayContext, occasionOf } from "../context.ts";
import { gateOf, type OpenGate } from "../gate.ts";
import { requireCredential } from "../guard/look-at-request.ts";
import { type KnownRefusal, refuseKnown } from "../guard/refuse-known.ts";

export interface Call {
  readonly who: Authenticated;
  readonly gate: OpenGate;
  readonly occasion: Occasion;
}

/** @param streamId undefined where the path names none; a refusal may name it then */
export async function withCaller(
  context: GatewayContext,
  streamId: string | undefined,
  work: (call: Call) => Promise<Response | KnownRefusal>,
): Promise<Response> {
  const gate = gateOf(context.env);
  if (gate.kind === "closed") return problem("MISCONFIGURED");
  const { raw: request } = context.req;
  const occasion = occasionOf(context);
  const who = await requireCredential(request, gate, occasion, streamId);
  if (who instanceof Response) return who;
  const answer = await work({ who, gate, occasion });
  return answer instanceof Response ? answer : refuseKnown(request, who.principal, { streamId, ...answer }, gate.note);
}
