// The variables that decide who gets in, parsed once and checked together.
import { type ApiKey, readAdminKey, readApiKeys } from "./api-keys.ts";
import { type GivenKey, readAssertionKeys } from "./assertion-key.ts";
import { type AuthServerConfig, readAuthServerConfig } from "./auth-server/config.ts";
import type { ClaimRules } from "./claims.ts";
import type { CredentialPlaces } from "./credential.ts";
import { type JwtSecret, readJwtSecret } from "./jwt-secret.ts";
import { readSecrets, type AuthServerSecret } from "./secrets.ts";
import type { VariableReader } from "./variables.ts";
import { TOKEN_KINDS, type TokenKind } from "./verifier.ts";

/** To the session's own end, or to the token's `exp`. */
export type SessionLifetime = "session" | "token";

export interface AuthConfig {
  /** Of the auth server, the current one first; empty where one may not be used, and a fault was reported then. */
  readonly secrets: readonly AuthServerSecret[];
  readonly tokenKinds: ReadonlySet<TokenKind>;
  /** Whether a session that only the secret's HMAC vouches for must be known to the auth server as well. */
  readonly confirmsHs256: boolean;
  readonly claimRules: ClaimRules;
  /** Of another system; undefined where its tokens are not taken. */
  readonly jwtSecret: JwtSecret | undefined;
  readonly apiKeys: readonly ApiKey[];
  readonly adminKey: ApiKey | undefined;
  /** The operator's own for assertions, the one that signs first; empty where they are made of the secrets. */
  readonly assertionKeys: readonly GivenKey[];
  readonly credentialPlaces: CredentialPlaces;
  /** Origins, beside the gateway's own, whose pages may use cookies and read answers. */
  readonly allowedOrigins: ReadonlySet<string>;
  readonly sessionLifetime: SessionLifetime;
  readonly authServer: AuthServerConfig;
}

export const CONFIRM_NAME = "CONFIRM_HS256";
const WEEK_S = 604_800;
const DEFAULT_KEY_HEADERS = ["kyutai-api-key"];
/** RFC 9110 §5.6.2. */
const HEADER_NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$/;

export function readAuthConfig(variables: VariableReader): AuthConfig {
  const secrets = readSecrets(variables);
  const jwtSecret = readJwtSecret(variables, secrets);
  const signedWith = [...secrets, ...(jwtSecret === undefined ? [] : [jwtSecret])].map(({ value }) => value);
  const cacheVersion = variables.text("BETTER_AUTH_CACHE_VERSION") ?? "1";
  return {
    secrets,
    tokenKinds: readTokenKinds(variables),
    confirmsHs256: variables.flag(CONFIRM_NAME),
    claimRules: {
      cacheVersion: cacheVersion === "*" ? undefined : cacheVersion,
      maxTokenLifetimeS: readMaxTokenLifetimeS(variables),
    },
    jwtSecret,
    apiKeys: readApiKeys(variables, signedWith),
    adminKey: readAdminKey(variables, signedWith),
    assertionKeys: readAssertionKeys(variables, signedWith),
    credentialPlaces: {
      query: variables.oneOf("QUERY_CREDENTIALS", ["all", "tickets", "none"], "all"),
      apiKeyHeaders: ["x-api-key", ...readHeaderNames(variables)],
      cookiePrefix: readCookiePrefix(variables),
    },
    allowedOrigins: readOrigins(variables),
    sessionLifetime: variables.oneOf("SESSION_LIFETIME", ["session", "token"], "session"),
    authServer: readAuthServerConfig(variables),
  };
}

/** How long a token may be taken, from when it was made. */
export function readMaxTokenLifetimeS(variables: VariableReader): number {
  return variables.integer("MAX_TOKEN_LIFETIME_S", WEEK_S, 1, 10 * WEEK_S);
}

function readTokenKinds(variables: VariableReader): ReadonlySet<TokenKind> {
  const names = variables.list("TOKEN_KINDS") ?? TOKEN_KINDS;
  const kinds = TOKEN_KINDS.filter((kind) => names.includes(kind));
  if (kinds.length < names.length || kinds.length === 0) {
    variables.report("TOKEN_KINDS", `must be a comma list out of ${TOKEN_KINDS.join(", ")}`);
  }
  return new Set(kinds);
}

function readHeaderNames(variables: VariableReader): readonly string[] {
  const names = variables.list("API_KEY_HEADERS") ?? DEFAULT_KEY_HEADERS;
  if (names.every((name) => HEADER_NAME.test(name))) return names;
  variables.report("API_KEY_HEADERS", "must be a comma list of header names");
  return DEFAULT_KEY_HEADERS;
}

function readCookiePrefix(variables: VariableReader): string {
  const prefix = variables.text("BETTER_AUTH_COOKIE_PREFIX") ?? "better-auth";
  if (/^[A-Za-z0-9._-]{1,64}$/.test(prefix)) return prefix;
  variables.report("BETTER_AUTH_COOKIE_PREFIX", "must be the start of a cookie's name");
  return "better-auth";
}

/** Only what a browser would write: a pattern, a path or a trailing slash would never match and protect nobody. */
function readOrigins(variables: VariableReader): ReadonlySet<string> {
  const origins = variables.list("ALLOWED_ORIGINS") ?? [];
  if (!origins.every((origin) => !origin.includes("*") && URL.canParse(origin) && new URL(origin).origin === origin)) {
    variables.report("ALLOWED_ORIGINS", "must be a comma list of exact origins such as https://app.example");
  }
  return new Set(origins);
}
