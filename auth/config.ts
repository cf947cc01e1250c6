// The variables that decide who gets in, parsed once for Worker and object.
import type { ClaimRules } from "./claims.ts";
import type { CredentialPlaces } from "./credential.ts";
import { secretFault } from "./keys.ts";
import type { VariableReader } from "./variables.ts";

/** To the session's own end, or to the token's `exp`. */
export type SessionLifetime = "session" | "token";

export interface AuthConfig {
  /** Present where it may be used; a fault was reported otherwise. */
  readonly secret: string | undefined;
  readonly claimRules: ClaimRules;
  readonly credentialPlaces: CredentialPlaces;
  readonly sessionLifetime: SessionLifetime;
}

const WEEK_S = 604_800;

export function readAuthConfig(variables: VariableReader): AuthConfig {
  const secret = variables.text("BETTER_AUTH_SECRET");
  const fault = secretFault(secret);
  if (fault !== undefined) variables.report("BETTER_AUTH_SECRET", fault);
  const cacheVersion = variables.text("BETTER_AUTH_CACHE_VERSION") ?? "1";
  return {
    secret: fault === undefined ? secret : undefined,
    claimRules: {
      cacheVersion: cacheVersion === "*" ? undefined : cacheVersion,
      maxTokenLifetimeS: variables.integer("MAX_TOKEN_LIFETIME_S", WEEK_S, 1, 10 * WEEK_S),
    },
    credentialPlaces: { query: variables.oneOf("QUERY_CREDENTIALS", ["all", "tickets", "none"], "all") },
    sessionLifetime: variables.oneOf("SESSION_LIFETIME", ["session", "token"], "session"),
  };
}
