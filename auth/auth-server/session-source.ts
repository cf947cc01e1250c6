// Asks the auth server about a session token.
import { isJsonObject } from "../../protocol/json.ts";
import type { AuthServer, AuthServerAnswer, SessionToken } from "../ports.ts";
import type { AuthServerFetch } from "./reach.ts";

/**
 * Both flags are set because their absence costs: without the first a revoked session is still answered from the
 * cookie cache, without the second a look-up extends the session and sets cookies that nobody receives.
 * Source: `packages/better-auth/src/api/routes/session.ts`.
 */
const GET_SESSION = "/get-session?disableCookieCache=true&disableRefresh=true";

/** @param cookiePrefix Better Auth's `advanced.cookiePrefix` */
export function makeAuthServer(cookiePrefix: string, reach: AuthServerFetch): AuthServer {
  return async (token, gatewayOrigin) => {
    try {
      const headers = credentialHeaders(token, cookiePrefix);
      return await readAnswer(await reach(GET_SESSION, gatewayOrigin, headers));
    } catch {
      return { kind: "unavailable" }; // no connection, no answer in time, or a body that is not JSON
    }
  };
}

/**
 * A signed token goes as the cookie that it is, under both names it can have, so that the server needs no plugin. A raw
 * one goes as Bearer, where the server's `bearer()` plugin decides whether to take it; the gateway never signs one.
 */
function credentialHeaders({ kind, text }: SessionToken, cookiePrefix: string): Record<string, string> {
  if (kind === "raw") return { Authorization: `Bearer ${text}` };
  const pair = `${cookiePrefix}.session_token=${encodeURIComponent(text)}`;
  return { Cookie: `${pair}; __Secure-${pair}` };
}

/** The auth server says 200 with `null` for whom it does not know, never 401. Anything else is its trouble. */
async function readAnswer(response: Response): Promise<AuthServerAnswer> {
  if (response.status !== 200) return { kind: "unavailable" };
  const body: unknown = await response.json();
  if (body === null) return { kind: "none" };
  if (!isJsonObject(body) || body["session"] === undefined) return { kind: "unavailable" };
  return { kind: "session", session: body["session"], user: body["user"] };
}
