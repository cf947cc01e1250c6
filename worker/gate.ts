// What the Worker keeps between requests: the configuration it read and the keys it imported, once for each `env`.
import type { Authenticator } from "../auth/authenticator.ts";
import { composeAuthenticator } from "../auth/compose.ts";
import type { Problem, Variables } from "../auth/variables.ts";
import { type Config, readConfig } from "./config.ts";

/** Closed while anything is wrong with the configuration: then nobody gets in, instead of somebody by accident. */
export type Gate =
  | { readonly kind: "open"; readonly config: Config; readonly authenticate: Authenticator }
  | { readonly kind: "closed"; readonly config: Config; readonly problems: readonly Problem[] };

const gates = new WeakMap<Variables, Gate>();

export function gateOf(env: Variables): Gate {
  const known = gates.get(env);
  if (known !== undefined) return known;
  const gate = openGate(env);
  gates.set(env, gate);
  return gate;
}

function openGate(env: Variables): Gate {
  const { config, problems } = readConfig(env);
  const { secret } = config.auth;
  return problems.length > 0 || secret === undefined
    ? { kind: "closed", config, problems }
    : { kind: "open", config, authenticate: composeAuthenticator(config.auth, secret) };
}
