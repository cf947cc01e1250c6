// Who operates the gate: whether anybody does, and what is written down of it.
import type { Principal } from "../../auth/principal.ts";
import { type AuditEvent, identityOf } from "../../connection/audit.ts";
import { auditOf } from "../../durable-objects/audit.ts";
import type { GatewayContext } from "../context.ts";
import { gateOf } from "../gate.ts";
import type { Refusal } from "../guard.ts";
import { visitorOf } from "../guard/visitor.ts";

export const NO_OPERATOR: Refusal = { code: "UNAUTHORIZED", detail: "Only an operator may do this" };

/** A gateway without an operator has none of these paths, so that nobody is asked for a key that does not exist. */
export function hasOperator({ env }: GatewayContext): boolean {
  const { adminKey, apiKeys } = gateOf(env).config.auth;
  return adminKey !== undefined || apiKeys.some(({ adminOf }) => adminOf.length > 0);
}

/** Who did it, in the operator's log. */
export function noteOperator(context: GatewayContext, operator: Principal, event: AuditEvent): void {
  auditOf(context.env)({ ...identityOf(operator), ...visitorOf(context.req.raw), place: "http", ...event });
}
