// The reverse proxy for WebSockets: an upgrade that belongs to a route goes on to its upstream, and both are joined.
import { offersSubprotocol, SUBPROTOCOL } from "../../../auth/credential.ts";
import type { Principal } from "../../../auth/principal.ts";
import { identityOf } from "../../../connection/audit.ts";
import type { OutboxBounds } from "../../../connection/outbox.ts";
import type { ProblemDetail } from "../../../connection/problem.ts";
import { auditOf } from "../../../durable-objects/audit.ts";
import type { Code } from "../../../protocol/codes.ts";
import type { Config } from "../../config.ts";
import { cutOf, type GatewayContext, occasionOf } from "../../context.ts";
import { refuseRouteUpgrade, subprotocolHeader } from "../../doors/refusal.ts";
import { gateOf, type OpenGate } from "../../gate.ts";
import { visitorOf } from "../../guard/visitor.ts";
import { noteTrouble, PORTS } from "../forward.ts";
import { bearerOf } from "../identity/bearer.ts";
import { detailOf } from "../no-answer.ts";
import type { Match, Route } from "../route-table.ts";
import { answerHeaders, answerOf } from "../upstream-answer.ts";
import { admitUpgrade, type AdmittedUpgrade } from "./admit-upgrade.ts";
import { askForSocket, type UpstreamSocket } from "./ask-for-socket.ts";
import { Pipe } from "./pipe.ts";
import { noteOpened } from "./socket-life.ts";

/** Answers an upgrade on a route. The checks go from cheap to dear; no upstream hears of it before the last. */
export async function openRoute(context: GatewayContext, match: Exclude<Match, { kind: "none" }>): Promise<Response> {
  const { env } = context;
  const { raw: request } = context.req;
  const occasion = occasionOf(context);
  const visitor = visitorOf(request);
  const refuse = (code: Code, detail?: ProblemDetail, known?: Principal): Response => {
    const who = known === undefined ? {} : identityOf(known);
    auditOf(env)({ event: "connection-refused", ...visitor, ...who, place: "upgrade", code });
    return refuseRouteUpgrade(request, code, detail);
  };
  const gate = gateOf(env);
  if (gate.kind === "closed") return refuse("MISCONFIGURED");
  if (match.kind === "ambiguous") return refuse("BAD_REQUEST", { detail: "The path can be read in two ways" });
  const { route } = match;
  const mayBeAsked = request.method === "GET" && (route.methods === undefined || route.methods.includes("GET"));
  if (!mayBeAsked) return refuse("METHOD_NOT_ALLOWED", { headers: { Allow: (route.methods ?? ["GET"]).join(", ") } });
  const tooMany = await gate.guard.connect(visitor, occasion.nowMs);
  if (tooMany !== undefined) return refuseRouteUpgrade(request, tooMany.code, tooMany);
  const admitted = await admitUpgrade(request, route.auth, env, gate, occasion);
  // A credential that was refused is in the audit as such.
  if ("credential" in admitted) return refuseRouteUpgrade(request, admitted.credential.code, admitted.credential);
  if ("known" in admitted) return refuse(admitted.refusal.code, admitted.refusal, admitted.known);
  if ("code" in admitted) return refuse(admitted.code, admitted);
  return joinUpstream(context, route, admitted, gate);
}

async function joinUpstream(
  context: GatewayContext,
  route: Route,
  admitted: AdmittedUpgrade,
  gate: OpenGate,
): Promise<Response> {
  const { env } = context;
  const { raw: request } = context.req;
  const { credentialPlaces } = gate.config.auth;
  const bearer = await bearerOf(admitted.principal, route, gate, occasionOf(context));
  const isPrivate = admitted.principal !== undefined;
  const upstream = await askForSocket(request, route, bearer, env, credentialPlaces);
  switch (upstream.kind) {
    case "open":
      return answerWith(upstream, context, route, admitted, gate);
    case "refused":
      admitted.watch?.stop();
      return answerOf(upstream.response, isPrivate, credentialPlaces.cookiePrefix);
    case "unreachable":
    case "timeout":
      admitted.watch?.stop();
      noteTrouble(request, route, bearer, env, upstream, "upgrade");
      return refuseRouteUpgrade(request, "UPSTREAM_UNAVAILABLE", detailOf(upstream, PORTS.random));
  }
}

function answerWith(
  upstream: Extract<UpstreamSocket, { kind: "open" }>,
  context: GatewayContext,
  route: Route,
  { principal, endsAtMs, connectionId, watch }: AdmittedUpgrade,
  gate: OpenGate,
): Response {
  const { raw: request } = context.req;
  const { response, socket } = upstream;
  const headers = answerHeaders(response, principal !== undefined, gate.config.auth.credentialPlaces.cookiePrefix);
  const chosen = response.headers.get("Sec-WebSocket-Protocol");
  const named = chosen ?? (offersSubprotocol(request.headers) ? SUBPROTOCOL : undefined);
  for (const [name, value] of Object.entries(subprotocolHeader(named))) headers.set(name, value);
  const seen = { visitor: visitorOf(request), place: "upgrade", principal, route } as const;
  // Where nothing has to be watched no code of the Worker runs for the messages of this socket, nor for its end.
  if (endsAtMs === undefined && watch === undefined) {
    noteOpened({ ...seen, connectionId: undefined }, gate.note);
    return new Response(null, { status: 101, webSocket: socket, headers });
  }
  const { 0: client, 1: server } = new WebSocketPair();
  for (const end of [server, socket]) {
    end.binaryType = "arraybuffer"; // the default is Blob since 2026-03-17
    end.accept({ allowHalfOpen: true });
  }
  const noteClosed = noteOpened({ ...seen, connectionId }, gate.note);
  const pipe = new Pipe({
    client: { socket: server, cut: cutOf(context) },
    upstream: { socket, cut: upstream.cut },
    bounds: boundsOf(gate.config),
    memory: gate.memory,
    endsAtMs,
    over: (over) => {
      watch?.stop();
      noteClosed(over);
    },
  });
  watch?.tell((code) => pipe.end(code));
  return new Response(null, { status: 101, webSocket: client, headers });
}

/** Of what waits for each side of a pipe. */
export function boundsOf({ edge, stream }: Config): OutboxBounds {
  return {
    consumerBufferBytes: edge.proxyBufferBytes,
    objectBufferBytes: edge.edgeBufferBytes,
    stallMs: stream.outbox.stallMs,
  };
}
