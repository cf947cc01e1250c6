// The NestJS server of runs from the examples, compiled once for each test file.
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { buildServer } from "../../examples/nestjs-behind-the-gate/build.ts";
import { ROOT } from "../../scripts/wrangler.ts";

/** Apart from what other files compile at the same time. */
const built = buildServer(join(ROOT, ".wrangler", "runs-servers", randomUUID()));

type StartServer = Awaited<typeof built>["startServer"];

export type RunsServer = Awaited<ReturnType<StartServer>>;

export async function startRunsServer(form: Parameters<StartServer>[0]): Promise<RunsServer> {
  const { startServer } = await built;
  return startServer(form, 0);
}
