// The one list of headers that do not pass the gate: those that an upstream would believe, and those of a single hop.

/** In folded form. Whoever names itself, its user or its address in one of these is believed by some server. */
const FORBIDDEN_PREFIXES = [
  "x-auth-",
  "x-authenticated-",
  "x-user-",
  "x-remote-",
  "x-webauth-",
  "x-forwarded",
  "x-original-",
  "x-rewrite-",
  "x-middleware-", // Next.js skips its own checks for one of them (CVE-2025-29927)
  "x-sluice-",
  "x-gateway-",
  "cf-access-", // only where Cloudflare Access stands in front are they its own
];
const FORBIDDEN_NAMES: ReadonlySet<string> = new Set([
  "forwarded",
  "remote-user",
  "x-real-ip",
  "x-client-ip",
  "x-cluster-client-ip",
  "true-client-ip",
  "x-host",
  "x-http-host-override",
  "x-http-method",
  "x-http-method-override",
  "x-method-override",
  "proxy", // becomes the variable HTTP_PROXY of a CGI
]);

/** RFC 9110 §7.6.1, and what the runtime writes itself for each request: address, length, and the way to send them. */
const HOP_NAMES: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authentication-info",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "http2-settings",
  "expect",
  "host",
  "content-length",
]);
/** Of an upgrade. Its subprotocols may hold a token. */
const HOP_PREFIX = "sec-websocket-";

/** Headers that say who it is, written by the gate alone. */
export const IDENTITY_HEADERS = {
  userId: "X-Auth-User-Id",
  sessionId: "X-Auth-Session-Id",
  kind: "X-Auth-Kind",
  assertion: "X-Auth-Assertion",
} as const;
const IDENTITY_NAMES: ReadonlySet<string> = new Set(Object.values(IDENTITY_HEADERS).map(foldName));

/** A copy without what an upstream would believe. */
export function withoutForbiddenHeaders(headers: Headers): Headers {
  return without(headers, isForbidden);
}

/** A copy without what belongs to one hop: the fixed names, and whatever `Connection` names. */
export function withoutHopHeaders(headers: Headers): Headers {
  const named = namedByConnection(headers);
  return without(headers, (name) => isOfTheHop(name) || named.has(foldName(name)));
}

/** In folded form: what the sender of a message says of this one connection (RFC 9110 §7.6.1). */
export function namedByConnection(headers: Headers): ReadonlySet<string> {
  return new Set((headers.get("Connection") ?? "").split(",").map((name) => foldName(name.trim())));
}

/** Servers fold case, many fold `_` to `-`, and some whatever is no letter: names are compared folded. */
export function foldName(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, "-");
}

/** Whether a header says who somebody is. No upstream may say so to a client either. */
export function isIdentity(name: string): boolean {
  return foldName(name).startsWith("x-auth-");
}

/** Whether the gate itself writes it, so that nobody else may, the operator included. */
export function isOfTheGate(name: string): boolean {
  return IDENTITY_NAMES.has(foldName(name));
}

export function isOfTheHop(name: string): boolean {
  const folded = foldName(name);
  return HOP_NAMES.has(folded) || folded.startsWith(HOP_PREFIX);
}

function isForbidden(name: string): boolean {
  const folded = foldName(name);
  return FORBIDDEN_NAMES.has(folded) || FORBIDDEN_PREFIXES.some((prefix) => folded.startsWith(prefix));
}

/** A copy without those whose name is unwanted. */
export function without(headers: Headers, isUnwanted: (name: string) => boolean): Headers {
  const kept = new Headers(headers);
  for (const name of headers.keys()) {
    if (isUnwanted(name)) kept.delete(name);
  }
  return kept;
}
