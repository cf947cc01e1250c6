// Makes assertions in the real runtime, by the gate's own parts and the gateway's own variables, of whom and for whom a test says.
import type { AssertedPrincipal } from "../../../auth/assertion.ts";
import type { Env } from "../../../worker/env.ts";
import { gateOf } from "../../../worker/gate.ts";

interface Order {
  readonly principal: AssertedPrincipal;
  readonly audience: string;
  readonly issuer: string;
  readonly nowMs: number;
}

export default {
  /** JSON `{principal, audience, issuer, nowMs}` to an assertion. */
  async fetch(request, env) {
    const gate = gateOf(env);
    if (gate.kind === "closed") return new Response(null, { status: 503 });
    const { principal, audience, issuer, nowMs } = await request.json<Order>();
    return new Response(await gate.assertions.of(principal, audience, issuer, nowMs));
  },
} satisfies ExportedHandler<Env>;
