// The whole configuration, read once an isolate and checked together, so that every problem is reported at once.
import { type AuthConfig, CONFIRM_NAME, readAuthConfig } from "../auth/config.ts";
import { type Problem, VariableReader, type Variables } from "../auth/variables.ts";
import {
  readEvents,
  readJurisdiction,
  readMaxConnectionsPerUser,
  readMaxStreamsPerUser,
  readStreamConfig,
  type StreamConfig,
} from "../durable-objects/config.ts";
import { readSocketIoConfig, type SocketIoConfig } from "./edge/socket-io/config.ts";
import { readRoutes } from "./proxy/route-config.ts";
import type { RouteTable } from "./proxy/route-table.ts";

export interface Config {
  readonly auth: AuthConfig;
  /** What the objects read for themselves; the Worker needs it for the sockets that it holds. */
  readonly stream: StreamConfig;
  readonly edge: EdgeConfig;
  readonly socketIo: SocketIoConfig;
  /** How long requests may go on after a revocation, in milliseconds. */
  readonly revocationCacheMs: number;
  /** What lies behind the gate. */
  readonly routes: RouteTable;
}

/** For the sockets that the Worker holds itself. */
export interface EdgeConfig {
  readonly authTimeoutMs: number;
  readonly registerTimeoutMs: number;
  /** What may wait for all of them together, in this isolate. */
  readonly edgeBufferBytes: number;
  /** What may wait for each side of a piped socket. */
  readonly proxyBufferBytes: number;
}

export interface ConfigReport {
  readonly config: Config;
  /** Empty where the gateway may let somebody in. */
  readonly problems: readonly Problem[];
}

const KIB = 1024;
const MIB = 1024 * KIB;

export function readConfig(env: Variables): ConfigReport {
  const variables = new VariableReader(env);
  const auth = readAuthConfig(variables);
  const authPath = variables.binding("AUTH") === undefined ? undefined : auth.authServer.path;
  const config = {
    auth,
    stream: readStreamConfig(variables),
    edge: {
      authTimeoutMs: variables.integer("AUTH_TIMEOUT_S", 10, 1, 300) * 1000,
      registerTimeoutMs: variables.integer("REGISTER_TIMEOUT_S", 10, 1, 300) * 1000,
      edgeBufferBytes: variables.integer("EDGE_BUFFER_BYTES", 32 * MIB, MIB, 96 * MIB),
      proxyBufferBytes: variables.integer("PROXY_BUFFER_BYTES", MIB, KIB, 64 * MIB),
    },
    socketIo: readSocketIoConfig(variables, authPath),
    revocationCacheMs: variables.integer("REVOCATION_CACHE_S", 10, 0, 300) * 1000,
    routes: readRoutes(variables, authPath),
  };
  if (
    config.auth.confirmsHs256 &&
    config.auth.authServer.url === undefined &&
    variables.binding("AUTH") === undefined
  ) {
    variables.report(CONFIRM_NAME, "needs an auth server to ask: the binding AUTH, or BETTER_AUTH_URL");
  }
  // Read by the objects and by who addresses them.
  readMaxStreamsPerUser(variables);
  readMaxConnectionsPerUser(variables);
  readJurisdiction(variables);
  readEvents(variables);
  for (const name of ["CONNECT_LIMIT", "FAILURE_LIMIT"]) checkLimit(variables, name);
  return { config, problems: variables.problems };
}

/** A number in its place would limit nothing. */
function checkLimit(variables: VariableReader, name: string): void {
  const binding = variables.binding(name);
  const isLimit = typeof binding === "object" && binding !== null && "limit" in binding;
  if (binding !== undefined && !isLimit) variables.report(name, "must be a binding of [[ratelimits]]");
}
