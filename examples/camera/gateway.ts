// The gateway that the demo talks to: one that runs already, or one of its own for as long as the demo lasts.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";

const DEFAULT_URL = "http://localhost:8787";
const START_SCRIPT = new URL("../../scripts/start.ts", import.meta.url).pathname;
const START_PATIENCE_MS = 60_000;

export interface DemoGateway {
  readonly url: URL;
  readonly stop: () => Promise<void>;
}

/** @param given a URL that the person named; only without one is a gateway started */
export async function findOrStartGateway(given: string | undefined): Promise<DemoGateway> {
  const url = new URL(given ?? DEFAULT_URL);
  if (await isReady(url)) return { url, stop: () => Promise.resolve() };
  if (given !== undefined) throw new Error(`no gateway is ready at ${url.origin}`);
  console.log("No gateway runs here yet; starting one for this demo.");
  return startGateway();
}

async function startGateway(): Promise<DemoGateway> {
  const port = await freePort();
  const url = new URL(`http://localhost:${port}`);
  const child = spawn(process.execPath, [START_SCRIPT, "--port", String(port)], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const exited = once(child, "exit");
  const stop = async (): Promise<void> => {
    child.kill("SIGTERM");
    await exited;
  };
  const deadlineMs = Date.now() + START_PATIENCE_MS;
  while (!(await isReady(url))) {
    if (child.exitCode !== null) throw new Error("the gateway did not start");
    if (Date.now() > deadlineMs) {
      await stop();
      throw new Error("the gateway was not ready within a minute");
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return { url, stop };
}

async function isReady(url: URL): Promise<boolean> {
  const answer = await fetch(new URL("/ready", url)).catch(() => undefined);
  return answer?.ok === true;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}
