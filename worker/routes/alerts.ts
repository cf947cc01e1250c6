// The alerts of a stream over HTTP: its history by pages, and alerts from programs that hold no socket.
import { OWN_HEADERS, problem } from "../../connection/problem.ts";
import { laneOf } from "../../protocol/lanes.ts";
import type { GatewayContext } from "../context.ts";
import { gateOf } from "../gate.ts";
import { readJsonBody } from "./json-body.ts";
import { toPageRequest } from "./page-request.ts";
import { toAnswer, withStream } from "./with-stream.ts";

export function getAlerts(context: GatewayContext): Promise<Response> {
  return withStream(context, async (stream, principal, streamId) => {
    const { after = "0", limit, epoch } = context.req.query();
    const page = toPageRequest(streamId, toNumber(after), limit === undefined ? undefined : toNumber(limit), epoch);
    if (page === undefined) return problem("BAD_REQUEST");
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
    // Other bytes arrive as the same replacement character, so that two keys would be one.
    if (key !== undefined && !/^[\x20-\x7e]{1,128}$/.test(key)) return problem("BAD_REQUEST", { detail: KEY_DETAIL });
    if (key !== undefined && body["id"] !== undefined && body["id"] !== key) {
      return problem("BAD_REQUEST", { detail: "`id` and Idempotency-Key differ" });
    }
    const posted = await stream.publish(principal, streamId, key === undefined ? body : { id: key, ...body });
    if (posted.kind !== "stored") return toAnswer(posted);
    const { kind: _kind, ...answer } = posted;
    return Response.json(answer, { status: answer.duplicate === true ? 200 : 201, headers: OWN_HEADERS });
  });
}

const KEY_DETAIL = "Idempotency-Key is 1 to 128 printable ASCII characters";

/** Not a number where it is anything but digits: `Number` alone takes `1e3`, `0x10` and the empty text. */
function toNumber(text: string): number {
  return /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
}
