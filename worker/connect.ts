// The main door: verifies the credential of an upgrade and hands the socket to the object of its stream.
import { isAuthenticated } from "../auth/authenticator.ts";
import { findCredential, offersSubprotocol } from "../auth/credential.ts";
import { toPublic } from "../auth/failure.ts";
import { writeHandoff } from "../connection/handoff.ts";
import { isStreamId } from "../protocol/stream-id.ts";
import type { Env } from "./env.ts";
import { gateOf } from "./gate.ts";
import { passRefusalOn, refuseUpgrade } from "./refusal.ts";

const SWITCHING_PROTOCOLS = 101;

/** `GET /streams/:streamId` with `Upgrade: websocket`. The checks go from cheap to dear; no object wakes before the last. */
export async function connectToStream(request: Request, streamId: string, env: Env, nowMs: number): Promise<Response> {
  if (!isStreamId(streamId)) return refuseUpgrade(request, "INVALID_STREAM_ID");
  const gate = gateOf(env);
  if (gate.kind === "closed") return refuseUpgrade(request, "MISCONFIGURED");
  const search = findCredential(request.headers, new URL(request.url), gate.config.auth.credentialPlaces);
  switch (search.kind) {
    case "absent":
      return refuseUpgrade(request, "AUTH_REQUIRED");
    case "unreadable":
      return refuseUpgrade(request, "AUTH_FAILED");
    case "ambiguous":
      return refuseUpgrade(request, "BAD_REQUEST", { detail: "The query names a credential twice" });
    case "found":
  }
  const authenticated = await gate.authenticate(search.token, nowMs);
  if (!isAuthenticated(authenticated)) {
    const { code, ...detail } = toPublic(authenticated);
    return refuseUpgrade(request, code, detail);
  }
  const { principal, endsAtMs } = authenticated;
  const handoff = { streamId, principal, endsAtMs, offeredSubprotocol: offersSubprotocol(request.headers) };
  return handOver(request, env.STREAMS.getByName(streamId), writeHandoff(handoff));
}

/** The object's 101 goes back untouched: from then on no code of the Worker runs for the messages of this socket. */
async function handOver(request: Request, stream: Pick<Fetcher, "fetch">, handoff: Request): Promise<Response> {
  try {
    const response = await stream.fetch(handoff);
    return response.status === SWITCHING_PROTOCOLS ? response : await passRefusalOn(request, response);
  } catch (failure) {
    if (isTemporary(failure)) return refuseUpgrade(request, "OVERLOADED");
    throw failure;
  }
}

/** The platform marks what may pass: `overloaded` by a busy object, `retryable` by one that was moved or updated. */
function isTemporary(failure: unknown): boolean {
  if (typeof failure !== "object" || failure === null) return false;
  return (
    ("overloaded" in failure && failure.overloaded === true) || ("retryable" in failure && failure.retryable === true)
  );
}
