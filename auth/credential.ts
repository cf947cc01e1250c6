// Where a credential may sit in a request, in order: the first place that holds one decides, and nothing falls through.

export interface CredentialPlaces {
  /** `all` takes tokens from the query; a place that is switched off counts as absent. */
  readonly query: "all" | "tickets" | "none";
}

export type CredentialSearch =
  | { readonly kind: "found"; readonly token: string }
  | { readonly kind: "absent" }
  /** Something stands where a credential belongs, and it is none. */
  | { readonly kind: "unreadable" }
  /** Two different values under one query name. */
  | { readonly kind: "ambiguous" };

/** The subprotocol that Sluice speaks; the only one it ever echoes. */
export const SUBPROTOCOL = "sluice.v1";
const BEARER_ENTRY = "bearer.";

export function findCredential(headers: Headers, url: URL, places: CredentialPlaces): CredentialSearch {
  const authorization = headers.get("Authorization");
  if (authorization !== null) return fromAuthorization(authorization);
  const bearerEntries = offeredSubprotocols(headers).filter((entry) => entry.startsWith(BEARER_ENTRY));
  if (bearerEntries.length > 0) return fromSubprotocol(bearerEntries);
  return places.query === "all" ? fromQuery(url.searchParams.getAll("token")) : { kind: "absent" };
}

/** Whether the answer may name our subprotocol; one that was not offered makes a client fail the connection. */
export function offersSubprotocol(headers: Headers): boolean {
  return offeredSubprotocols(headers).includes(SUBPROTOCOL);
}

/** RFC 6455 §11.3.4: a comma list, possibly over several header lines, which arrive joined by commas. */
function offeredSubprotocols(headers: Headers): readonly string[] {
  return (headers.get("Sec-WebSocket-Protocol") ?? "").split(",").map((entry) => entry.trim());
}

/** RFC 6750 §2.1. Two header lines arrive joined by a comma, which no token holds. */
function fromAuthorization(value: string): CredentialSearch {
  const match = /^bearer +([^\s,]+)$/i.exec(value.trim());
  return match?.[1] === undefined ? { kind: "unreadable" } : { kind: "found", token: match[1] };
}

function fromSubprotocol(entries: readonly string[]): CredentialSearch {
  const [first = "", ...others] = entries;
  if (others.some((entry) => entry !== first)) return { kind: "unreadable" };
  try {
    const token = decodeURIComponent(first.slice(BEARER_ENTRY.length));
    return token === "" ? { kind: "unreadable" } : { kind: "found", token };
  } catch {
    return { kind: "unreadable" }; // a stray percent sign
  }
}

function fromQuery(values: readonly string[]): CredentialSearch {
  const [first = "", ...others] = values;
  if (others.some((value) => value !== first)) return { kind: "ambiguous" };
  return first === "" ? { kind: "absent" } : { kind: "found", token: first };
}
