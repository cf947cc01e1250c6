// Which pages may read the gateway's answers: exact origins, echoed one by one, never `*`.
import type { MiddlewareHandler } from "hono";
import { cors } from "hono/cors";
import { isAllowed } from "../auth/origin.ts";
import { OWN_HEADERS } from "../connection/problem.ts";
import type { GatewayContext } from "./context.ts";
import type { Env } from "./env.ts";
import { gateOf } from "./gate.ts";
import { isOwnEndpoint } from "./own-endpoints.ts";
import { isAuthPath } from "./proxy/auth-server.ts";
import { matchRoute } from "./proxy/forward.ts";
import { isUpgrade } from "./upgrade.ts";

const PREFLIGHT_LIFE_S = 600;

const sharing = cors({
  origin: (origin, context) => {
    const { allowedOrigins } = gateOf(context.env).config.auth;
    return isAllowed(origin, new URL(context.req.url), allowedOrigins) ? origin : null;
  },
  allowMethods: ["GET", "PUT", "POST", "DELETE"],
  allowHeaders: ["Authorization", "Content-Type", "Idempotency-Key", "X-Api-Key"],
  exposeHeaders: ["Retry-After", "X-Frame-Seq"],
  credentials: true,
  maxAge: PREFLIGHT_LIFE_S,
});

/**
 * Not for upgrades, whose answer must pass untouched, nor for the auth server, which has its own rules, nor for routes, whose
 * upstreams say more than the gateway does.
 */
export const allowOrigins: MiddlewareHandler<{ Bindings: Env }> = (context, next) => {
  if (isUpgrade(context.req.raw) || isAuthPath(context) || isOnRoute(context)) return next();
  // A preflight is answered by the library. All other answers set these themselves, and what is set here would win.
  if (context.req.method === "OPTIONS") {
    for (const [name, value] of Object.entries(OWN_HEADERS)) context.header(name, value);
  }
  return sharing(context, next);
};

function isOnRoute(context: GatewayContext): boolean {
  return !isOwnEndpoint(new URL(context.req.url).pathname) && matchRoute(context).kind !== "none";
}
