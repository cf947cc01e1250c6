// The gateway that the demo talks to: one that runs already, or one of its own for as long as the demo lasts.
import { spawn } from "node:child_process";
import { once } from "node:events";

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
  const child = spawn(process.execPath, [START_SCRIPT, "--port", "0"], {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const exited = once(child, "exit");
  const stop = async (): Promise<void> => {
    child.kill("SIGTERM");
    await exited;
  };
  const timer = setTimeout(() => child.kill("SIGTERM"), START_PATIENCE_MS);
  // Its one message is its address; one that ends, of itself or of our patience, has none to tell.
  const [address] = (await Promise.race([once(child, "message"), exited])) as [unknown];
  clearTimeout(timer);
  if (child.killed) throw new Error("the gateway was not ready within a minute");
  if (typeof address !== "string") throw new Error("the gateway did not start");
  return { url: new URL(address), stop };
}

async function isReady(url: URL): Promise<boolean> {
  const answer = await fetch(new URL("/ready", url)).catch(() => undefined);
  return answer?.ok === true;
}
