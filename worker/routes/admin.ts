// What operators do with users and streams: with ADMIN_KEY, or a key with the scope `admin`, and never from a URL.
import { isAdminOf } from "../../auth/policy.ts";
import { isAdminOfAll, type Principal } from "../../auth/principal.ts";
import { identityOf } from "../../connection/audit.ts";
import { OWN_HEADERS, problem } from "../../connection/problem.ts";
import { auditOf } from "../../durable-objects/audit.ts";
import { revoke } from "../../durable-objects/user-admission.ts";
import { authenticateRequest } from "../authenticate-request.ts";
import { type GatewayContext, occasionOf } from "../context.ts";
import { gateOf } from "../gate.ts";
import { readJsonBody } from "../json-body.ts";
import { readRevocationOrder } from "../revocation-order.ts";
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

/** Two ids of 128 characters, however they are written. */
const BODY_MAX_BYTES = 4096;
const OPERATOR_DETAIL = "Only an operator may do this";

/** 202 with what was revoked, once nothing new comes in by it; live sockets close behind that. */
export async function postRevocation(context: GatewayContext): Promise<Response> {
  if (!hasOperator(context)) return problem("NOT_FOUND");
  const occasion = occasionOf(context);
  const who = await authenticateRequest(context.req.raw, gateOf(context.env), occasion);
  if (who instanceof Response) return who;
  // Users are not of one stream or another.
  if (!isAdminOfAll(who.principal)) return problem("UNAUTHORIZED", { detail: OPERATOR_DETAIL });
  const body = await readJsonBody(context.req.raw, BODY_MAX_BYTES);
  if (body instanceof Response) return body;
  const order = readRevocationOrder(body, occasion.nowMs);
  if (order.kind === "wrong") return problem("BAD_REQUEST", { detail: order.detail });
  const { issuedBefore, graceMs, revocation } = order;
  if (!(await revoke(context.env, revocation, graceMs))) return problem("OVERLOADED");
  const { userId, sessionId } = revocation;
  return Response.json({ userId, sessionId, issuedBefore, graceMs }, { status: 202, headers: OWN_HEADERS });
}

async function withAdmin(
  context: GatewayContext,
  work: (stream: StreamStub, principal: Principal, streamId: string) => Promise<Response>,
): Promise<Response> {
  if (!hasOperator(context)) return problem("NOT_FOUND");
  return withStream(context, (stream, principal, streamId) =>
    isAdminOf(principal, streamId)
      ? work(stream, principal, streamId)
      : Promise.resolve(problem("UNAUTHORIZED", { detail: OPERATOR_DETAIL })),
  );
}

/** A gateway without an operator has none of these paths, so that nobody is asked for a key that does not exist. */
function hasOperator({ env }: GatewayContext): boolean {
  const { adminKey, apiKeys } = gateOf(env).config.auth;
  return adminKey !== undefined || apiKeys.some(({ adminOf }) => adminOf.length > 0);
}
