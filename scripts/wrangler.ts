// How scripts run the project's own wrangler: which one, where its state goes, and what it keeps quiet about.

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
