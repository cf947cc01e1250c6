// Which pages may read what an upstream answers: the gate's rule (ALLOWED_ORIGINS), whatever the upstream says of it.
import { OWN_HEADERS } from "../../connection/problem.ts";

const PREFLIGHT_LIFE_S = 600;
const ALL_METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

/** An upstream's own rules, which count for nothing here. Which of its headers a page may read is left to it. */
const UPSTREAM_RULES = [
  "Access-Control-Allow-Origin",
  "Access-Control-Allow-Credentials",
  "Access-Control-Allow-Methods",
  "Access-Control-Allow-Headers",
  "Access-Control-Allow-Private-Network",
  "Access-Control-Max-Age",
] as const;

/** Of a route, as a header names them. @param methods undefined for all */
export function methodsOf(methods: readonly string[] | undefined): string {
  return methods?.join(", ") ?? ALL_METHODS;
}

/** What browsers ask before a request that a plain form could not make; it carries no credential. */
export function isPreflight({ method, headers }: Request): boolean {
  return method === "OPTIONS" && headers.has("Origin") && headers.has("Access-Control-Request-Method");
}

/**
 * Answered here, and no upstream hears of it.
 * @param origin of the page, where it may read answers
 * @param methods of the route; undefined for all
 */
export function answerPreflight(
  { headers: asked }: Request,
  origin: string | undefined,
  methods: readonly string[] | undefined,
): Response {
  const headers = new Headers(OWN_HEADERS);
  shareWith(headers, origin);
  headers.append("Vary", "Access-Control-Request-Headers");
  if (origin !== undefined) {
    headers.set("Access-Control-Allow-Methods", methodsOf(methods));
    headers.set("Access-Control-Max-Age", String(PREFLIGHT_LIFE_S));
    // Which headers an upstream knows, nobody said here. Those of an identity are removed from all requests alike.
    const wanted = asked.get("Access-Control-Request-Headers");
    if (wanted !== null) headers.set("Access-Control-Allow-Headers", wanted);
  }
  return new Response(null, { status: 204, headers });
}

/** @param origin of the page, where it may read the answer; it is named, never `*` */
export function shareWith(headers: Headers, origin: string | undefined): void {
  for (const name of UPSTREAM_RULES) headers.delete(name);
  if (!/(?:^|,)\s*(?:\*|origin)\s*(?:,|$)/i.test(headers.get("Vary") ?? "")) headers.append("Vary", "Origin");
  if (origin === undefined) return;
  headers.set("Access-Control-Allow-Origin", origin);
  headers.set("Access-Control-Allow-Credentials", "true");
  headers.append("Access-Control-Expose-Headers", "Retry-After");
}
