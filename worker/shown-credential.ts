// What an upgrade shows of its client: a credential that was put there by intent, or one that its browser added.
import { type CredentialSearch, findAmbientCredential, findClaimedCredential } from "../auth/credential.ts";
import { cookieFaultOfUpgrade } from "../auth/origin.ts";
import type { OpenGate } from "./gate.ts";

/** What a credential is worth at a door: a failing cookie comes by itself and is no claim. */
export type Shown =
  | { readonly kind: "claimed" | "ambient"; readonly search: Exclude<CredentialSearch, { kind: "absent" }> }
  | { readonly kind: "foreign-cookie" }
  | { readonly kind: "nothing" };

/** @param takesCookies whether a browser's cookies count at this door at all */
export function findShown({ headers, url }: Request, { config }: OpenGate, takesCookies: boolean): Shown {
  const { credentialPlaces, allowedOrigins } = config.auth;
  const claimed = findClaimedCredential(headers, new URL(url), credentialPlaces);
  if (claimed.kind !== "absent") return { kind: "claimed", search: claimed };
  if (!takesCookies) return { kind: "nothing" };
  const ambient = findAmbientCredential(headers, credentialPlaces);
  if (ambient.kind === "absent") return { kind: "nothing" };
  const fault = cookieFaultOfUpgrade(headers, new URL(url), allowedOrigins);
  return fault === undefined ? { kind: "ambient", search: ambient } : { kind: "foreign-cookie" };
}
