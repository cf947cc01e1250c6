// The variables that say where the auth server is.
import type { VariableReader } from "../variables.ts";

export interface AuthServerConfig {
  /** Where it is reached through the gateway, without a slash at the end. */
  readonly path: string;
  /** Its own address, with its path where that is not `path`. */
  readonly url: string | undefined;
}

const DEFAULT_AUTH_PATH = "/api/auth";

export function readAuthServerConfig(variables: VariableReader): AuthServerConfig {
  return { path: readAuthPath(variables), url: readAuthUrl(variables) };
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
