// Where the public keys of the auth server come from, and under which name it issues tokens.
import type { KeySetAnswer, KeySource } from "../auth/ports.ts";
import type { AuthServerFetch } from "./auth-server.ts";
import type { Config } from "./config.ts";

/** Source: `packages/better-auth/src/plugins/jwt/index.ts`. */
const JWKS = "/jwks";

/** Undefined where there is no auth server. */
export function makeKeySource({ authServer }: Config, reach: AuthServerFetch | undefined): KeySource | undefined {
  if (reach === undefined) return undefined;
  const { url } = authServer;
  const ownOrigin = url === undefined ? undefined : new URL(url).origin;
  return {
    issuerOf: (gatewayOrigin) => ownOrigin ?? gatewayOrigin,
    ask: async (gatewayOrigin) => {
      try {
        return await readAnswer(await reach(JWKS, gatewayOrigin));
      } catch {
        return { kind: "unavailable" }; // no connection, no answer in time, or a body that is not JSON
      }
    },
  };
}

/** Without its jwt plugin an auth server has no such path: it has no keys, which is not a trouble that passes. */
async function readAnswer(response: Response): Promise<KeySetAnswer> {
  if (response.status === 404) return { kind: "keys", keySet: { keys: [] } };
  return response.status === 200 ? { kind: "keys", keySet: await response.json() } : { kind: "unavailable" };
}
