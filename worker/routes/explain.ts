// `POST /explain`: an operator learns who somebody is to the gate, what he may do on a stream, and which rule says so.
import { isAdmin, isAdminOfAll, type Principal } from "../../auth/principal.ts";
import { isAdminOf } from "../../auth/privileges.ts";
import { OWN_HEADERS, problem } from "../../connection/problem.ts";
import { streamAt } from "../../durable-objects/addresses.ts";
import { listRevocations } from "../../durable-objects/user-admission.ts";
import type { SessionOfUser } from "../../durable-objects/user/revocations.ts";
import type { GatewayContext } from "../context.ts";
import type { KnownRefusal } from "../guard/refuse-known.ts";
import { type ExplainRequest, readExplainRequest } from "./explain-request.ts";
import { lookUp, type Person } from "./explained-person.ts";
import { readJsonBody } from "./json-body.ts";
import { hasOperator, NO_OPERATOR, noteOperator } from "./operator.ts";
import { type Call, withCaller } from "./with-caller.ts";

/** A token from a cookie is the longest, and room to spare. */
const BODY_MAX_BYTES = 32_768;

/** 200 whatever is decided; nothing is made, used up or counted by it. */
export async function postExplain(context: GatewayContext): Promise<Response> {
  if (!hasOperator(context)) return problem("NOT_FOUND");
  return withCaller(context, undefined, (call) => explain(context, call));
}

async function explain(
  context: GatewayContext,
  { who: { principal: operator }, gate, occasion }: Call,
): Promise<Response | KnownRefusal> {
  if (!isAdmin(operator)) return NO_OPERATOR;
  const body = await readJsonBody(context.req.raw, BODY_MAX_BYTES);
  if (body instanceof Response) return body;
  const { auth, stream } = gate.config;
  const keys = [...auth.apiKeys, ...(auth.adminKey === undefined ? [] : [auth.adminKey])];
  const request = readExplainRequest(body, { keys, policy: stream.policy });
  if (request.kind === "wrong") return problem(request.code, { detail: request.detail });
  const { streamId, operation, types, whom } = request;
  if (!isAdminOf(operator, streamId)) return { ...NO_OPERATOR, streamId };
  const { env } = context;
  const ports = {
    authenticate: gate.authenticate,
    listRevocations: (session: SessionOfUser) => listRevocations(env, session),
  };
  const person = await lookUp(whom, ports, occasion);
  const { principal } = person;
  const { judgement, facts } = await streamAt(env, streamId).explain({ streamId, operation, types, principal });
  const { decision, rule } = person.refusal ?? judgement;
  const target = whom.kind === "anybody" ? undefined : principal?.userId;
  noteOperator(context, operator, { event: "explained", streamId, target });
  const decided = { allowed: decision !== "deny", decision, rule, ...facts };
  // Users are not of one stream or another.
  const revocations = isAdminOfAll(operator) ? revocationsOf(person) : undefined;
  const answer = { credential: person.credential, ...askedOf(request, person), ...decided, revocations };
  return Response.json(answer, { headers: OWN_HEADERS });
}

/** Whom and what it is about; the id of anybody is nobody's. */
function askedOf({ streamId, operation, types, whom }: ExplainRequest, { principal }: Person): Record<string, unknown> {
  const isKnown = whom.kind !== "anybody" && principal !== undefined;
  return { principal: isKnown ? viewOf(principal) : null, streamId, operation, ...(types.length > 0 ? { types } : {}) };
}

function viewOf(principal: Principal): Record<string, unknown> {
  const { kind, userId } = principal;
  switch (principal.kind) {
    case "user":
      return { kind, userId, sessionId: principal.sessionId };
    case "service":
      return { kind, userId, operations: principal.grants.operations, streams: principal.grants.streams };
    case "ticket": {
      const { sessionId, streamId, operations } = principal;
      return { kind, userId, sessionId, streamId, operations };
    }
  }
}

/** Null where nobody can say now. */
function revocationsOf({ revocations: answer }: Person): readonly Record<string, unknown>[] | null | undefined {
  if (answer === undefined) return undefined;
  if (answer.kind === "unavailable") return null;
  return answer.revocations.map(({ sessionId, issuedBeforeS }) => ({ sessionId, issuedBefore: issuedBeforeS * 1000 }));
}
