// What an upgrade shows, and what that is worth: a claim, a cookie that came by itself, or nothing.
import { type CredentialSearch, findAmbientCredential, findClaimedCredential } from "../auth/credential.ts";
import { cookieFaultOfUpgrade } from "../auth/origin.ts";
import type { OpenGate } from "./gate.ts";

/** A failing cookie comes by itself and is no claim. */
export type Shown =
  | { readonly kind: "claimed" | "ambient"; readonly search: Exclude<CredentialSearch, { kind: "absent" }> }
  | { readonly kind: "foreign-cookie" }
  | { readonly kind: "nothing" };

/** @param takesCookies whether they count here at all */
export function whatIsShown({ headers, url }: Request, { config }: OpenGate, takesCookies: boolean): Shown {
  const { credentialPlaces, allowedOrigins } = config.auth;
  const claimed = findClaimedCredential(headers, new URL(url), credentialPlaces);
  if (claimed.kind !== "absent") return { kind: "claimed", search: claimed };
  if (!takesCookies) return { kind: "nothing" };
  const ambient = findAmbientCredential(headers, credentialPlaces);
  if (ambient.kind === "absent") return { kind: "nothing" };
  const fault = cookieFaultOfUpgrade(headers, new URL(url), allowedOrigins);
  return fault === undefined ? { kind: "ambient", search: ambient } : { kind: "foreign-cookie" };
}
