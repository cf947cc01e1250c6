// Who makes a request that is no upgrade: the same places as at the doors, but for the first message.
import type { Authenticated } from "../auth/authenticator.ts";
import { findAmbientCredential, findClaimedCredential } from "../auth/credential.ts";
import { cookieFaultOfRequest } from "../auth/origin.ts";
import type { Occasion } from "../auth/verifier.ts";
import { problem } from "../connection/problem.ts";
import type { Gate } from "./gate.ts";
import { visitorOf } from "./visitor.ts";

/** The principal, or the answer that refuses the request. @param streamId undefined where it is about none */
export async function authenticateRequest(
  request: Request,
  gate: Gate,
  occasion: Occasion,
  streamId?: string,
): Promise<Authenticated | Response> {
  if (gate.kind === "closed") return problem("MISCONFIGURED");
  const { headers, url } = request;
  const { credentialPlaces, allowedOrigins } = gate.config.auth;
  const claimed = findClaimedCredential(headers, new URL(url), credentialPlaces);
  const search = claimed.kind === "absent" ? findAmbientCredential(headers, credentialPlaces) : claimed;
  switch (search.kind) {
    case "absent":
      return problem("AUTH_REQUIRED");
    case "ambiguous":
      return problem("BAD_REQUEST", { detail: "The query names a credential twice" });
    case "unreadable":
    case "found":
  }
  const isFromCookie = search.kind === "found" && search.slot === "cookie";
  if (isFromCookie && cookieFaultOfRequest(headers, new URL(url), allowedOrigins) !== undefined) {
    return problem("ORIGIN_NOT_ALLOWED");
  }
  const { guard } = gate;
  const visitor = visitorOf(request);
  const attempt = { visitor, occasion, isClaim: true, place: "http", streamId } as const;
  const who = await guard.present(search, attempt);
  if ("code" in who) return problem(who.code, who);
  const tooMany = guard.request(who, visitor, occasion.nowMs);
  if (tooMany !== undefined) return problem(tooMany.code, tooMany);
  const refusal = await gate.checkRevoked(who, occasion);
  return refusal === undefined ? who : problem(refusal);
}
