// In whose name a request goes on: what is known of its client, with the gate's signed word for it.
import type { NamedPrincipal } from "../../../auth/principal.ts";
import type { Occasion } from "../../../auth/verifier.ts";
import { nameOf, type Route } from "../route-table.ts";
import type { Assertions } from "./assertion.ts";

export interface Bearer {
  /** Undefined for a stranger. */
  readonly principal: NamedPrincipal | undefined;
  /** Undefined for a stranger, of whom nothing can be said. */
  readonly assertion: string | undefined;
}

export async function bearerOf(
  principal: NamedPrincipal | undefined,
  { upstream }: Route,
  { assertions }: { readonly assertions: Assertions },
  { nowMs, origin }: Occasion,
): Promise<Bearer> {
  if (principal === undefined) return { principal, assertion: undefined };
  return { principal, assertion: await assertions.of(principal, nameOf(upstream), origin, nowMs) };
}
