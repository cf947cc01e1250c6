// What operators do with a stream: with ADMIN_KEY, or a key with the scope `admin`, and never from a URL.
import { isAdminOf } from "../../auth/policy.ts";
import { OWN_HEADERS, problem } from "../../connection/problem.ts";
import type { GatewayContext } from "../context.ts";
import { gateOf } from "../gate.ts";
import { type StreamStub, withStream } from "./with-stream.ts";

/** Every member is told to come back within so long, and closed; 202 with how many there were. */
export function drainStream(context: GatewayContext): Promise<Response> {
  return withAdmin(context, async (stream) => {
    const members = await stream.drain();
    return Response.json({ members }, { status: 202, headers: OWN_HEADERS });
  });
}

/** A gateway without an operator has none of these paths, so that nobody is asked for a key that does not exist. */
async function withAdmin(context: GatewayContext, work: (stream: StreamStub) => Promise<Response>): Promise<Response> {
  const { adminKey, apiKeys } = gateOf(context.env).config.auth;
  if (adminKey === undefined && !apiKeys.some(({ adminOf }) => adminOf.length > 0)) return problem("NOT_FOUND");
  return withStream(context, (stream, principal, streamId) =>
    isAdminOf(principal, streamId)
      ? work(stream)
      : Promise.resolve(problem("UNAUTHORIZED", { detail: "Only an operator may do this" })),
  );
}
