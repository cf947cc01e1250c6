// Who makes a request that is no upgrade: the same places as at the doors, but for the first message.
import { type Authenticated, isAuthenticated } from "../auth/authenticator.ts";
import { findAmbientCredential, findClaimedCredential } from "../auth/credential.ts";
import { toPublic } from "../auth/failure.ts";
import { cookieFaultOfRequest } from "../auth/origin.ts";
import type { Occasion } from "../auth/verifier.ts";
import { problem } from "../connection/problem.ts";
import type { Gate } from "./gate.ts";

/** The principal, or the answer that refuses the request. */
export async function authenticateRequest(
  { headers, url }: Request,
  gate: Gate,
  occasion: Occasion,
): Promise<Authenticated | Response> {
  if (gate.kind === "closed") return problem("MISCONFIGURED");
  const { credentialPlaces, allowedOrigins } = gate.config.auth;
  const claimed = findClaimedCredential(headers, new URL(url), credentialPlaces);
  const search = claimed.kind === "absent" ? findAmbientCredential(headers, credentialPlaces) : claimed;
  switch (search.kind) {
    case "absent":
      return problem("AUTH_REQUIRED");
    case "unreadable":
      return problem("AUTH_FAILED");
    case "ambiguous":
      return problem("BAD_REQUEST", { detail: "The query names a credential twice" });
    case "found":
  }
  if (search.slot === "cookie" && cookieFaultOfRequest(headers, new URL(url), allowedOrigins) !== undefined) {
    return problem("ORIGIN_NOT_ALLOWED");
  }
  const who = await gate.authenticate(search.token, search.slot, occasion);
  if (isAuthenticated(who)) return who;
  const { code, ...detail } = toPublic(who);
  return problem(code, detail);
}
