// Which pages may use a browser's cookies here: those of the gateway's own origin and those that the operator named.

/** Why a request may not use its cookies; undefined where it may. */
export type OriginFault = "foreign-origin";

/**
 * For an upgrade: a page of any site may open a WebSocket, and the browser adds the cookies. A native client sends no
 * `Origin`, or, as React Native does, the one of the very host that it connects to. `null` is nobody's.
 */
export function cookieFaultOfUpgrade(
  headers: Headers,
  url: URL,
  allowed: ReadonlySet<string>,
): OriginFault | undefined {
  const origin = headers.get("Origin");
  return origin === null || isAllowed(origin, url, allowed) ? undefined : "foreign-origin";
}

/** For a request that is no upgrade: without an `Origin` a browser must say that it comes from no other site. */
export function cookieFaultOfRequest(
  headers: Headers,
  url: URL,
  allowed: ReadonlySet<string>,
): OriginFault | undefined {
  const origin = headers.get("Origin");
  if (origin !== null) return isAllowed(origin, url, allowed) ? undefined : "foreign-origin";
  const site = headers.get("Sec-Fetch-Site");
  return site === null || site === "same-origin" || site === "none" ? undefined : "foreign-origin";
}

/** Exact, as browsers write it: scheme, host in lower case, port unless it is the scheme's own. */
export function isAllowed(origin: string, url: URL, allowed: ReadonlySet<string>): boolean {
  return origin === url.origin || allowed.has(origin);
}
