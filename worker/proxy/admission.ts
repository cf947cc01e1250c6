// Who may go on to an upstream, by what its route asks for.
import type { NamedPrincipal, Principal } from "../../auth/principal.ts";
import { mayUseProxy } from "../../auth/privileges.ts";
import type { Occasion } from "../../auth/verifier.ts";
import type { Refusal } from "../guard.ts";
import { allowCredential, type Looking, requireCredential } from "../guard/look-at-request.ts";
import { refuseKnown } from "../guard/refuse-known.ts";
import type { RouteAuth } from "./route-table.ts";

export interface Admitted {
  /** Undefined for a stranger. */
  readonly principal: NamedPrincipal | undefined;
}

const STRANGER: Admitted = { principal: undefined };

/** Who it is, or the answer that refuses the request. */
export async function admit(
  request: Request,
  auth: RouteAuth,
  gate: Looking,
  occasion: Occasion,
): Promise<Admitted | Response> {
  if (auth === "none") return STRANGER;
  const look = auth === "required" ? requireCredential : allowCredential;
  const who = await look(request, gate, occasion);
  if (who === undefined) return STRANGER;
  if (who instanceof Response) return who;
  const principal = mayPass(who.principal);
  return "code" in principal ? refuseKnown(request, who.principal, principal, gate.note) : { principal };
}

/** Whether who is known may pass: himself, or why not. */
export function mayPass(principal: Principal): NamedPrincipal | Refusal {
  // It is for one stream, and its uses are counted there.
  if (principal.kind === "ticket") return { code: "AUTH_FAILED" };
  return mayUseProxy(principal) ? principal : { code: "UNAUTHORIZED", detail: "This key may not use the proxy" };
}
