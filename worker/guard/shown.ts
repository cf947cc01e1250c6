// What a request shows of who makes it, and what that is worth: a claim, a cookie that came by itself, or nothing.
import { type CredentialSearch, findAmbientCredential, findClaimedCredential } from "../../auth/credential.ts";
import { cookieFaultOfRequest, cookieFaultOfUpgrade } from "../../auth/origin.ts";
import { type Code, CODES } from "../../protocol/codes.ts";
import type { Config } from "../config.ts";
import { isUpgrade } from "../upgrade.ts";

/** A failing cookie comes by itself and is no claim. */
export type Shown =
  | { readonly kind: "claimed" | "ambient"; readonly search: Exclude<CredentialSearch, { kind: "absent" }> }
  | { readonly kind: "foreign-cookie" }
  | { readonly kind: "nothing" };

/** @param takesCookies whether they count here at all */
export function whatIsShown(
  request: Request,
  { config }: { readonly config: Pick<Config, "auth"> },
  takesCookies = true,
): Shown {
  const { headers } = request;
  const url = new URL(request.url);
  const { credentialPlaces, allowedOrigins } = config.auth;
  const claimed = findClaimedCredential(headers, url, credentialPlaces);
  if (claimed.kind !== "absent") return { kind: "claimed", search: claimed };
  if (!takesCookies) return { kind: "nothing" };
  const ambient = findAmbientCredential(headers, credentialPlaces);
  if (ambient.kind === "absent") return { kind: "nothing" };
  const cookieFaultOf = isUpgrade(request) ? cookieFaultOfUpgrade : cookieFaultOfRequest;
  const isForeign = cookieFaultOf(headers, url, allowedOrigins) !== undefined;
  return isForeign ? { kind: "foreign-cookie" } : { kind: "ambient", search: ambient };
}

/** HTTP status of a refusal that says that what was shown is nobody's. */
export const UNAUTHENTICATED = 401;

/** Who showed it without meaning to is a stranger then. */
export function isNobodys(code: Code): boolean {
  return CODES[code].httpStatus === UNAUTHENTICATED;
}
