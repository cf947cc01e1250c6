// Puts the authenticator together from the configuration; the only importer of verifiers/.
import { AnswerCache } from "./answer-cache.ts";
import { type Authenticator, makeAuthenticator } from "./authenticator.ts";
import type { AuthConfig } from "./config.ts";
import { importSessionKey } from "./keys.ts";
import type { AuthServer } from "./ports.ts";
import type { TokenKind, Verifier } from "./verifier.ts";
import { apiKeyVerifier } from "./verifiers/api-key.ts";
import { sessionJwtVerifier } from "./verifiers/session-jwt.ts";
import { sessionLookupVerifier } from "./verifiers/session-lookup.ts";

/**
 * @param secret the configuration's, known to be usable
 * @param authServer undefined where none can be asked; session tokens are then not taken
 */
export function composeAuthenticator(
  config: AuthConfig,
  secret: string,
  authServer: AuthServer | undefined,
): Authenticator {
  const { tokenKinds, claimRules, adminKey } = config;
  const takes = (...kinds: readonly TokenKind[]): boolean => kinds.some((kind) => tokenKinds.has(kind));
  const keys = [...(takes("api-key") ? config.apiKeys : []), ...(adminKey === undefined ? [] : [adminKey])];
  // One import an isolate; the first tokens share the promise.
  const key = importSessionKey(secret);
  const withKey = (make: (key: CryptoKey) => Verifier): Verifier => {
    const verifier = key.then(make);
    return async (token, occasion) => (await verifier)(token, occasion);
  };
  const verifiers = {
    jwt: takes("session-jwt", "session-jwt-flat")
      ? withKey((imported) => sessionJwtVerifier([imported], claimRules, tokenKinds))
      : undefined,
    apiKey: keys.length > 0 ? apiKeyVerifier(keys) : undefined,
    sessionToken:
      takes("session-token") && authServer !== undefined
        ? withKey((imported) => sessionLookupVerifier(imported, authServer, new AnswerCache()))
        : undefined,
  };
  return makeAuthenticator(verifiers, config.sessionLifetime);
}
