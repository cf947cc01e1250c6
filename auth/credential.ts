// Where a credential may sit in a request, in order: the first place that holds one decides, and nothing falls through.
import { TOKEN_MAX_CHARS } from "../protocol/limits.ts";
import { findSessionCookie } from "./cookies.ts";

/**
 * The place where a token was found, as far as it decides what may stand there: in a cookie only what Better Auth sets,
 * in a query no key of an admin, and under the name `ticket` a ticket alone.
 */
export type Slot = "any-token" | "api-key" | "query" | "cookie" | "ticket";

export interface CredentialPlaces {
  /** `all` takes tokens from the query, `tickets` tickets alone; a place that is switched off counts as absent. */
  readonly query: "all" | "tickets" | "none";
  /** Names of headers that hold an API key, `x-api-key` among them. */
  readonly apiKeyHeaders: readonly string[];
  /** Better Auth's `advanced.cookiePrefix`. */
  readonly cookiePrefix: string;
}

export type CredentialSearch =
  | { readonly kind: "found"; readonly token: string; readonly slot: Slot }
  | { readonly kind: "absent" }
  /** Something stands where a credential belongs, and it is none. */
  | { readonly kind: "unreadable" }
  /** Two different values under one query name. */
  | { readonly kind: "ambiguous" };

/** The subprotocol that Sluice speaks; the only one it ever echoes. */
export const SUBPROTOCOL = "sluice.v1";
const BEARER_ENTRY = "bearer.";

const ABSENT: CredentialSearch = { kind: "absent" };
const UNREADABLE: CredentialSearch = { kind: "unreadable" };

/** What a client put there by intent: a header, the subprotocol, the query. Cookies come by themselves; see below. */
export function findClaimedCredential(headers: Headers, url: URL, places: CredentialPlaces): CredentialSearch {
  const searches = [
    () => fromAuthorization(headers.get("Authorization")),
    () => fromSubprotocol(offeredSubprotocols(headers).filter((entry) => entry.startsWith(BEARER_ENTRY))),
    () => fromKeyHeaders(headers, places.apiKeyHeaders),
    () => (places.query !== "none" && namesStream(url) ? fromQuery(url, "ticket", "ticket") : ABSENT),
    () => (places.query === "all" ? fromQuery(url, "token") : ABSENT),
    () => (places.query === "all" ? fromQuery(url, "auth_id") : ABSENT),
  ];
  for (const search of searches) {
    const result = search();
    if (result.kind !== "absent") return result;
  }
  return ABSENT;
}

/** What a browser added by itself. The caller has checked the `Origin`. */
export function findAmbientCredential(headers: Headers, { cookiePrefix }: CredentialPlaces): CredentialSearch {
  const cookie = findSessionCookie(headers.get("Cookie") ?? "", cookiePrefix);
  return cookie.kind === "found" ? { ...cookie, slot: "cookie" } : cookie;
}

/** Whether the answer may name our subprotocol; one that was not offered makes a client fail the connection. */
export function offersSubprotocol(headers: Headers): boolean {
  return offeredSubprotocols(headers).includes(SUBPROTOCOL);
}

/**
 * What a client offers to speak that is not the gateway's: all but `sluice.v1` and the entries that hold a token. One that is
 * written in capitals is no credential here, and a token all the same.
 */
export function foreignSubprotocols(headers: Headers): readonly string[] {
  return offeredSubprotocols(headers).filter(
    (entry) => entry !== "" && entry !== SUBPROTOCOL && !entry.toLowerCase().startsWith(BEARER_ENTRY),
  );
}

/** RFC 6455 §11.3.4: a comma list, possibly over several header lines, which arrive joined by commas. */
function offeredSubprotocols(headers: Headers): readonly string[] {
  return (headers.get("Sec-WebSocket-Protocol") ?? "").split(",").map((entry) => entry.trim());
}

/** What is read at all in one place: a token each of whose characters is percent-encoded, and the word before it. */
const PLACE_MAX_CHARS = 3 * TOKEN_MAX_CHARS + 32;

/** RFC 6750 §2.1. Two header lines arrive joined by a comma, which no token holds. */
function fromAuthorization(value: string | null): CredentialSearch {
  if (value === null) return ABSENT;
  if (value.length > PLACE_MAX_CHARS) return UNREADABLE;
  return found(/^bearer +([^\s,]+)$/i.exec(value.trim())?.[1]);
}

function fromSubprotocol(entries: readonly string[]): CredentialSearch {
  const [first, ...others] = entries;
  if (first === undefined) return ABSENT;
  if (others.some((entry) => entry !== first) || first.length > PLACE_MAX_CHARS) return UNREADABLE;
  try {
    return found(decodeURIComponent(first.slice(BEARER_ENTRY.length)));
  } catch {
    return UNREADABLE; // a stray percent sign
  }
}

function fromKeyHeaders(headers: Headers, names: readonly string[]): CredentialSearch {
  const values = names.map((name) => headers.get(name)).filter((value) => value !== null);
  const [first, ...others] = values;
  if (first === undefined) return ABSENT;
  return others.every((value) => value === first) ? found(first.trim(), "api-key") : UNREADABLE;
}

/** Elsewhere a ticket opens nothing, and another endpoint may mean something else by the name. */
function namesStream({ pathname }: URL): boolean {
  return /^\/streams\/(?!register$)[^/]/.test(pathname);
}

/** An empty value is what a client writes that has no token. */
function fromQuery(url: URL, name: string, slot: Slot = "query"): CredentialSearch {
  const [first = "", ...others] = url.searchParams.getAll(name);
  if (others.some((value) => value !== first)) return { kind: "ambiguous" };
  // No token holds a space: it was the `+` of a base64 signature that its client did not encode.
  return first === "" ? ABSENT : found(first.replaceAll(" ", "+"), slot);
}

function found(token: string | undefined, slot: Slot = "any-token"): CredentialSearch {
  if (token === undefined || token === "" || token.length > TOKEN_MAX_CHARS) return UNREADABLE;
  return { kind: "found", token, slot };
}
