// Who it is, as an upstream is told: headers that the gate alone writes.
import type { NamedPrincipal } from "../../../auth/principal.ts";
import { IDENTITY_HEADERS } from "./headers.ts";

/** Printable ASCII but for `%`, which begins an escape. */
const UNSAFE = /[^!-$&-~]/gu;

/**
 * Sets who it is. Nothing is set for nobody: what a client wrote there is gone by now.
 * @param principal undefined for a stranger, on a route that lets one pass
 * @param assertion the gate's signed word for the same; undefined where it gives none
 */
export function setIdentity(
  headers: Headers,
  principal: NamedPrincipal | undefined,
  assertion: string | undefined,
): void {
  if (principal === undefined) return;
  headers.set(IDENTITY_HEADERS.userId, toHeaderValue(principal.userId));
  if (principal.kind === "user") headers.set(IDENTITY_HEADERS.sessionId, toHeaderValue(principal.sessionId));
  headers.set(IDENTITY_HEADERS.kind, principal.kind);
  if (assertion !== undefined) headers.set(IDENTITY_HEADERS.assertion, assertion);
}

/** ASCII only: what is not, and `%` and blanks, as the percent-encoded bytes of UTF-8; `decodeURIComponent` reads it back. */
export function toHeaderValue(id: string): string {
  return id.replaceAll(UNSAFE, (character) => encodeURIComponent(character));
}
