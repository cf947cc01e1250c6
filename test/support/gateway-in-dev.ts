// A gateway in `wrangler dev`: unlike the harness, it can open WebSockets to addresses.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { listeningPort, ROOT, WRANGLER, wranglerEnv } from "../../scripts/wrangler.ts";
import { TEST_SECRET } from "./session-token.ts";

export interface GatewayInDev {
  readonly url: URL;
  readonly stop: () => Promise<void>;
}

/**
 * @param config its path from the root
 * @param vars on top of those in the file
 */
export async function startGatewayInDev(config: string, vars: Record<string, string>): Promise<GatewayInDev> {
  const folder = mkdtempSync(join(tmpdir(), "sluice-"));
  // Always given, if only empty: those of a .dev.vars would be taken otherwise.
  const all = { BETTER_AUTH_SECRET: TEST_SECRET, ADMIN_KEY: "", ...vars };
  const flags = [
    "--port",
    "0",
    "--inspector-port",
    "0",
    "--persist-to",
    folder,
    "--show-interactive-dev-session=false",
  ];
  const given = Object.entries(all).flatMap(([name, value]) => ["--var", `${name}:${value}`]);
  const child = spawn(process.execPath, [WRANGLER, "dev", "-c", config, ...flags, ...given], {
    cwd: ROOT,
    // Of its own: gateways of other tests have the same name.
    env: { ...wranglerEnv(), WRANGLER_REGISTRY_PATH: join(folder, "registry") },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk: Buffer) => (output += String(chunk)));
  const stop = async (): Promise<void> => {
    // Wrangler ends its runtime on this; one that is killed leaves it behind.
    if (child.exitCode === null && child.kill("SIGTERM")) await once(child, "exit");
    rmSync(folder, { recursive: true, force: true });
  };
  const port = await listeningPort(child);
  const url = port === undefined ? undefined : new URL(`http://127.0.0.1:${port}`);
  const ready = url === undefined ? undefined : await fetch(new URL("/ready", url));
  if (url !== undefined && ready?.ok === true) return { url, stop };
  const complaint = (await ready?.text()) ?? output;
  await stop();
  throw new Error(`the gateway is not ready: ${complaint}`);
}
