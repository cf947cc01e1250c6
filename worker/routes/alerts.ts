// The alerts of a stream over HTTP: its history by pages, and alerts from programs that hold no socket.
import { OWN_HEADERS, problem } from "../../connection/problem.ts";
import { laneOf } from "../../protocol/lanes.ts";
import { HISTORY_PAGE_DEFAULT, HISTORY_PAGE_MAX } from "../../protocol/limits.ts";
import type { GatewayContext } from "../context.ts";
import { gateOf } from "../gate.ts";
import { readJsonBody } from "../json-body.ts";
import { toAnswer, withStream } from "./with-stream.ts";

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
    const { maxMessageBytes, lanes } = gateOf(context.env).config.stream;
    const body = await readJsonBody(context.req.raw, maxMessageBytes);
    if (body instanceof Response) return body;
    const { type } = body;
    if (typeof type === "string" && laneOf(type, lanes) !== "durable") {
      return problem("UNKNOWN_TYPE", { detail: "Not a durable type" });
    }
    const key = context.req.header("Idempotency-Key");
    const posted = await stream.publish(principal, streamId, key === undefined ? body : { id: key, ...body });
    if (posted.kind !== "stored") return toAnswer(posted);
    return Response.json(posted.answer, { status: posted.answer.duplicate === true ? 200 : 201, headers: OWN_HEADERS });
  });
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(Math.max(value, min), max);
}
