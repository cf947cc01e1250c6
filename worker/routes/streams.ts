// Streams over HTTP: those of the caller, how one is, its access list, its end.
import { OWN_HEADERS } from "../../connection/problem.ts";
import { userAt } from "../../durable-objects/addresses.ts";
import type { GatewayContext } from "../context.ts";
import { readJsonBody } from "./json-body.ts";
import { withCaller } from "./with-caller.ts";
import { toAnswer, withStream } from "./with-stream.ts";

/** 256 ids of 128 characters, with their types, and room to spare. */
const ACCESS_MAX_BYTES = 262_144;

/** `{streams: [{streamId, createdAt}]}`, oldest first. A service owns none. */
export function listStreams(context: GatewayContext): Promise<Response> {
  return withCaller(context, undefined, async ({ who }) => {
    const { kind, userId } = who.principal;
    // It opens one stream, and tells of no other.
    if (kind === "ticket") return { code: "UNAUTHORIZED" };
    const streams = kind === "user" ? await userAt(context.env, userId).listStreams(userId) : [];
    return Response.json({ streams }, { headers: OWN_HEADERS });
  });
}

export function getStatus(context: GatewayContext): Promise<Response> {
  return withStream(context, async (stream, principal, streamId) =>
    toAnswer(await stream.readStatus(principal, streamId)),
  );
}

export function deleteStream(context: GatewayContext): Promise<Response> {
  return withStream(context, async (stream, principal, streamId) => {
    const refused = await stream.erase(principal, streamId);
    return refused === undefined ? new Response(null, { status: 204, headers: OWN_HEADERS }) : toAnswer(refused);
  });
}

export function getAccess(context: GatewayContext): Promise<Response> {
  return withStream(context, async (stream, principal, streamId) =>
    toAnswer(await stream.readAccess(principal, streamId)),
  );
}

export function putAccess(context: GatewayContext): Promise<Response> {
  return withStream(context, async (stream, principal, streamId) => {
    const body = await readJsonBody(context.req.raw, ACCESS_MAX_BYTES);
    return body instanceof Response ? body : toAnswer(await stream.changeAccess(principal, streamId, body));
  });
}
