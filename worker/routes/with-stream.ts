// What every route of a stream does first: the id, who asks, and only then the object.
import type { Principal } from "../../auth/principal.ts";
import { OWN_HEADERS, problem } from "../../connection/problem.ts";
import { streamAt } from "../../durable-objects/addresses.ts";
import type { StreamObject } from "../../durable-objects/stream-object.ts";
import { isFault } from "../../protocol/fault.ts";
import { isStreamId } from "../../protocol/stream-id.ts";
import type { GatewayContext } from "../context.ts";
import { locationHintOf } from "../doors/location-hint.ts";
import type { Refusal } from "../guard.ts";
import { withCaller } from "./with-caller.ts";

export type StreamStub = DurableObjectStub<StreamObject>;

/** The checks go from cheap to dear; no object is addressed before the last. */
export async function withStream(
  context: GatewayContext,
  work: (stream: StreamStub, principal: Principal, streamId: string) => Promise<Response | Refusal>,
): Promise<Response> {
  const streamId = context.req.param("streamId");
  if (!isStreamId(streamId)) return problem("INVALID_STREAM_ID");
  return withCaller(context, streamId, ({ who }) =>
    work(streamAt(context.env, streamId, locationHintOf(context.req.raw.cf)), who.principal, streamId),
  );
}

/** What an object answered, as JSON or as the refusal that it is. */
export function toAnswer(result: unknown): Response | Refusal {
  if (isFault(result)) return { code: result.code, detail: result.message };
  return Response.json(result, { headers: OWN_HEADERS });
}
