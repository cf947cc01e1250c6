// Where the public keys of the auth server come from, and under which name it issues tokens.
import type { KeySetAnswer, KeySource } from "../ports.ts";
import type { AuthServerConfig } from "./config.ts";
import type { AuthServerFetch } from "./reach.ts";

/** Source: `packages/better-auth/src/plugins/jwt/index.ts`. */
const JWKS = "/jwks";

export function makeKeySource({ url }: AuthServerConfig, reach: AuthServerFetch): KeySource {
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
