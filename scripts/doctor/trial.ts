// Tries tokens on the gateway's own code, with the deployment's configuration and the running auth server.
import { makeKeySource } from "../../auth/auth-server/key-source.ts";
import { makeAuthServerFetch } from "../../auth/auth-server/reach.ts";
import { makeAuthServer } from "../../auth/auth-server/session-source.ts";
import { type Authenticator, isAuthenticated } from "../../auth/authenticator.ts";
import { composeAuthenticator } from "../../auth/compose.ts";
import type { AuthConfig } from "../../auth/config.ts";
import type { AuthFailure } from "../../auth/failure.ts";
import { BETTER_AUTH_DEFAULTS } from "../../auth/published-secrets.ts";
import type { Occasion } from "../../auth/verifier.ts";
import type { Config } from "../../worker/config.ts";
import type { Sample } from "./sign-in.ts";
import { type TokenFacts, tokenFacts } from "./token-kind.ts";

export interface Trial {
  readonly sample: Sample;
  readonly facts: TokenFacts;
  readonly outcome: Accepted | Refused;
}

export interface Accepted {
  readonly kind: "accepted";
  /** From when the auth server made it until it ends, in seconds; undefined where it has no end of its own. */
  readonly tokenLifeS: number | undefined;
  /** How long the session still lives, in seconds; undefined for keys, which have none. */
  readonly sessionLeftS: number | undefined;
  /** Whether the first of several secrets made it, or none of them had to. */
  readonly byCurrentSecret: boolean;
}

export interface Refused {
  readonly kind: "refused";
  readonly failure: AuthFailure;
  /** It was made with the secret that everybody can read in Better Auth's code. */
  readonly byDefaultSecret: boolean;
}

export interface Surroundings {
  readonly config: Config;
  /** The auth server's address with its path; undefined where the deployment asks none. */
  readonly authServerBase: string | undefined;
  /** Under which clients reach the gateway. */
  readonly gatewayOrigin: string;
}

export async function tryToken(sample: Sample, surroundings: Surroundings, nowMs: number): Promise<Trial> {
  const { auth } = surroundings.config;
  const attempt = (changes: Partial<AuthConfig>) => {
    const authenticate = authenticatorOf(surroundings, { ...auth, ...changes });
    return authenticate(sample.token, sample.slot, occasionAt(nowMs, surroundings.gatewayOrigin));
  };
  const facts = tokenFacts(sample.token);
  const toSession = await attempt({ sessionLifetime: "session" });
  if (!isAuthenticated(toSession)) {
    const defaults = BETTER_AUTH_DEFAULTS.map((value) => ({ value, endsAtMs: undefined }));
    const byDefaultSecret = isUnknownKey(toSession) && isAuthenticated(await attempt({ secrets: defaults }));
    return { sample, facts, outcome: { kind: "refused", failure: toSession, byDefaultSecret } };
  }
  const toToken = await attempt({ sessionLifetime: "token" });
  const endsAtMs = isAuthenticated(toToken) ? toToken.endsAtMs : undefined;
  const sessionEndsAtMs = toSession.endsAtMs;
  // Of both ends the earlier one is told, so a token that ends with its session has no end of its own.
  const tokenEndsAtMs = endsAtMs === sessionEndsAtMs && facts.kind === "session-token" ? undefined : endsAtMs;
  const byCurrentSecret = (toSession.shown.keyNumber ?? 0) === 0;
  return {
    sample,
    facts,
    outcome: {
      kind: "accepted",
      tokenLifeS:
        tokenEndsAtMs === undefined ? undefined : tokenEndsAtMs / 1000 - (toSession.issuedAtS ?? nowMs / 1000),
      sessionLeftS: sessionEndsAtMs === undefined ? undefined : (sessionEndsAtMs - nowMs) / 1000,
      byCurrentSecret,
    },
  };
}

function authenticatorOf({ authServerBase }: Surroundings, auth: AuthConfig): Authenticator {
  const { authServer, credentialPlaces } = auth;
  const reach = makeAuthServerFetch({ ...authServer, url: authServerBase }, undefined);
  if (reach === undefined) return composeAuthenticator(auth, undefined, undefined);
  // The expected issuer is the deployment's, wherever this machine reaches the auth server.
  const keySource = makeKeySource(authServer, reach);
  return composeAuthenticator(auth, makeAuthServer(credentialPlaces.cookiePrefix, reach), keySource);
}

function isUnknownKey({ reason }: AuthFailure): boolean {
  return reason === "signature-mismatch" || reason === "unknown-kid";
}

function occasionAt(nowMs: number, origin: string): Occasion {
  return { nowMs, origin, keepAlive: () => undefined };
}
