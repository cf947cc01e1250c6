// How scripts run the project's own wrangler: which one, where its state goes, what it keeps quiet about, and where it listens.
import type { ChildProcess } from "node:child_process";

export const ROOT = new URL("..", import.meta.url).pathname;
export const WRANGLER = `${ROOT}node_modules/wrangler/bin/wrangler.js`;

/** Shared by all Workers of a session: wrangler alone would keep a database beside each configuration. */
export const LOCAL_STATE = ".wrangler/state";

export function wranglerEnv(): NodeJS.ProcessEnv {
  return {
    ...process.env,
    // Of this checkout, so that a second one on the same machine does not answer for Workers of the same name.
    WRANGLER_REGISTRY_PATH: `${ROOT}.wrangler/registry`,
    WRANGLER_LOG_PATH: `${ROOT}.wrangler/logs`,
    WRANGLER_HIDE_BANNER: "true",
    WRANGLER_SEND_METRICS: "false",
    WRANGLER_SEND_ERROR_REPORTS: "false",
    // Local development needs no data about the request's place, and works without a network.
    CLOUDFLARE_CF_FETCH_ENABLED: "false",
  };
}

/**
 * Where a `wrangler dev` listens, which with `--port 0` nobody else knows.
 *
 * @param child started with a channel to it (`"ipc"`): wrangler tells this the process that started it, and nobody else
 * @returns undefined once it has ended without listening
 */
export function listeningPort(child: ChildProcess): Promise<number | undefined> {
  return new Promise((resolve) => {
    child.once("exit", () => resolve(undefined));
    child.on("message", (message) => {
      if (typeof message !== "string") return;
      const { event, port } = JSON.parse(message) as { event?: string; port?: number };
      if (event === "DEV_SERVER_READY") resolve(port);
    });
  });
}
