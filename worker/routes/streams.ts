// What is done with a stream over HTTP: its access list, its end.
import type { Principal } from "../../auth/principal.ts";
import type { StreamObject } from "../../durable-objects/stream-object.ts";
import { OWN_HEADERS, problem } from "../../connection/problem.ts";
import { isFault } from "../../protocol/fault.ts";
import { isStreamId } from "../../protocol/stream-id.ts";
import { authenticateRequest } from "../authenticate-request.ts";
import type { GatewayContext } from "../context.ts";
import { occasionOf } from "../context.ts";
import { gateOf } from "../gate.ts";
import { readJsonBody } from "../json-body.ts";

type Stub = DurableObjectStub<StreamObject>;

export function getAccess(context: GatewayContext): Promise<Response> {
  return withStream(context, async (stream, principal) => toAnswer(await stream.readAccess(principal)));
}

export function putAccess(context: GatewayContext): Promise<Response> {
  return withStream(context, async (stream, principal, streamId) => {
    const body = await readJsonBody(context.req.raw);
    return body instanceof Response ? body : toAnswer(await stream.changeAccess(principal, streamId, body));
  });
}

export function deleteStream(context: GatewayContext): Promise<Response> {
  return withStream(context, async (stream, principal) => {
    const refused = await stream.erase(principal);
    return refused === undefined ? new Response(null, { status: 204, headers: OWN_HEADERS }) : toAnswer(refused);
  });
}

/** The checks go from cheap to dear; no object is addressed before the last. */
async function withStream(
  context: GatewayContext,
  work: (stream: Stub, principal: Principal, streamId: string) => Promise<Response>,
): Promise<Response> {
  const streamId = context.req.param("streamId");
  if (!isStreamId(streamId)) return problem("INVALID_STREAM_ID");
  const who = await authenticateRequest(context.req.raw, gateOf(context.env), occasionOf(context));
  if (who instanceof Response) return who;
  return work(context.env.STREAMS.getByName(streamId), who.principal, streamId);
}

function toAnswer(result: unknown): Response {
  if (isFault(result)) return problem(result.code, { detail: result.message });
  return Response.json(result, { headers: OWN_HEADERS });
}
