// Who may open a WebSocket on a route: what an upgrade shows, judged by what the route asks for, and watched from then on.
import type { Authenticated } from "../../../auth/authenticator.ts";
import type { NamedPrincipal, Principal } from "../../../auth/principal.ts";
import { subjectOf } from "../../../auth/revocation.ts";
import type { Occasion } from "../../../auth/verifier.ts";
import { watchUser } from "../../../durable-objects/user-admission.ts";
import type { Env } from "../../env.ts";
import type { OpenGate } from "../../gate.ts";
import type { Refusal } from "../../guard.ts";
import { isNobodys, whatIsShown } from "../../guard/shown.ts";
import { visitorOf } from "../../guard/visitor.ts";
import { mayPass } from "../admission.ts";
import type { RouteAuth } from "../route-table.ts";
import { Watch } from "./watch.ts";

export interface AdmittedUpgrade {
  /** Undefined for a stranger. */
  readonly principal: NamedPrincipal | undefined;
  /** When the session ends, in milliseconds since 1970; undefined where it has no end. */
  readonly endsAtMs: number | undefined;
  /** Names its connection; undefined for a stranger. */
  readonly connectionId: string | undefined;
  /** Says when the session is revoked; undefined where it cannot be. Whoever is admitted must stop it. */
  readonly watch: Watch | undefined;
}

/** Its credential is worth nothing, and the guard has said so to the audit. */
export interface RefusedCredential {
  readonly credential: Refusal;
}

/** It is known who comes, and he may not. */
export interface RefusedKnown {
  readonly known: Principal;
  readonly refusal: Refusal;
}

const STRANGER: AdmittedUpgrade = {
  principal: undefined,
  endsAtMs: undefined,
  connectionId: undefined,
  watch: undefined,
};

/** As at the doors to streams, but for the first message, which is the upstream's. */
export async function admitUpgrade(
  request: Request,
  auth: RouteAuth,
  env: Env,
  gate: OpenGate,
  occasion: Occasion,
): Promise<AdmittedUpgrade | Refusal | RefusedCredential | RefusedKnown> {
  if (auth === "none") return STRANGER;
  const shown = whatIsShown(request, gate, true);
  const takesStrangers = auth === "optional";
  switch (shown.kind) {
    case "nothing":
      return takesStrangers ? STRANGER : { code: "AUTH_REQUIRED" };
    case "foreign-cookie":
      return takesStrangers ? STRANGER : { code: "ORIGIN_NOT_ALLOWED" };
    case "claimed":
    case "ambient":
  }
  const { search } = shown;
  if (search.kind === "ambiguous") return { code: "BAD_REQUEST", detail: "The query names a credential twice" };
  // What came by itself and is worth nothing is nothing.
  const mayFail = shown.kind === "ambient" && takesStrangers;
  const attempt = { visitor: visitorOf(request), occasion, place: "upgrade", streamId: undefined } as const;
  const who = await gate.guard.present(search, { ...attempt, isClaim: !mayFail });
  const isStranger = ({ code }: Refusal): boolean => mayFail && isNobodys(code);
  if ("code" in who) return isStranger(who) ? STRANGER : { credential: who };
  const admitted = await admitKnown(who, env);
  return "refusal" in admitted && isStranger(admitted.refusal) ? STRANGER : admitted;
}

/** Who is known already: whether he may pass, and watched from then on. */
export async function admitKnown(who: Authenticated, env: Env): Promise<AdmittedUpgrade | RefusedKnown> {
  const known = who.principal;
  const principal = mayPass(known);
  if ("code" in principal) return { known, refusal: principal };
  const { endsAtMs } = who;
  const connectionId = crypto.randomUUID();
  const subject = subjectOf(who);
  if (subject === undefined) return { principal, endsAtMs, connectionId, watch: undefined };
  const watched = { connectionId, subject };
  const watch = new Watch({ ask: () => watchUser(env, watched), random: () => Math.random() });
  const code = await watch.begin();
  return code === undefined ? { principal, endsAtMs, connectionId, watch } : { known, refusal: { code } };
}
