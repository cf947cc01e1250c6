// What is written down of a WebSocket on a route: whose it is, where it leads, and how it ended.
import type { NamedPrincipal } from "../../../auth/principal.ts";
import { identityOf, type Note, type Place } from "../../../connection/audit.ts";
import type { Visitor } from "../../guard/visitor.ts";
import { nameOf, type Route } from "../route-table.ts";
import type { PipeOver } from "./pipe.ts";

export interface RouteSocket {
  readonly visitor: Visitor;
  readonly place: Place;
  /** Undefined for a stranger. */
  readonly principal: NamedPrincipal | undefined;
  readonly route: Pick<Route, "upstream">;
  /** Leads from the end to the beginning; undefined where the Worker does not see the end. */
  readonly connectionId: string | undefined;
}

/** @returns is to be told the end */
export function noteOpened(
  { visitor, place, principal, route, connectionId }: RouteSocket,
  note: Note,
): (over: PipeOver) => void {
  // Nobody could look a stranger up, and strangers could hide who is known behind what they repeat.
  if (principal === undefined) return () => undefined;
  const socket = { ...visitor, place, ...identityOf(principal), connectionId, sink: nameOf(route.upstream) };
  note({ event: "upstream-opened", ...socket });
  return ({ reason, closeCode, code }) => note({ event: "upstream-closed", ...socket, reason, closeCode, code });
}
