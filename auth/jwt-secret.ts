// The variables JWT_…: tokens that another system signs with a secret of its own.
import type { Demanded } from "./registered-claims.ts";
import { secretFault } from "./secret-strength.ts";
import type { AuthServerSecret } from "./secrets.ts";
import type { VariableReader } from "./variables.ts";

export interface JwtSecret extends Demanded {
  readonly value: string;
  /** The claim that says who it is. */
  readonly userClaim: string;
}

const NAME = "JWT_SECRET";
const USER_CLAIM_NAME = "JWT_USER_CLAIM";
/** Claims that are the same for all users, or other ones in each token. */
const NOBODY: ReadonlySet<string> = new Set(["iss", "aud", "exp", "nbf", "iat", "jti"]);

/** Undefined where there is none, or none that may be used; a fault was reported then. */
export function readJwtSecret(
  variables: VariableReader,
  authServerSecrets: readonly AuthServerSecret[],
): JwtSecret | undefined {
  const value = variables.text(NAME);
  const userClaim = variables.text(USER_CLAIM_NAME) ?? "id";
  const issuer = variables.text("JWT_ISSUER");
  const audience = variables.text("JWT_AUDIENCE");
  if (value === undefined) return undefined;
  if (!/^[\u0021-\u007e]{1,128}$/.test(userClaim) || NOBODY.has(userClaim)) {
    variables.report(USER_CLAIM_NAME, "must be the name of a claim that says who it is");
  }
  // Else whoever may sign for the other system could sign sessions of any user here, and the other way round.
  const isAuthServers = authServerSecrets.some((secret) => secret.value === value);
  const fault = isAuthServers ? "must not be the auth server's secret" : secretFault(value);
  if (fault !== undefined) variables.report(NAME, fault);
  return fault === undefined ? { value, userClaim, issuer, audience } : undefined;
}
