// Starts the gateway from its real wrangler.toml, on a real port.
import { setTimeout as pause } from "node:timers/promises";
import { createTestHarness, type TestHarness } from "wrangler";
import { TEST_SECRET } from "./session-token.ts";

const ROOT = new URL("../..", import.meta.url).pathname;

/**
 * How long a stream's own timers run on after the last message. An object with timers cannot leave, and the runtime does
 * nothing else, for nobody, while it waits for that; here only the one test waits.
 */
const QUIET_MS = 1050;

export interface Gateway {
  readonly url: URL;
  readonly harness: TestHarness;
  /** Takes a stream's object out of memory, as the platform does after ten idle seconds; sockets stay. */
  readonly sleep: (streamId: string) => Promise<void>;
  /** Takes it out of memory with its sockets, as a deploy or a crash does. */
  readonly crash: (streamId: string) => Promise<void>;
  readonly stop: () => Promise<void>;
}

/**
 * @param vars variables on top of those in wrangler.toml
 * @param secret the shared secret; empty for none
 * @param env undefined for the top level
 */
export async function startGateway(
  vars: Record<string, string> = {},
  secret = TEST_SECRET,
  env?: "production",
): Promise<Gateway> {
  // Always given, if only empty: those of a .dev.vars would be taken otherwise.
  const secrets = { BETTER_AUTH_SECRET: secret, ADMIN_KEY: vars["ADMIN_KEY"] ?? "" };
  const worker = { configPath: "wrangler.toml", vars, secrets, ...(env === undefined ? {} : { env }) };
  const harness = createTestHarness({ root: ROOT, workers: [worker] });
  const { url } = await harness.listen();
  return asGateway(harness, url);
}

/** @param harness whose first Worker is the gateway */
export function asGateway(harness: TestHarness, url: URL): Gateway {
  return {
    url,
    harness,
    sleep: async (streamId) => {
      await pause(QUIET_MS);
      const worker = harness.getWorker("sluice");
      await worker
        .evictDurableObject("StreamObject", { name: streamId, webSockets: "hibernate" })
        .catch((failure: unknown) => {
          // Since it slept last nothing has woken it.
          if (!String(failure).includes("not currently running")) throw failure;
        });
    },
    crash: (streamId) =>
      harness.getWorker("sluice").evictDurableObject("StreamObject", { name: streamId, webSockets: "close" }),
    stop: () => harness.close(),
  };
}
