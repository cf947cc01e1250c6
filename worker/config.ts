// The whole configuration, read once an isolate and checked together, so that every problem is reported at once.
import { type AuthConfig, readAuthConfig } from "../auth/config.ts";
import { type Problem, VariableReader, type Variables } from "../auth/variables.ts";
import { readStreamConfig } from "../durable-objects/config.ts";

export interface Config {
  readonly auth: AuthConfig;
  /** Where the auth server is reached through the gateway, without a slash at the end. */
  readonly authPath: string;
}

export interface ConfigReport {
  readonly config: Config;
  /** Empty where the gateway may let somebody in. */
  readonly problems: readonly Problem[];
}

export function readConfig(env: Variables): ConfigReport {
  const variables = new VariableReader(env);
  const config = { auth: readAuthConfig(variables), authPath: readAuthPath(variables) };
  // The object reads these for itself; here they are only checked, before anyone reaches an object.
  readStreamConfig(variables);
  return { config, problems: variables.problems };
}

function readAuthPath(variables: VariableReader): string {
  const path = (variables.text("AUTH_PATH") ?? "/api/auth").replace(/\/+$/, "");
  if (/^(?:\/[A-Za-z0-9._-]+)+$/.test(path)) return path;
  variables.report("AUTH_PATH", "must be a path such as /api/auth");
  return "/api/auth";
}
