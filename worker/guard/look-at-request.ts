// What a request that is no upgrade shows of who makes it: the same places as at the doors, but for the first message.
import type { Authenticated } from "../../auth/authenticator.ts";
import type { CredentialSearch } from "../../auth/credential.ts";
import type { Occasion } from "../../auth/verifier.ts";
import type { Note } from "../../connection/audit.ts";
import { problem } from "../../connection/problem.ts";
import type { Config } from "../config.ts";
import type { Guard } from "../guard.ts";
import { refuseKnown } from "./refuse-known.ts";
import type { RevocationCheck } from "./revocation-check.ts";
import { isNobodys, UNAUTHENTICATED, whatIsShown } from "./shown.ts";
import { visitorOf } from "./visitor.ts";

/** What of an open gate is needed for it. */
export interface Looking {
  readonly config: Pick<Config, "auth">;
  readonly guard: Guard;
  readonly checkRevoked: RevocationCheck;
  readonly note: Note;
}

/** The principal, or the answer that refuses the request. @param streamId undefined where it is about none */
export async function requireCredential(
  request: Request,
  looking: Looking,
  occasion: Occasion,
  streamId?: string,
): Promise<Authenticated | Response> {
  const shown = whatIsShown(request, looking);
  switch (shown.kind) {
    case "claimed":
    case "ambient":
      return look(request, looking, occasion, shown.search, { isClaim: true, streamId });
    case "foreign-cookie":
      return problem("ORIGIN_NOT_ALLOWED");
    case "nothing":
      return problem("AUTH_REQUIRED");
  }
}

/**
 * The same where nobody has to be anybody: undefined for a stranger. What a client claims must hold here too; a cookie comes by
 * itself, and one that is over, or comes from another site, is none.
 */
export async function allowCredential(
  request: Request,
  looking: Looking,
  occasion: Occasion,
): Promise<Authenticated | Response | undefined> {
  const shown = whatIsShown(request, looking);
  switch (shown.kind) {
    case "claimed":
      return look(request, looking, occasion, shown.search, { isClaim: true });
    case "ambient": {
      const who = await look(request, looking, occasion, shown.search, { isClaim: false });
      // Bad, over or revoked. What could not be judged, or comes too often, is told.
      return who instanceof Response && who.status === UNAUTHENTICATED ? undefined : who;
    }
    case "foreign-cookie":
    case "nothing":
      return undefined;
  }
}

async function look(
  request: Request,
  { guard, checkRevoked, note }: Looking,
  occasion: Occasion,
  found: Exclude<CredentialSearch, { kind: "absent" }>,
  { isClaim, streamId }: { readonly isClaim: boolean; readonly streamId?: string | undefined },
): Promise<Authenticated | Response> {
  if (found.kind === "ambiguous") return problem("BAD_REQUEST", { detail: "The query names a credential twice" });
  const visitor = visitorOf(request);
  const who = await guard.present(found, { visitor, occasion, isClaim, place: "http", streamId });
  if ("code" in who) return problem(who.code, who);
  const tooMany = guard.request(who, visitor, occasion.nowMs);
  if (tooMany !== undefined) return problem(tooMany.code, tooMany);
  const code = await checkRevoked(who, occasion);
  if (code === undefined) return who;
  // Whose cookie is none is a stranger, and refused by nobody.
  return !isClaim && isNobodys(code) ? problem(code) : refuseKnown(request, who.principal, { code, streamId }, note);
}
