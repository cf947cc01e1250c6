// Verifies the tokens that renew a session; what that takes is made at the first of them, since most objects see none.
import type { AuthServerBinding } from "../auth/auth-server/reach.ts";
import { type Authenticator, isAuthenticated } from "../auth/authenticator.ts";
import { authenticateByMessage } from "../auth/by-message.ts";
import { composeWithAuthServer } from "../auth/compose.ts";
import { readAuthConfig } from "../auth/config.ts";
import { toPublic } from "../auth/failure.ts";
import { VariableReader, type Variables } from "../auth/variables.ts";
import type { Occasion } from "../auth/verifier.ts";
import { credentialEvent, type Note } from "../connection/audit.ts";
import type { RenewalPorts } from "./stream/sessions/renewing.ts";

/** What decides who gets in. */
type AuthEnv = Variables & { readonly AUTH?: AuthServerBinding };

/** One for each object: what is asked of the auth server belongs to the object that asks, and no other may wait for it. */
export function makeTokenVerifier(env: AuthEnv, note: Note, keepAlive: Occasion["keepAlive"]): RenewalPorts["verify"] {
  let authenticate: Authenticator | undefined;
  return async (token, { connectionId, origin, streamId }) => {
    authenticate ??= open(env);
    // With such a configuration nobody gets in; but nobody who is there goes for a mistake that is not his.
    if (authenticate === undefined) return { code: "AUTH_UNAVAILABLE" };
    const result = await authenticateByMessage(authenticate, token, { nowMs: Date.now(), origin, keepAlive });
    note(credentialEvent(result, { place: "message", slot: "any-token", streamId, connectionId }));
    return isAuthenticated(result) ? result : toPublic(result);
  };
}

/** Undefined where something is wrong with the configuration. */
function open(env: AuthEnv): Authenticator | undefined {
  const variables = new VariableReader(env);
  const config = readAuthConfig(variables);
  return variables.problems.length > 0 ? undefined : composeWithAuthServer(config, env.AUTH);
}
