// What a route is given, and when and where it happens.
import type { Context } from "hono";
import type { Occasion } from "../auth/verifier.ts";
import type { Env } from "./env.ts";

export type GatewayContext = Context<{ Bindings: Env }>;

export function occasionOf(context: GatewayContext): Occasion {
  return {
    nowMs: Date.now(),
    origin: new URL(context.req.url).origin,
    keepAlive: (work) => context.executionCtx.waitUntil(work),
  };
}
