// The request headers that no client may send to an upstream, because an upstream would believe them.

/** In folded form. */
const FORBIDDEN_PREFIXES = ["x-auth-", "x-user-", "x-forwarded", "x-sluice-"];
const FORBIDDEN_NAMES: ReadonlySet<string> = new Set([
  "forwarded",
  "x-real-ip",
  "x-client-ip",
  "x-cluster-client-ip",
  "true-client-ip",
  "x-original-url",
  "x-rewrite-url",
  "x-http-method",
  "x-http-method-override",
  "x-method-override",
]);

/** A copy without them. Servers fold case and many fold `_` to `-`, so names are compared folded. */
export function withoutForbiddenHeaders(headers: Headers): Headers {
  const kept = new Headers(headers);
  for (const name of headers.keys()) {
    if (isForbidden(name)) kept.delete(name);
  }
  return kept;
}

function isForbidden(name: string): boolean {
  const folded = name.toLowerCase().replaceAll("_", "-");
  return FORBIDDEN_NAMES.has(folded) || FORBIDDEN_PREFIXES.some((prefix) => folded.startsWith(prefix));
}
