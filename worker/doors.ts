// The doors for WebSockets: which of them a client came to, what it showed there, and what that opens.
import { offersSubprotocol } from "../auth/credential.ts";
import type { Principal } from "../auth/principal.ts";
import type { Occasion } from "../auth/verifier.ts";
import { identityOf } from "../connection/audit.ts";
import type { ProblemDetail } from "../connection/problem.ts";
import { auditOf } from "../durable-objects/audit.ts";
import type { Code } from "../protocol/codes.ts";
import { isStreamId } from "../protocol/stream-id.ts";
import { addressStream } from "./doors/address-stream.ts";
import { makeLease } from "./doors/make-lease.ts";
import { passRefusalOn, refuseUpgrade } from "./doors/refusal.ts";
import { holdSocket } from "./edge/hold-socket.ts";
import type { Env } from "./env.ts";
import { gateOf } from "./gate.ts";
import { whatIsShown } from "./guard/shown.ts";
import { visitorOf } from "./guard/visitor.ts";

export type Door =
  /** `/streams/:streamId`: straight through with a credential, first-message auth without one. */
  | { readonly kind: "stream"; readonly streamId: string }
  /** `/streams/register`: first-message auth, then `register` names the stream. Cookies do not count. */
  | { readonly kind: "register" }
  /** `/ws`: a credential is required, then `register` names the stream. */
  | { readonly kind: "ws" };

/** Answers an upgrade. The checks go from cheap to dear; no object wakes before the last. */
export async function openDoor(
  request: Request,
  door: Door,
  env: Env,
  occasion: Occasion,
  cut: () => void,
): Promise<Response> {
  const visitor = visitorOf(request);
  const note = auditOf(env);
  const where = { ...visitor, place: "upgrade", streamId: streamIdOf(door) } as const;
  const refuse = (code: Code, detail?: ProblemDetail, known?: Principal): Response => {
    note({ event: "connection-refused", ...where, ...(known === undefined ? {} : identityOf(known)), code });
    return refuseUpgrade(request, code, detail);
  };
  if (door.kind === "stream" && where.streamId === undefined) return refuse("INVALID_STREAM_ID");
  const gate = gateOf(env);
  if (gate.kind === "closed") return refuse("MISCONFIGURED");
  const tooMany = await gate.guard.connect(visitor, occasion.nowMs);
  if (tooMany !== undefined) return refuseUpgrade(request, tooMany.code, tooMany);
  const connectionId = crypto.randomUUID();
  const lease = makeLease(connectionId, env, gate, occasion);
  const holdUnknown = (): Response =>
    holdSocket({ request, env, gate, occasion, cut, lease, streamId: streamIdOf(door), who: undefined });
  const mayAuthenticateByMessage = door.kind !== "ws";
  const shown = whatIsShown(request, gate, door.kind !== "register");
  switch (shown.kind) {
    case "nothing":
      return mayAuthenticateByMessage ? holdUnknown() : refuse("AUTH_REQUIRED");
    case "foreign-cookie":
      return mayAuthenticateByMessage ? holdUnknown() : refuse("ORIGIN_NOT_ALLOWED");
    case "claimed":
    case "ambient":
  }
  const { search } = shown;
  if (search.kind === "ambiguous") {
    return refuse("BAD_REQUEST", { detail: "The query names a credential twice" });
  }
  const mayFail = shown.kind === "ambient" && mayAuthenticateByMessage;
  const who = await gate.guard.present(search, {
    visitor,
    occasion,
    isClaim: !mayFail,
    place: "upgrade",
    streamId: where.streamId,
  });
  if ("code" in who) {
    // Held, it could do nothing but fail once more.
    const isHeld = mayFail && who.code !== "RATE_LIMITED";
    return isHeld ? holdUnknown() : refuseUpgrade(request, who.code, who);
  }
  if (door.kind !== "stream") {
    // Its uses are counted by its stream, so at a door without one it would hold any number of sockets.
    const refusal = who.principal.kind === "ticket" ? "AUTH_FAILED" : await lease.take(who);
    if (refusal !== undefined) return refuse(refusal, undefined, who.principal);
    return holdSocket({ request, env, gate, occasion, cut, lease, streamId: undefined, who });
  }
  const handoff = {
    streamId: door.streamId,
    connectionId,
    hop: "direct",
    origin: occasion.origin,
    principal: who.principal,
    issuedAtS: who.issuedAtS,
    endsAtMs: who.endsAtMs,
    offeredSubprotocol: offersSubprotocol(request.headers),
  } as const;
  const answer = await addressStream(env, handoff, request.cf);
  const member = { connectionId: handoff.connectionId, ...identityOf(who.principal) };
  if (answer.kind !== "joined") {
    note({ event: "connection-refused", ...where, ...member, code: answer.code });
    return passRefusalOn(request, answer);
  }
  note({ event: "joined", ...where, ...member });
  // The object's 101 goes back untouched: from then on no code of the Worker runs for the messages of this socket.
  return answer.response;
}

/** Undefined where there is none, or one that cannot be. */
function streamIdOf(door: Door): string | undefined {
  return door.kind === "stream" && isStreamId(door.streamId) ? door.streamId : undefined;
}
