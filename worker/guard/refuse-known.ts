// Who is known and is refused over HTTP all the same: told so, and written down.
import type { Principal } from "../../auth/principal.ts";
import { identityOf, type Note } from "../../connection/audit.ts";
import { problem } from "../../connection/problem.ts";
import { CODES } from "../../protocol/codes.ts";
import type { Refusal } from "../guard.ts";
import { visitorOf } from "./visitor.ts";

/** What is about who asks, or says that nobody could tell. A request that is wrong, or finds nothing, is its sender's own affair. */
const TOLD_STATUSES: ReadonlySet<number | null> = new Set([401, 403, 429, 503]);

export interface KnownRefusal extends Refusal {
  /** Undefined where it is about none, or nobody could read which. */
  readonly streamId?: string | undefined;
}

export function refuseKnown(
  request: Request,
  principal: Principal,
  { streamId, ...refusal }: KnownRefusal,
  note: Note,
): Response {
  const { code } = refusal;
  if (TOLD_STATUSES.has(CODES[code].httpStatus)) {
    const who = { ...visitorOf(request), ...identityOf(principal) };
    note({ event: "request-refused", place: "http", streamId, code, ...who });
  }
  return problem(code, refusal);
}
