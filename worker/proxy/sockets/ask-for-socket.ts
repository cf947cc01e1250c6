// Asks an upstream for a WebSocket, within the route's time.
import { foreignSubprotocols } from "../../../auth/credential.ts";
import type { CredentialPlaces } from "../../../auth/credential.ts";
import { subprotocolHeader } from "../../doors/refusal.ts";
import type { Env } from "../../env.ts";
import { attempt, type Outcome } from "../attempt.ts";
import { fetcherOf, PORTS } from "../forward.ts";
import type { Bearer } from "../identity/bearer.ts";
import type { Route } from "../route-table.ts";
import { upstreamHeaders, upstreamUrl } from "../upstream-request.ts";

/** What came of asking; `refused` by an answer that is no 101. */
export type UpstreamSocket =
  | {
      readonly kind: "open";
      readonly response: Response;
      /** Not accepted yet. */
      readonly socket: WebSocket;
      /** Drops the connection at once, with all that waits for it. */
      readonly cut: () => void;
    }
  | { readonly kind: "refused"; readonly response: Response }
  | Exclude<Outcome, { kind: "answered" }>;

/** Never rejects. */
export async function askForSocket(
  request: Pick<Request, "url" | "headers">,
  route: Route,
  bearer: Bearer,
  env: Env,
  places: CredentialPlaces,
): Promise<UpstreamSocket> {
  const headers = upstreamHeaders(request.headers, route, bearer, places);
  headers.set("Upgrade", "websocket");
  // Of what the client offered, the entries that hold a token are the gate's, and so is its own name.
  const offered = foreignSubprotocols(request.headers);
  const named = offered.length === 0 ? undefined : offered.join(", ");
  for (const [name, value] of Object.entries(subprotocolHeader(named))) headers.set(name, value);
  const url = upstreamUrl(request.url, route);
  const connection = new AbortController();
  const { signal } = connection;
  // Followed, a redirect would take the identity to wherever it leads.
  const send = (): Promise<Response> => fetcherOf(route, env)(url, { headers, redirect: "manual", signal });
  const outcome = await attempt(send, { timeoutMs: route.timeoutMs, mayRepeat: true }, PORTS);
  if (outcome.kind !== "answered") {
    // What comes too late would be a socket that nobody reads.
    connection.abort();
    return outcome;
  }
  const { response } = outcome;
  const { webSocket: socket } = response;
  return socket === null
    ? { kind: "refused", response }
    : { kind: "open", response, socket, cut: () => connection.abort() };
}
