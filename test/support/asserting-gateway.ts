// Starts the gateway, and beside it a Worker that makes assertions by its parts: what upstreams are told, in the real runtime.
import { createTestHarness } from "wrangler";
import type { Assertion } from "../../auth/assertion.ts";
import { asGateway, type Gateway } from "./gateway.ts";
import { TEST_SECRET } from "./session-token.ts";

const ROOT = new URL("../..", import.meta.url).pathname;

export interface AssertingGateway extends Gateway {
  /** As the gateway would for such a request at that time. */
  readonly assert: (assertion: Omit<Assertion, "madeAtS">, nowMs: number) => Promise<string>;
}

/** @param secrets on top of the shared secret */
export async function startAssertingGateway(secrets: Record<string, string> = {}): Promise<AssertingGateway> {
  const all = {
    BETTER_AUTH_SECRET: TEST_SECRET,
    BETTER_AUTH_SECRETS: "",
    ADMIN_KEY: "",
    ASSERTION_KEY: "",
    ...secrets,
  };
  const workers = ["wrangler.toml", "test/support/asserter/wrangler.toml"].map((configPath) => ({
    configPath,
    secrets: all,
  }));
  const harness = createTestHarness({ root: ROOT, workers });
  const { url } = await harness.listen();
  return {
    ...asGateway(harness, url),
    assert: async (assertion, nowMs) => {
      const body = JSON.stringify({ ...assertion, nowMs });
      const response = await harness.getWorker("asserter").fetch("http://asserter/", { method: "POST", body });
      if (response.status !== 200) throw new Error(`the asserter answered ${response.status}`);
      return response.text();
    },
  };
}
