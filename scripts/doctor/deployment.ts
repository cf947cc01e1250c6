// A deployment as this machine knows it: what wrangler would deploy, and the secrets that lie here.
import { join } from "node:path";
import {
  type Unstable_Config as WranglerConfig,
  unstable_getVarsForDev as readSecretFiles,
  unstable_readConfig as readWranglerConfig,
} from "wrangler";
import type { Variables } from "../../auth/variables.ts";
import { readConfig } from "../../worker/config.ts";
import { ROOT } from "../wrangler.ts";

export interface Deployment {
  /** Undefined for the top level. */
  readonly environment: string | undefined;
  /** As the Worker would see them; something stands for each binding. */
  readonly variables: Variables;
  /** Which variables are not in the configuration's file, and where they are from instead. */
  readonly elsewhere: ReadonlyMap<string, Source>;
  readonly bindings: ReadonlySet<string>;
  /** Under which its first route is reached; undefined where it has none. */
  readonly origin: string | undefined;
}

export type Source = "the environment of this command" | "the files .dev.vars or .env";

export interface Unreadable {
  readonly kind: "unreadable";
  readonly why: string;
}

/** The names of all variables that the gateway reads. */
export function knownVariables(): ReadonlySet<string> {
  const names = new Set<string>();
  readConfig(new Proxy({}, { get: (_target, name) => void names.add(String(name)) }));
  return names;
}

/**
 * What stands in the file counts, as it does in a deployment. What does not may be a secret: it is taken from this
 * process, else from the files that `wrangler dev` reads.
 */
export function readDeployment(configPath: string, environment: string | undefined): Deployment | Unreadable {
  let config: WranglerConfig;
  try {
    config = readWranglerConfig({ config: configPath, env: environment ?? "" }, { hideWarnings: true });
  } catch (error) {
    return { kind: "unreadable", why: reasonOf(error) };
  }
  // In a file without any environment wrangler takes the top level for whatever is named.
  if (environment !== undefined && config.definedEnvironments?.includes(environment) !== true) {
    return { kind: "unreadable", why: `has no environment "${environment}"` };
  }
  const variables: Record<string, unknown> = {};
  const elsewhere = new Map<string, Source>();
  const files = [configPath, join(ROOT, "wrangler.toml")].map((path) =>
    readSecretFiles(path, undefined, {}, environment, true),
  );
  const take = (name: string): void => {
    const inFiles = files.find((file) => file[name] !== undefined)?.[name]?.value;
    const found = process.env[name] ?? inFiles;
    variables[name] = config.vars[name] ?? found;
    if (config.vars[name] !== undefined || (found ?? "") === "") return;
    elsewhere.set(
      name,
      process.env[name] === undefined ? "the files .dev.vars or .env" : "the environment of this command",
    );
  };
  for (const name of knownVariables()) take(name);
  for (const name of namedInRoutes(variables["ROUTES"])) take(name);
  const services = (config.services ?? []).map(({ binding }) => binding);
  const limits = (config.ratelimits ?? []).map(({ name }) => name);
  for (const name of services) variables[name] = { fetch: () => undefined };
  return { environment, variables, elsewhere, bindings: new Set([...services, ...limits]), origin: originOf(config) };
}

/** Secrets that routes send to their upstreams. */
function namedInRoutes(routes: unknown): readonly string[] {
  return typeof routes === "string" ? [...routes.matchAll(/"\$([A-Z][A-Z0-9_]*)"/g)].map(([, name = ""]) => name) : [];
}

/** A pattern is a host, and perhaps a path behind it. */
function originOf({ routes = [] }: WranglerConfig): string | undefined {
  const [route] = routes;
  const pattern = typeof route === "object" ? route.pattern : route;
  const url = `https://${(pattern ?? "").split("/", 1)[0] ?? ""}`;
  return URL.canParse(url) && !url.includes("*") ? new URL(url).origin : undefined;
}

/** The first lines only: those behind show pieces of files. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : "cannot be read";
  return message
    .split("\n")
    .slice(0, 2)
    .map((line) => line.trim())
    .join(" ");
}
