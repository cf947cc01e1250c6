// What operators do with a stream: with ADMIN_KEY, or a key with the scope `admin`, and never from a URL.
import { isAdminOf } from "../../auth/policy.ts";
import type { Principal } from "../../auth/principal.ts";
import { identityOf } from "../../connection/audit.ts";
import { OWN_HEADERS, problem } from "../../connection/problem.ts";
import { auditOf } from "../../durable-objects/audit.ts";
import type { GatewayContext } from "../context.ts";
import { gateOf } from "../gate.ts";
import { visitorOf } from "../visitor.ts";
import { type StreamStub, withStream } from "./with-stream.ts";

/** Every member is told to come back within so long, and closed; 202 with how many there were. */
export function drainStream(context: GatewayContext): Promise<Response> {
  return withAdmin(context, async (stream, principal, streamId) => {
    const members = await stream.drain();
    const where = { ...visitorOf(context.req.raw), place: "http", streamId } as const;
    auditOf(context.env)({ event: "drained", ...where, ...identityOf(principal), members });
    return Response.json({ members }, { status: 202, headers: OWN_HEADERS });
  });
}

/** A gateway without an operator has none of these paths, so that nobody is asked for a key that does not exist. */
async function withAdmin(
  context: GatewayContext,
  work: (stream: StreamStub, principal: Principal, streamId: string) => Promise<Response>,
): Promise<Response> {
  const { adminKey, apiKeys } = gateOf(context.env).config.auth;
  if (adminKey === undefined && !apiKeys.some(({ adminOf }) => adminOf.length > 0)) return problem("NOT_FOUND");
  return withStream(context, (stream, principal, streamId) =>
    isAdminOf(principal, streamId)
      ? work(stream, principal, streamId)
      : Promise.resolve(problem("UNAUTHORIZED", { detail: "Only an operator may do this" })),
  );
}
