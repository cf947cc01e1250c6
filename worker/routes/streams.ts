// What is done with a stream over HTTP: its access list, its alerts, its end.
import type { Principal } from "../../auth/principal.ts";
import type { StreamObject } from "../../durable-objects/stream-object.ts";
import { OWN_HEADERS, problem } from "../../connection/problem.ts";
import { isFault } from "../../protocol/fault.ts";
import { HISTORY_PAGE_DEFAULT, HISTORY_PAGE_MAX } from "../../protocol/limits.ts";
import { isStreamId } from "../../protocol/stream-id.ts";
import { authenticateRequest } from "../authenticate-request.ts";
import type { GatewayContext } from "../context.ts";
import { occasionOf } from "../context.ts";
import { gateOf } from "../gate.ts";
import { readJsonBody } from "../json-body.ts";

/** 256 ids of 128 characters, with their types, and room to spare. */
const ACCESS_MAX_BYTES = 262_144;

type Stub = DurableObjectStub<StreamObject>;

export function getAccess(context: GatewayContext): Promise<Response> {
  return withStream(context, async (stream, principal) => toAnswer(await stream.readAccess(principal)));
}

export function putAccess(context: GatewayContext): Promise<Response> {
  return withStream(context, async (stream, principal, streamId) => {
    const body = await readJsonBody(context.req.raw, ACCESS_MAX_BYTES);
    return body instanceof Response ? body : toAnswer(await stream.changeAccess(principal, streamId, body));
  });
}

export function deleteStream(context: GatewayContext): Promise<Response> {
  return withStream(context, async (stream, principal) => {
    const refused = await stream.erase(principal);
    return refused === undefined ? new Response(null, { status: 204, headers: OWN_HEADERS }) : toAnswer(refused);
  });
}

export function getAlerts(context: GatewayContext): Promise<Response> {
  return withStream(context, async (stream, principal, streamId) => {
    const { after = "0", limit = String(HISTORY_PAGE_DEFAULT), epoch } = context.req.query();
    if (!/^\d{1,15}$/.test(after) || !/^\d{1,4}$/.test(limit)) return problem("BAD_REQUEST");
    const page = { streamId, after: Number(after), limit: clamp(Number(limit), 1, HISTORY_PAGE_MAX), epoch };
    const answer = await stream.readAlerts(principal, page);
    if (typeof answer !== "string") return toAnswer(answer);
    return new Response(answer, { headers: { "Content-Type": "application/json", ...OWN_HEADERS } });
  });
}

/** 201 once it is durable; 200 for what was there already. `Idempotency-Key` stands for an `id` in the body. */
export function postAlert(context: GatewayContext): Promise<Response> {
  return withStream(context, async (stream, principal, streamId) => {
    const { maxMessageBytes } = gateOf(context.env).config.stream;
    const body = await readJsonBody(context.req.raw, maxMessageBytes);
    if (body instanceof Response) return body;
    const key = context.req.header("Idempotency-Key");
    const posted = await stream.postAlert(principal, streamId, key === undefined ? body : { id: key, ...body });
    if (posted.kind === "fault") return toAnswer(posted);
    return Response.json(posted.answer, { status: posted.answer.duplicate === true ? 200 : 201, headers: OWN_HEADERS });
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

function clamp(value: number, min: number, max: number): number {
  return Math.min(Math.max(value, min), max);
}
