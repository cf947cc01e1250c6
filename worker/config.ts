// The whole configuration, read once an isolate and checked together, so that every problem is reported at once.
import { type AuthConfig, readAuthConfig } from "../auth/config.ts";
import { type Problem, VariableReader, type Variables } from "../auth/variables.ts";
import {
  readJurisdiction,
  readMaxStreamsPerUser,
  readStreamConfig,
  type StreamConfig,
} from "../durable-objects/config.ts";

export interface Config {
  readonly auth: AuthConfig;
  /** What the objects read for themselves; the Worker needs it for the sockets that it holds. */
  readonly stream: StreamConfig;
  readonly edge: EdgeConfig;
  readonly authServer: AuthServerConfig;
}

/** For the sockets that the Worker holds itself. */
export interface EdgeConfig {
  readonly authTimeoutMs: number;
  readonly registerTimeoutMs: number;
  /** What may wait for all of them together, in this isolate. */
  readonly edgeBufferBytes: number;
}

export interface AuthServerConfig {
  /** Where it is reached through the gateway, without a slash at the end. */
  readonly path: string;
  /** Its own address, with its path where that is not `path`. */
  readonly url: string | undefined;
}

export interface ConfigReport {
  readonly config: Config;
  /** Empty where the gateway may let somebody in. */
  readonly problems: readonly Problem[];
}

const MIB = 1_048_576;
const DEFAULT_AUTH_PATH = "/api/auth";

export function readConfig(env: Variables): ConfigReport {
  const variables = new VariableReader(env);
  const config = {
    auth: readAuthConfig(variables),
    stream: readStreamConfig(variables),
    edge: {
      authTimeoutMs: variables.integer("AUTH_TIMEOUT_S", 10, 1, 300) * 1000,
      registerTimeoutMs: variables.integer("REGISTER_TIMEOUT_S", 10, 1, 300) * 1000,
      edgeBufferBytes: variables.integer("EDGE_BUFFER_BYTES", 32 * MIB, MIB, 96 * MIB),
    },
    authServer: { path: readAuthPath(variables), url: readAuthUrl(variables) },
  };
  // Read by the objects and by who addresses them.
  readMaxStreamsPerUser(variables);
  readJurisdiction(variables);
  return { config, problems: variables.problems };
}

function readAuthPath(variables: VariableReader): string {
  const path = (variables.text("AUTH_PATH") ?? DEFAULT_AUTH_PATH).replace(/\/+$/, "");
  if (/^(?:\/(?!\.+(?:\/|$))[A-Za-z0-9._-]+)+$/.test(path)) return path;
  variables.report("AUTH_PATH", "must be a path such as /api/auth");
  return DEFAULT_AUTH_PATH;
}

function readAuthUrl(variables: VariableReader): string | undefined {
  const text = variables.text("BETTER_AUTH_URL");
  if (text === undefined) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (
    url !== undefined &&
    /^https?:$/.test(url.protocol) &&
    url.search === "" &&
    url.hash === "" &&
    `${url.username}${url.password}` === ""
  ) {
    return url.href.replace(/\/+$/, "");
  }
  variables.report("BETTER_AUTH_URL", "must be an address such as https://app.example");
  return undefined;
}
