// The NestJS server of runs from the examples, compiled once for each test file.
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { buildServer } from "../../examples/nestjs-behind-the-gate/build.ts";
import { ROOT } from "../../scripts/wrangler.ts";

/** Apart from what other files compile at the same time. */
const built = buildServer(join(ROOT, ".wrangler", "runs-servers", randomUUID()));

export type RunsServer = Awaited<ReturnType<typeof startRunsServer>>;

/** What a client of the exposed server has to show. */
export const CLIENTS_TOKEN = "tests-only-token-of-all-clients";

/** @param port of a server that was stopped, to take its place */
export async function startRunsServer(kind: "exposed" | "gated", port = 0) {
  const { startServer } = await built;
  return startServer({ kind, token: CLIENTS_TOKEN, port });
}
