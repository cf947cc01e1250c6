// The door for Engine.IO: what may be opened there, and who is refused before it is opened.
import type { Occasion } from "../../auth/verifier.ts";
import { problem } from "../../connection/problem.ts";
import { auditOf } from "../../durable-objects/audit.ts";
import { refuseEngineRequest } from "../edge/engine-io-request.ts";
import type { Env } from "../env.ts";
import { gateOf, type OpenGate } from "../gate.ts";
import { visitorOf } from "../guard/visitor.ts";
import { strangerUpgradeHeaders } from "./refusal.ts";

/**
 * Answers a request to a path of Socket.IO. What a client can only learn over HTTP it learns as a status; a credential is
 * looked at with CONNECT, since a client that is refused an upgrade tries it for ever.
 * @param begin is given the socket, accepted
 */
export async function openEngineDoor(
  request: Request,
  env: Env,
  occasion: Occasion,
  begin: (server: WebSocket, gate: OpenGate) => void,
): Promise<Response> {
  const refusal = refuseEngineRequest(request);
  if (refusal !== undefined) return refusal;
  const gate = gateOf(env);
  const visitor = visitorOf(request);
  if (gate.kind === "closed") {
    auditOf(env)({ event: "connection-refused", ...visitor, place: "upgrade", code: "MISCONFIGURED" });
    return problem("MISCONFIGURED");
  }
  const tooMany = await gate.guard.connect(visitor, occasion.nowMs);
  if (tooMany !== undefined) return problem(tooMany.code, tooMany);
  const { 0: client, 1: server } = new WebSocketPair();
  server.binaryType = "arraybuffer"; // the default is Blob since 2026-03-17
  server.accept({ allowHalfOpen: true });
  begin(server, gate);
  return new Response(null, { status: 101, webSocket: client, headers: strangerUpgradeHeaders(request) });
}
