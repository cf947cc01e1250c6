// Puts the authenticator together from the configuration; the only importer of verifiers/.
import { type Authenticator, makeAuthenticator } from "./authenticator.ts";
import type { AuthConfig } from "./config.ts";
import { importSessionKey } from "./keys.ts";
import { sessionJwtVerifier } from "./verifiers/session-jwt.ts";

/** @param secret the configuration's, known to be usable. */
export function composeAuthenticator(config: AuthConfig, secret: string): Authenticator {
  // One import an isolate; the first tokens share the promise.
  const verifier = importSessionKey(secret).then((key) => sessionJwtVerifier([key], config.claimRules));
  return makeAuthenticator(async (token, nowMs) => (await verifier)(token, nowMs), config.sessionLifetime);
}
