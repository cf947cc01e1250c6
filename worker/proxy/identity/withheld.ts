// What of a request stays at the gate because it opens the gate: credentials, wherever one may stand.
import type { CredentialPlaces } from "../../../auth/credential.ts";
import { formOf } from "../../../auth/token-form.ts";
import { foldName, without } from "./headers.ts";

/** Query parameters in which tokens and keys are taken. They stay also where `QUERY_CREDENTIALS` does not look at them. */
const TOKEN_PARAMETERS: ReadonlySet<string> = new Set(["token", "auth_id"]);
/** A ticket opens nothing on a route; other values under this name are the upstream's business. */
const TICKET_PARAMETER = "ticket";

/** A copy without tokens, keys and session cookies; a cookie or parameter beside them keeps its every byte. */
export function withoutCredentials(headers: Headers, places: CredentialPlaces): Headers {
  const names = new Set(["authorization", ...places.apiKeyHeaders.map(foldName)]);
  const kept = without(headers, (name) => names.has(foldName(name)));
  replace(kept, "Cookie", (cookies) => withoutAuthCookies(cookies, places.cookiePrefix));
  replace(kept, "Referer", withoutTokensInQuery);
  return kept;
}

/**
 * A URL, or its end from the `?` on, without the parameters that hold a token; nothing else of it changes.
 * @param text as it was sent
 */
export function withoutTokensInQuery(text: string): string {
  const at = text.indexOf("?");
  if (at < 0) return text;
  const parameters = text.slice(at + 1).split("&");
  const kept = parameters.filter((parameter) => !holdsToken(parameter));
  if (kept.length === parameters.length) return text;
  return kept.length === 0 ? text.slice(0, at) : `${text.slice(0, at)}?${kept.join("&")}`;
}

/** Read as credentials are: percent-encoded names are names, and `+` is a blank. */
function holdsToken(parameter: string): boolean {
  for (const [name, value] of new URLSearchParams(`&${parameter}`)) {
    const folded = name.toLowerCase();
    if (TOKEN_PARAMETERS.has(folded) || (folded === TICKET_PARAMETER && formOf(value) === "ticket")) return true;
  }
  return false;
}

/**
 * A `Cookie` header without the auth server's cookies, chunks and all. Two header lines arrive joined by a comma, which
 * therefore ends a cookie here.
 * @param prefix Better Auth's `advanced.cookiePrefix`
 */
export function withoutAuthCookies(header: string, prefix: string): string {
  const pieces = header.split(/(?<=[;,])/);
  const kept = pieces.filter((piece) => !isAuthCookie(piece, prefix));
  if (kept.length === pieces.length) return header;
  // Whatever is last now may end with what stood between it and a cookie that is gone.
  return kept.join("").replace(/[;,]$/, "").trim();
}

/**
 * Whether a cookie, as `Cookie` and `Set-Cookie` begin with it, is one of the auth server's: not only the session's, since
 * those beside it (a second session, an admin's own, OAuth tokens) open as much.
 */
export function isAuthCookie(cookie: string, prefix: string): boolean {
  // One without a name is sent back as its value alone, and so passes for a cookie of that name.
  const [name = ""] = cookie
    .trim()
    .replace(/^[\s=]+/, "")
    .split(/[=;,]/, 1);
  const bare = name
    .trim()
    .toLowerCase()
    .replace(/^__(?:secure|host)-/, "");
  const start = prefix.toLowerCase();
  return bare.startsWith(`${start}.`) || bare.startsWith(`${start}-session_`);
}

/** An empty value is none. */
function replace(headers: Headers, name: string, change: (value: string) => string): void {
  const value = headers.get(name);
  if (value === null) return;
  const changed = change(value);
  if (changed === "") headers.delete(name);
  else if (changed !== value) headers.set(name, changed);
}
