// The routes of the gateway: own endpoints first, then the auth server, then ROUTES, then the console.
import { Hono } from "hono";
import { problem } from "../connection/problem.ts";
import { serveConsole } from "./console.ts";
import { cutOf, type GatewayContext, occasionOf } from "./context.ts";
import { allowOrigins } from "./cors.ts";
import { type Door, openDoor } from "./doors.ts";
import { openSocketIoDoor } from "./doors/socket-io-door.ts";
import { defaultPathOf, socketIoPathOf } from "./edge/socket-io/config.ts";
import type { Env } from "./env.ts";
import { answerFailure } from "./failed-request.ts";
import { gateOf } from "./gate.ts";
import { OWN_ENDPOINTS } from "./own-endpoints.ts";
import { forwardToAuthServer, isAuthPath } from "./proxy/auth-server.ts";
import { forward, matchRoute } from "./proxy/forward.ts";
import { isSocketIoDoor, openSocketIoRoute } from "./proxy/socket-io/open-socket-io.ts";
import { openRoute } from "./proxy/sockets/open-route.ts";
import { disconnectFromStream, drainStream, inspectStream, postRevocation } from "./routes/admin.ts";
import { getAlerts, postAlert } from "./routes/alerts.ts";
import { postExplain } from "./routes/explain.ts";
import { getFrame } from "./routes/frame.ts";
import { health, ready } from "./routes/health.ts";
import { keySet } from "./routes/jwks.ts";
import { deleteStream, getAccess, getStatus, listStreams, putAccess } from "./routes/streams.ts";
import { postTicket } from "./routes/tickets.ts";
import { isUpgrade } from "./upgrade.ts";

export const app = new Hono<{ Bindings: Env }>();

app.use(allowOrigins);
app.get("/health", () => health());
app.get("/ready", (context) => ready(gateOf(context.env)));
app.get("/.well-known/jwks.json", (context) => keySet(gateOf(context.env), Date.now()));
app.get("/ws", (context) => knock(context, { kind: "ws" }));
app.get("/streams/register", (context) => knock(context, { kind: "register" }));
app.get("/streams", listStreams);
app.get("/streams/:streamId", (context) =>
  isUpgrade(context.req.raw)
    ? knock(context, { kind: "stream", streamId: context.req.param("streamId") })
    : getStatus(context),
);
app.delete("/streams/:streamId", deleteStream);
app.get("/streams/:streamId/access", getAccess);
app.put("/streams/:streamId/access", putAccess);
app.get("/streams/:streamId/frame", getFrame);
app.post("/tickets", postTicket);
app.post("/explain", postExplain);
app.post("/admin/revocations", postRevocation);
app.get("/admin/streams/:streamId", inspectStream);
app.post("/admin/streams/:streamId/disconnect", disconnectFromStream);
app.post("/admin/streams/:streamId/drain", drainStream);
app.get("/streams/:streamId/alerts", getAlerts);
app.post("/streams/:streamId/alerts", postAlert);
for (const [path, allow] of OWN_ENDPOINTS) {
  app.all(path, () => problem("METHOD_NOT_ALLOWED", { headers: { Allow: allow } }));
}

app.notFound((context: GatewayContext) => {
  const { AUTH: authServer } = context.env;
  const { raw: request } = context.req;
  const { pathname } = new URL(request.url);
  const { socketIo } = gateOf(context.env).config;
  const socketIoPath = socketIoPathOf(socketIo, pathname);
  const match = matchRoute(context);
  // Its entry in both lists says how clients are refused there, and what stands behind it.
  if (match.kind === "route" && isSocketIoDoor(match.route, pathname)) {
    return openSocketIoRoute(context, match.route, socketIoPath ?? defaultPathOf(match.route.path));
  }
  if (socketIoPath !== undefined) {
    return openSocketIoDoor(request, socketIoPath, context.env, occasionOf(context), cutOf(context));
  }
  if (authServer !== undefined && isAuthPath(context)) return forwardToAuthServer(request, authServer, context.env);
  if (match.kind === "none") return serveConsole(context);
  if (match.kind === "route" && match.route.socketIo) return problem("NOT_FOUND");
  return isUpgrade(request) ? openRoute(context, match) : forward(context, match);
});

app.onError(answerFailure);

function knock(context: GatewayContext, door: Door): Response | Promise<Response> {
  const request = context.req.raw;
  if (!isUpgrade(request)) return problem("UPGRADE_REQUIRED", { headers: { Upgrade: "websocket" } });
  return openDoor(request, door, context.env, occasionOf(context), cutOf(context));
}
