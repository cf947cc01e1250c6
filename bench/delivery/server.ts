// The gateway as it is deployed, as a bundle that a runtime is started from, and what else may stand in its place.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { unstable_readConfig as readConfig } from "wrangler";
import { ROOT } from "../../scripts/wrangler.ts";
import { GatewayOnDisk } from "../../test/support/gateway-on-disk.ts";
import { TEST_SECRET } from "../../test/support/session-token.ts";
import type { Target } from "./fan.ts";
import type { Bundle } from "./runtime.ts";

export interface Server {
  readonly bundle: Bundle;
  readonly targetAt: (url: URL, streamId: string) => Target;
}

/**
 * Bounds that would otherwise be what is measured. The window of 32 KiB frames is a little more than what may wait for a
 * consumer of a lane that skips, and each consumer must get every message.
 */
const RAISED = {
  MAX_MESSAGES_PER_S: "100000",
  MAX_BYTES_PER_S: String(1024 ** 3),
  MAX_CONNECTIONS_PER_USER: "10000",
  CONSUMER_BUFFER_BYTES: String(8 * 1024 ** 2),
  OBJECT_BUFFER_BYTES: String(96 * 1024 ** 2),
  EDGE_BUFFER_BYTES: String(96 * 1024 ** 2),
};

/** The part of wrangler's configuration that a runtime is started from. */
interface DeployedConfig {
  readonly compatibility_date?: string | undefined;
  readonly compatibility_flags: readonly string[];
  readonly durable_objects: { readonly bindings: readonly { readonly name: string; readonly class_name: string }[] };
  readonly vars: Readonly<Record<string, unknown>>;
}

/** Made by wrangler, with the bindings of the real wrangler.toml except the console's files, which no stream reads. */
export function gatewayBundle(): Bundle {
  const config: DeployedConfig = readConfig({ config: join(ROOT, "wrangler.toml"), env: "" }, { hideWarnings: true });
  const { compatibility_date: compatibilityDate = "", compatibility_flags: compatibilityFlags } = config;
  const objects = config.durable_objects.bindings.map(({ name, class_name: className }) => [name, className] as const);
  const vars = Object.entries(config.vars).map(([name, value]) => [name, String(value)] as const);
  return {
    code: bundledCode(),
    compatibilityDate,
    compatibilityFlags,
    objects: Object.fromEntries(objects),
    vars: { ...Object.fromEntries(vars), ...RAISED, BETTER_AUTH_SECRET: TEST_SECRET },
  };
}

function bundledCode(): string {
  const built = new GatewayOnDisk();
  try {
    return readFileSync(join(built.folder, "bundle", "index.js"), "utf8");
  } finally {
    built.remove();
  }
}

/** @param path with its query */
export function socketUrl(url: URL, path: string): string {
  const target = new URL(path, url);
  target.protocol = "ws:";
  return target.href;
}
