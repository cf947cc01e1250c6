// The routes of the gateway: own endpoints first, then the auth server.
import { type Context, Hono } from "hono";
import { problem } from "../connection/problem.ts";
import { connectToStream } from "./connect.ts";
import type { Env } from "./env.ts";
import { gateOf } from "./gate.ts";
import { forwardToAuthServer, isUnder } from "./proxy/auth-server.ts";
import { health, ready } from "./routes/health.ts";

type GatewayContext = Context<{ Bindings: Env }>;

export const app = new Hono<{ Bindings: Env }>();

app.get("/health", () => health());
app.get("/ready", (context) => ready(gateOf(context.env)));
app.get("/streams/:streamId", (context) => {
  if (context.req.header("Upgrade")?.toLowerCase() !== "websocket") {
    return problem("UPGRADE_REQUIRED", { headers: { Upgrade: "websocket" } });
  }
  return connectToStream(context.req.raw, context.req.param("streamId"), context.env, Date.now());
});
for (const path of ["/health", "/ready", "/streams/:streamId"]) {
  app.all(path, () => problem("METHOD_NOT_ALLOWED", { headers: { Allow: "GET" } }));
}

app.notFound((context: GatewayContext) => {
  const { AUTH: authServer } = context.env;
  const { pathname } = new URL(context.req.url);
  if (authServer !== undefined && isUnder(gateOf(context.env).config.authPath, pathname)) {
    return forwardToAuthServer(context.req.raw, authServer);
  }
  return problem("NOT_FOUND");
});

app.onError((bug) => {
  // The kind only: its text may hold input.
  console.error(JSON.stringify({ event: "internal-error", where: "fetch", name: bug.name }));
  return problem("INTERNAL");
});
