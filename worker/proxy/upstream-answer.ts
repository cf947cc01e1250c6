// What a client is given of an upstream's answer: all of it as it comes, but for what only the gate may say.
import { foldName, isIdentity, isOfTheHop, namedByConnection, without } from "./identity/headers.ts";
import { isAuthCookie } from "./identity/withheld.ts";

/** They speak for a whole origin, which is the gateway's: another server for it, a script that stands before it, an end of all its cookies. */
const OF_THE_ORIGIN: ReadonlySet<string> = new Set(["alt-svc", "service-worker-allowed", "clear-site-data"]);

/** The body is not touched and not waited for. Its headers are those of `answerHeaders`. */
export function answerOf(upstream: Response, isPrivate: boolean, cookiePrefix: string): Response {
  const { body, status, statusText } = upstream;
  return new Response(body, { status, statusText, headers: answerHeaders(upstream, isPrivate, cookiePrefix) });
}

/**
 * @param isPrivate whether the upstream was told who asks: then nobody else may be given the same answer, unless the
 *   upstream says so itself
 * @param cookiePrefix of the auth server's cookies, which no upstream sets
 */
export function answerHeaders(upstream: Response, isPrivate: boolean, cookiePrefix: string): Headers {
  const named = namedByConnection(upstream.headers);
  const isOfItsConnection = (name: string): boolean =>
    (isOfTheHop(name) && name !== "content-length") || named.has(foldName(name));
  const headers = without(
    upstream.headers,
    (name) => isIdentity(name) || isOfItsConnection(name) || OF_THE_ORIGIN.has(name),
  );
  headers.delete("Set-Cookie");
  for (const cookie of upstream.headers.getSetCookie()) {
    if (!isAuthCookie(cookie, cookiePrefix)) headers.append("Set-Cookie", cookie);
  }
  if (isPrivate && !headers.has("Cache-Control")) headers.set("Cache-Control", "private, no-store");
  // The address of the request may have held a token, which the upstream did not see.
  if (!headers.has("Referrer-Policy")) headers.set("Referrer-Policy", "no-referrer");
  return headers;
}
