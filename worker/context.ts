// What a route is given, and when and where it happens.
import type { Context } from "hono";
import type { Occasion } from "../auth/verifier.ts";
import { logCutOff } from "../connection/log.ts";
import type { Env } from "./env.ts";

export type GatewayContext = Context<{ Bindings: Env }>;

/** Ends the request with all that it holds, sockets included, and whatever waits for them. */
export function cutOf({ executionCtx }: GatewayContext): () => void {
  return () => {
    logCutOff();
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Hono's type knows fewer methods than the platform has
    (executionCtx as ExecutionContext).abort("a client that was closed did not read");
  };
}

export function occasionOf(context: GatewayContext): Occasion {
  return {
    nowMs: Date.now(),
    origin: new URL(context.req.url).origin,
    keepAlive: (work) => context.executionCtx.waitUntil(work),
  };
}
