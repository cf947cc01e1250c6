// `POST /tickets`: a piece of somebody's rights on one stream, short enough to stand in a URL.
import { lifeOf, readTicketRequest, subjectOf } from "../../auth/ticket-request.ts";
import { identityOf } from "../../connection/audit.ts";
import { OWN_HEADERS, problem } from "../../connection/problem.ts";
import { streamAt } from "../../durable-objects/addresses.ts";
import { auditOf } from "../../durable-objects/audit.ts";
import { isFault } from "../../protocol/fault.ts";
import type { GatewayContext } from "../context.ts";
import type { Refusal } from "../guard.ts";
import type { KnownRefusal } from "../guard/refuse-known.ts";
import { visitorOf } from "../guard/visitor.ts";
import { readJsonBody } from "./json-body.ts";
import { type Call, withCaller } from "./with-caller.ts";

/** A stream id, a user id, and room to spare. */
const REQUEST_MAX_BYTES = 4096;

const NOT_IN_HIS_NAME: Refusal = { code: "UNAUTHORIZED", detail: "Only a service names somebody else, and no ticket" };

/** `{ticket, expiresAt}`. The stream enters it and says no; the Worker signs it, which has the keys. */
export function postTicket(context: GatewayContext): Promise<Response> {
  return withCaller(context, undefined, (call) => makeTicket(context, call));
}

async function makeTicket(context: GatewayContext, { who, gate, occasion }: Call): Promise<Response | KnownRefusal> {
  const { tokenKinds, claimRules } = gate.config.auth;
  if (!tokenKinds.has("ticket")) return problem("NOT_FOUND", { detail: "This gateway takes no tickets" });
  const body = await readJsonBody(context.req.raw, REQUEST_MAX_BYTES);
  if (body instanceof Response) return body;
  const request = readTicketRequest(body);
  if ("code" in request) return problem(request.code, { detail: request.detail });
  const { streamId, operations, uses } = request;
  const { nowMs } = occasion;
  const subject = subjectOf(who, request.userId, claimRules.maxTokenLifetimeS, nowMs);
  if (subject === undefined) return { ...NOT_IN_HIS_NAME, streamId };
  const life = lifeOf(request, subject, nowMs);
  const expiresAtMs = life.expiresAtS * 1000;
  const order = { operations, uses, expiresAtMs };
  const entry = await streamAt(context.env, streamId).mintTicket(who.principal, streamId, order);
  if (isFault(entry)) return { code: entry.code, detail: entry.message, streamId };
  const { ticketId, epoch } = entry;
  const ticket = await gate.mintTicket({ ticketId, streamId, epoch, operations, ...subject, ...life });
  const made = { event: "ticket-made", streamId, target: subject.userId } as const;
  auditOf(context.env)({ ...made, ...identityOf(who.principal), ...visitorOf(context.req.raw), place: "http" });
  return Response.json({ ticket, expiresAt: expiresAtMs }, { headers: OWN_HEADERS });
}
