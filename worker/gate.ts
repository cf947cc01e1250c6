// What the Worker keeps between requests: the configuration it read and the keys it imported, once for each `env`.
import type { Authenticator } from "../auth/authenticator.ts";
import { composeWithAuthServer } from "../auth/compose.ts";
import { type AssertionMint, makeAssertionMint, makeTicketMint, type TicketMint } from "../auth/mint.ts";
import type { Problem } from "../auth/variables.ts";
import type { Note } from "../connection/audit.ts";
import { auditOf } from "../durable-objects/audit.ts";
import { listRevocations } from "../durable-objects/user-admission.ts";
import { type Config, readConfig } from "./config.ts";
import { EdgeMemory } from "./edge/edge-memory.ts";
import type { Env } from "./env.ts";
import { Guard } from "./guard.ts";
import { FailureLimit } from "./guard/failure-limit.ts";
import { RequestRates } from "./guard/request-rates.ts";
import { makeRevocationCheck, type RevocationCheck } from "./guard/revocation-check.ts";
import { Assertions } from "./proxy/identity/assertion.ts";

export interface OpenGate {
  readonly kind: "open";
  readonly config: Config;
  readonly guard: Guard;
  /** For who only asks what a credential is worth: it counts towards no limit and is nobody's attempt. */
  readonly authenticate: Authenticator;
  readonly mintTicket: TicketMint;
  /** Who makes a request, for upstreams. */
  readonly assertions: Assertions;
  readonly assertionKeys: AssertionMint["publicKeys"];
  readonly checkRevoked: RevocationCheck;
  readonly memory: EdgeMemory;
  /** The audit. */
  readonly note: Note;
}

/** Closed while anything is wrong with the configuration: then nobody gets in, instead of somebody by accident. */
export type Gate =
  | OpenGate
  | { readonly kind: "closed"; readonly config: Config; readonly problems: readonly Problem[] };

const gates = new WeakMap<Env, Gate>();

export function gateOf(env: Env): Gate {
  const known = gates.get(env);
  if (known !== undefined) return known;
  const gate = openGate(env);
  gates.set(env, gate);
  return gate;
}

function openGate(env: Env): Gate {
  const { config, problems } = readConfig(env);
  const note = auditOf(env);
  if (problems.length > 0) {
    const variables = new Set(problems.map(({ variable }) => variable));
    note({ event: "misconfigured", code: "MISCONFIGURED", variables: [...variables].join(",") });
    return { kind: "closed", config, problems };
  }
  const authenticate = composeWithAuthServer(config.auth, env.AUTH);
  const failures = new FailureLimit(env.FAILURE_LIMIT);
  const requests = new RequestRates(config.stream.rate);
  const guard = new Guard({ authenticate, connects: env.CONNECT_LIMIT, failures, requests, note });
  const mintTicket = makeTicketMint(config.auth.secrets);
  const { sign, publicKeys: assertionKeys } = makeAssertionMint(config.auth.assertionKeys, config.auth.secrets);
  const assertions = new Assertions(sign);
  const checkRevoked = makeRevocationCheck((session) => listRevocations(env, session), config.revocationCacheMs);
  const memory = new EdgeMemory();
  return {
    kind: "open",
    config,
    guard,
    authenticate,
    checkRevoked,
    mintTicket,
    assertions,
    assertionKeys,
    memory,
    note,
  };
}
