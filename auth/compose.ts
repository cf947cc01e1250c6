// Puts the authenticator together from the configuration; the only importer of verifiers/.
import { AnswerCache } from "./answer-cache.ts";
import { makeKeySource } from "./auth-server/key-source.ts";
import { type AuthServerBinding, makeAuthServerFetch } from "./auth-server/reach.ts";
import { makeAuthServer } from "./auth-server/session-source.ts";
import { type Authenticator, makeAuthenticator, type Verifiers } from "./authenticator.ts";
import type { AuthConfig } from "./config.ts";
import { asSigned, type Confirm, confirmBy } from "./confirmation.ts";
import { KeySets } from "./key-sets.ts";
import { deriveEncryptionKey, deriveTicketKey, importHmacKey, type TimedKey } from "./keys.ts";
import type { AuthServer, KeySource } from "./ports.ts";
import type { AuthServerSecret } from "./secrets.ts";
import { ANSWER_LIFE_MS, SessionAnswers } from "./session-answers.ts";
import type { TokenKind, Verifier } from "./verifier.ts";
import { apiKeyVerifier } from "./verifiers/api-key.ts";
import { jwtVerifier } from "./verifiers/jwt.ts";
import { sessionCompactVerifier } from "./verifiers/session-compact.ts";
import { sessionJweVerifier } from "./verifiers/session-jwe.ts";
import { sessionJwksVerifier } from "./verifiers/session-jwks.ts";
import { sessionJwtVerifier } from "./verifiers/session-jwt.ts";
import { sessionLookupVerifier } from "./verifiers/session-lookup.ts";
import { sharedSecretVerifier } from "./verifiers/shared-secret.ts";
import { ticketVerifier } from "./verifiers/ticket.ts";

/** As long as Better Auth believes its own cookie cache unless configured otherwise: no sign-out is noticed later than there. */
const CONFIRMATION_LIFE_MS = 300_000;

/**
 * With the auth server that the deployment has.
 * @param config of which nothing was reported
 * @param binding to the auth server, where there is one
 */
export function composeWithAuthServer(config: AuthConfig, binding: AuthServerBinding | undefined): Authenticator {
  const reach = makeAuthServerFetch(config.authServer, binding);
  if (reach === undefined) return composeAuthenticator(config, undefined, undefined);
  const authServer = makeAuthServer(config.credentialPlaces.cookiePrefix, reach);
  return composeAuthenticator(config, authServer, makeKeySource(config.authServer, reach));
}

/**
 * @param config of which nothing was reported
 * @param authServer undefined where none can be asked; session tokens are then not taken
 * @param keySource undefined in the same case; what the auth server signs with a key is then not taken
 */
export function composeAuthenticator(
  config: AuthConfig,
  authServer: AuthServer | undefined,
  keySource: KeySource | undefined,
): Authenticator {
  const { claimRules, jwtSecret, adminKey } = config;
  const tokenKinds = kindsOf(config);
  const confirm = confirmationOf(config, authServer);
  const takes = (...kinds: readonly TokenKind[]): boolean => kinds.some((kind) => tokenKinds.has(kind));
  const keys = [...(takes("api-key") ? config.apiKeys : []), ...(adminKey === undefined ? [] : [adminKey])];
  // One import an isolate; the first tokens share the promise.
  const sessionKeys = keysOf(config.secrets, importHmacKey);
  const keySets = keySource === undefined ? undefined : new KeySets(keySource);
  const verifiers: Required<Verifiers> = {
    "session-jwt": takes("session-jwt", "session-jwt-flat")
      ? once(sessionKeys, (imported) => sessionJwtVerifier(imported, claimRules, tokenKinds, confirm))
      : undefined,
    "session-jwe": takes("session-jwe")
      ? once(keysOf(config.secrets, deriveEncryptionKey), (derived) => sessionJweVerifier(derived, claimRules))
      : undefined,
    "session-compact": takes("session-compact")
      ? once(sessionKeys, (imported) => sessionCompactVerifier(imported, claimRules, confirm))
      : undefined,
    "session-jwks":
      takes("session-jwks") && keySets !== undefined ? sessionJwksVerifier(keySets, claimRules) : undefined,
    "session-token":
      takes("session-token") && authServer !== undefined
        ? once(sessionKeys, (imported) =>
            sessionLookupVerifier(imported, new SessionAnswers(authServer, new AnswerCache(ANSWER_LIFE_MS))),
          )
        : undefined,
    jwt: takes("jwt") && keySets !== undefined ? jwtVerifier(keySets, claimRules.maxTokenLifetimeS) : undefined,
    "shared-secret":
      takes("shared-secret") && jwtSecret !== undefined
        ? once(importHmacKey(jwtSecret.value), (key) =>
            sharedSecretVerifier(key, jwtSecret, claimRules.maxTokenLifetimeS),
          )
        : undefined,
    "api-key": keys.length > 0 ? apiKeyVerifier(keys) : undefined,
    ticket: takes("ticket") ? once(keysOf(config.secrets, deriveTicketKey), ticketVerifier) : undefined,
  };
  return makeAuthenticator(verifiers, config.sessionLifetime);
}

/** Where there is nobody to ask, nobody is believed. */
function confirmationOf({ confirmsHs256 }: AuthConfig, authServer: AuthServer | undefined): Confirm {
  if (!confirmsHs256) return asSigned;
  if (authServer === undefined) return () => Promise.resolve({ reason: "auth-server-unavailable" });
  return confirmBy(new SessionAnswers(authServer, new AnswerCache(ANSWER_LIFE_MS, CONFIRMATION_LIFE_MS)));
}

/** Without those that cannot be confirmed: a flat session holds no token that the auth server would know. */
function kindsOf({ confirmsHs256, tokenKinds }: AuthConfig): ReadonlySet<TokenKind> {
  return new Set([...tokenKinds].filter((kind) => !(confirmsHs256 && kind === "session-jwt-flat")));
}

/** What is made of each secret, in their order. */
function keysOf<Key>(
  secrets: readonly AuthServerSecret[],
  make: (secret: string) => Promise<Key>,
): Promise<readonly TimedKey<Key>[]> {
  return Promise.all(secrets.map(async ({ value, endsAtMs }) => ({ key: await make(value), endsAtMs })));
}

/** A verifier whose keys are made meanwhile. */
function once<Keys>(keys: Promise<Keys>, make: (keys: Keys) => Verifier): Verifier {
  const verifier = keys.then(make);
  return async (token, occasion) => (await verifier)(token, occasion);
}
