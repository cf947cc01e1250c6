// `POST /tickets`: a piece of somebody's rights on one stream, short enough to stand in a URL.
import { lifeOf, readTicketRequest, subjectOf } from "../../auth/ticket-request.ts";
import { identityOf } from "../../connection/audit.ts";
import { OWN_HEADERS, problem } from "../../connection/problem.ts";
import { streamAt } from "../../durable-objects/addresses.ts";
import { auditOf } from "../../durable-objects/audit.ts";
import { isFault } from "../../protocol/fault.ts";
import { authenticateRequest } from "../authenticate-request.ts";
import { type GatewayContext, occasionOf } from "../context.ts";
import { gateOf } from "../gate.ts";
import { readJsonBody } from "../json-body.ts";
import { visitorOf } from "../visitor.ts";
import { toAnswer } from "./with-stream.ts";

/** A stream id, a user id, and room to spare. */
const REQUEST_MAX_BYTES = 4096;

/** `{ticket, expiresAt}`. The stream enters it and says no; the Worker signs it, which has the keys. */
export async function postTicket(context: GatewayContext): Promise<Response> {
  const gate = gateOf(context.env);
  const occasion = occasionOf(context);
  const who = await authenticateRequest(context.req.raw, gate, occasion);
  if (who instanceof Response) return who;
  if (gate.kind === "closed") return problem("MISCONFIGURED");
  const { tokenKinds, claimRules } = gate.config.auth;
  if (!tokenKinds.has("ticket")) return problem("NOT_FOUND", { detail: "This gateway takes no tickets" });
  const body = await readJsonBody(context.req.raw, REQUEST_MAX_BYTES);
  if (body instanceof Response) return body;
  const request = readTicketRequest(body);
  if ("code" in request) return problem(request.code, { detail: request.detail });
  const { streamId, operations, uses } = request;
  const { nowMs } = occasion;
  const subject = subjectOf(who, request.userId, claimRules.maxTokenLifetimeS, nowMs);
  if (subject === undefined)
    return problem("UNAUTHORIZED", { detail: "Only a service names somebody else, and no ticket" });
  const life = lifeOf(request, subject, nowMs);
  const expiresAtMs = life.expiresAtS * 1000;
  const order = { operations, uses, expiresAtMs };
  const entry = await streamAt(context.env, streamId).mintTicket(who.principal, streamId, order);
  if (isFault(entry)) return toAnswer(entry);
  const { ticketId, epoch } = entry;
  const ticket = await gate.mintTicket({ ticketId, streamId, epoch, operations, ...subject, ...life });
  const made = { event: "ticket-made", streamId, target: subject.userId } as const;
  auditOf(context.env)({ ...made, ...identityOf(who.principal), ...visitorOf(context.req.raw), place: "http" });
  return Response.json({ ticket, expiresAt: expiresAtMs }, { headers: OWN_HEADERS });
}
