// What every route of a stream does first: the id, who asks, and only then the object.
import type { Principal } from "../../auth/principal.ts";
import { OWN_HEADERS, problem } from "../../connection/problem.ts";
import { streamAt } from "../../durable-objects/addresses.ts";
import type { StreamObject } from "../../durable-objects/stream-object.ts";
import { isFault } from "../../protocol/fault.ts";
import { isStreamId } from "../../protocol/stream-id.ts";
import { authenticateRequest } from "../authenticate-request.ts";
import { type GatewayContext, occasionOf } from "../context.ts";
import { gateOf } from "../gate.ts";
import { locationHintOf } from "../location-hint.ts";

export type StreamStub = DurableObjectStub<StreamObject>;

/** The checks go from cheap to dear; no object is addressed before the last. */
export async function withStream(
  context: GatewayContext,
  work: (stream: StreamStub, principal: Principal, streamId: string) => Promise<Response>,
): Promise<Response> {
  const streamId = context.req.param("streamId");
  if (!isStreamId(streamId)) return problem("INVALID_STREAM_ID");
  const request = context.req.raw;
  const who = await authenticateRequest(request, gateOf(context.env), occasionOf(context), streamId);
  if (who instanceof Response) return who;
  return work(streamAt(context.env, streamId, locationHintOf(request.cf)), who.principal, streamId);
}

/** What an object answered, as JSON or as the problem that it is. */
export function toAnswer(result: unknown): Response {
  if (isFault(result)) return problem(result.code, { detail: result.message });
  return Response.json(result, { headers: OWN_HEADERS });
}
