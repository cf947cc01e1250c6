// What an upstream is sent of a request: its address on the upstream, and the headers that pass.
import type { CredentialPlaces } from "../../auth/credential.ts";
import type { Bearer } from "./identity/bearer.ts";
import { foldName, without, withoutForbiddenHeaders, withoutHopHeaders } from "./identity/headers.ts";
import { setIdentity } from "./identity/identity.ts";
import { withoutCredentials, withoutTokensInQuery } from "./identity/withheld.ts";
import type { Route } from "./route-table.ts";

/**
 * The address on the upstream: its origin from the configuration, path and query as they were sent, without the route's own
 * path where it is stripped and without tokens. A bound Worker sees the gateway's own origin, as if it stood there itself.
 * @param url of the client's request
 */
export function upstreamUrl(url: string, { path, stripPrefix, upstream }: Route): string {
  const { origin, pathname } = new URL(url);
  const [withQuery = ""] = url.split("#", 1);
  const at = withQuery.indexOf("?");
  const query = at < 0 ? "" : withoutTokensInQuery(withQuery.slice(at));
  const below = stripPrefix && path !== "/" ? pathname.slice(path.length) : pathname;
  return `${upstream.kind === "service" ? origin : upstream.origin}${below === "" ? "/" : below}${query}`;
}

/**
 * First everything is taken away that the client may not say, then the gate says what it knows: the other way round,
 * `Connection: X-Auth-User-Id` would take the identity away.
 */
export function upstreamHeaders(
  headers: Headers,
  route: Pick<Route, "setHeaders">,
  { principal, assertion }: Bearer,
  places: CredentialPlaces,
): Headers {
  const passing = withoutForbiddenHeaders(withoutHopHeaders(headers));
  // In no spelling may a client say what the operator says.
  const said = new Set(route.setHeaders.map(([name]) => foldName(name)));
  const sent = without(withoutCredentials(passing, places), (name) => said.has(foldName(name)));
  setIdentity(sent, principal, assertion);
  for (const [name, value] of route.setHeaders) sent.set(name, value);
  return sent;
}
