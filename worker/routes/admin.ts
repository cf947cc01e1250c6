// What operators do with users and streams: with ADMIN_KEY, or a key with the scope `admin`, and never from a URL.
import { isAdminOfAll, isPlainId, type Principal } from "../../auth/principal.ts";
import { isAdminOf } from "../../auth/privileges.ts";
import { OWN_HEADERS, problem } from "../../connection/problem.ts";
import type { Target } from "../../durable-objects/stream/requests/operating.ts";
import { revoke } from "../../durable-objects/user-admission.ts";
import type { JsonObject } from "../../protocol/json.ts";
import type { GatewayContext } from "../context.ts";
import type { Refusal } from "../guard.ts";
import { readJsonBody } from "./json-body.ts";
import { hasOperator, NO_OPERATOR, noteOperator } from "./operator.ts";
import { readRevocationOrder } from "./revocation-order.ts";
import { withCaller } from "./with-caller.ts";
import { type StreamStub, withStream } from "./with-stream.ts";

/** Every member is told to come back within so long, and closed; 202 with how many there were. */
export function drainStream(context: GatewayContext): Promise<Response> {
  return withAdmin(context, async (stream, streamId, principal) => {
    const members = await stream.drain();
    noteOperator(context, principal, { event: "drained", streamId, members });
    return Response.json({ members }, { status: 202, headers: OWN_HEADERS });
  });
}

/** Two ids of 128 characters, however they are written. */
const BODY_MAX_BYTES = 4096;

/** 202 with what was revoked, once nothing new comes in by it; live sockets close behind that. */
export async function postRevocation(context: GatewayContext): Promise<Response> {
  if (!hasOperator(context)) return problem("NOT_FOUND");
  return withCaller(context, undefined, async ({ who, occasion }) => {
    // Users are not of one stream or another.
    if (!isAdminOfAll(who.principal)) return NO_OPERATOR;
    const body = await readJsonBody(context.req.raw, BODY_MAX_BYTES);
    if (body instanceof Response) return body;
    const order = readRevocationOrder(body, occasion.nowMs);
    if (order.kind === "wrong") return problem("BAD_REQUEST", { detail: order.detail });
    const { issuedBefore, graceMs, revocation } = order;
    if (!(await revoke(context.env, revocation, graceMs))) return { code: "OVERLOADED" };
    const { userId, sessionId } = revocation;
    noteOperator(context, who.principal, { event: "revoked", target: userId, sessionId });
    return Response.json({ userId, sessionId, issuedBefore, graceMs }, { status: 202, headers: OWN_HEADERS });
  });
}

/** Who is there, what happened, who may do what. */
export function inspectStream(context: GatewayContext): Promise<Response> {
  return withAdmin(context, async (stream, streamId) => {
    const view = await stream.inspect(streamId);
    return Response.json(view, { headers: OWN_HEADERS });
  });
}

/** Takes out one connection, or all of a user or a program; 202 with how many there were. */
export function disconnectFromStream(context: GatewayContext): Promise<Response> {
  return withAdmin(context, async (stream, streamId, principal) => {
    const body = await readJsonBody(context.req.raw, BODY_MAX_BYTES);
    if (body instanceof Response) return body;
    const target = readTarget(body);
    if (target === undefined) return problem("BAD_REQUEST", { detail: "Either `connectionId` or `userId`, a text" });
    const members = await stream.disconnect(target);
    const { connectionId, userId } = { connectionId: undefined, userId: undefined, ...target };
    noteOperator(context, principal, { event: "disconnected", streamId, connectionId, target: userId, members });
    return Response.json({ members }, { status: 202, headers: OWN_HEADERS });
  });
}

function readTarget({ connectionId, userId, ...others }: JsonObject): Target | undefined {
  if (Object.keys(others).length > 0) return undefined;
  if (isPlainId(connectionId) && userId === undefined) return { connectionId };
  return isPlainId(userId) && connectionId === undefined ? { userId } : undefined;
}

async function withAdmin(
  context: GatewayContext,
  work: (stream: StreamStub, streamId: string, principal: Principal) => Promise<Response | Refusal>,
): Promise<Response> {
  if (!hasOperator(context)) return problem("NOT_FOUND");
  return withStream(context, (stream, principal, streamId) =>
    isAdminOf(principal, streamId) ? work(stream, streamId, principal) : Promise.resolve(NO_OPERATOR),
  );
}
