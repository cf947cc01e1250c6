// The reverse proxy over HTTP: a request that belongs to a route goes on to its upstream, and the answer comes back as it flows.
import { isAllowed } from "../../auth/origin.ts";
import type { Occasion } from "../../auth/verifier.ts";
import { identityOf, type Place } from "../../connection/audit.ts";
import { problem } from "../../connection/problem.ts";
import { auditOf } from "../../durable-objects/audit.ts";
import { type GatewayContext, occasionOf } from "../context.ts";
import type { Env } from "../env.ts";
import { gateOf, type OpenGate } from "../gate.ts";
import { visitorOf } from "../guard/visitor.ts";
import { admit } from "./admission.ts";
import { attempt, type AttemptPorts, type Outcome } from "./attempt.ts";
import { type Bearer, bearerOf } from "./identity/bearer.ts";
import { detailOf } from "./no-answer.ts";
import { type Match, nameOf, type Route } from "./route-table.ts";
import { answerPreflight, isPreflight, methodsOf, shareWith } from "./sharing.ts";
import { answerOf } from "./upstream-answer.ts";
import { upstreamHeaders, upstreamUrl } from "./upstream-request.ts";

/** RFC 9110 §9.2.2: asked twice, a server is where it was after the first time. */
const IDEMPOTENT: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "PUT", "DELETE"]);

export const PORTS: AttemptPorts = {
  setTimer: (ms, ring) => {
    const timer = setTimeout(ring, ms);
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
};

/** Which route a request belongs to; the caller has seen to it that it is none of the gateway's own. */
export function matchRoute({ env, req }: GatewayContext): Match {
  return gateOf(env).config.routes.match(new URL(req.url).pathname);
}

/** Answers a request that is no upgrade, on a route or on what may be one. */
export async function forward(context: GatewayContext, match: Exclude<Match, { kind: "none" }>): Promise<Response> {
  const { env } = context;
  const { raw: request } = context.req;
  const gate = gateOf(env);
  const origin = sharedOrigin(request, gate.config.auth.allowedOrigins);
  if (match.kind === "route" && isPreflight(request)) return answerPreflight(request, origin, match.route.methods);
  const answer = await answerFrom(request, match, env, occasionOf(context));
  shareWith(answer.headers, origin);
  return answer;
}

async function answerFrom(
  request: Request,
  match: Exclude<Match, { kind: "none" }>,
  env: Env,
  occasion: Occasion,
): Promise<Response> {
  const gate = gateOf(env);
  if (gate.kind === "closed") return problem("MISCONFIGURED");
  if (match.kind === "ambiguous") return problem("BAD_REQUEST", { detail: "The path can be read in two ways" });
  const { route } = match;
  if (!mayAsk(request, route)) return problem("METHOD_NOT_ALLOWED", { headers: { Allow: methodsOf(route.methods) } });
  const admitted = await admit(request, route.auth, gate, occasion);
  if (admitted instanceof Response) return admitted;
  return askUpstream(request, route, await bearerOf(admitted.principal, route, gate, occasion), env, gate);
}

/** A server that knows TRACE sends back what it was sent (RFC 9110 §9.3.8): its own key, and the assertion. */
function mayAsk({ method }: Request, { methods }: Route): boolean {
  return method !== "TRACE" && (methods === undefined || methods.includes(method));
}

async function askUpstream(
  request: Request,
  route: Route,
  bearer: Bearer,
  env: Env,
  { config }: OpenGate,
): Promise<Response> {
  const { credentialPlaces } = config.auth;
  const { method } = request;
  const body = bodyOf(request);
  const isRead = method === "GET" || method === "HEAD";
  // The platform sends none with these, and without it the question would be another.
  if (isRead && body !== null) return problem("BAD_REQUEST", { detail: "A GET or HEAD request has no body" });
  const url = upstreamUrl(request.url, route);
  const init: RequestInit = {
    method,
    headers: upstreamHeaders(request.headers, route, bearer, credentialPlaces),
    body,
    // Followed, a redirect would take the identity to wherever it leads.
    redirect: "manual",
    // The platform's cache knows addresses and no users.
    cache: "no-store",
  };
  const send = fetcherOf(route, env);
  // A body that has begun to flow is used up.
  const patience = { timeoutMs: route.timeoutMs, mayRepeat: IDEMPOTENT.has(method) && body === null };
  const outcome = await attempt(() => send(url, init), patience, PORTS);
  if (outcome.kind === "answered") {
    return answerOf(outcome.response, bearer.principal !== undefined, credentialPlaces.cookiePrefix);
  }
  noteTrouble(request, route, bearer, env, outcome);
  return problem("UPSTREAM_UNAVAILABLE", detailOf(outcome, PORTS.random));
}

/** Some clients say of every request how long its body is, also where there is none. */
function bodyOf({ body, headers }: Request): Request["body"] {
  return headers.get("Content-Length") === "0" ? null : body;
}

/** The configuration was checked to name a binding that has it. */
export function fetcherOf({ upstream }: Route, env: Env): typeof fetch {
  if (upstream.kind === "url") return fetch;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- looked at when the configuration was read
  const service = env[upstream.binding] as Fetcher;
  return (url, init) => service.fetch(url, init);
}

export function noteTrouble(
  request: Request,
  { upstream }: Pick<Route, "upstream">,
  { principal }: Pick<Bearer, "principal">,
  env: Env,
  { kind: reason }: { readonly kind: Exclude<Outcome["kind"], "answered"> | "refused" },
  place: Place = "http",
): undefined {
  const who = principal === undefined ? {} : identityOf(principal);
  const where = { ...visitorOf(request), place, code: "UPSTREAM_UNAVAILABLE" } as const;
  auditOf(env)({ event: "upstream-trouble", ...where, ...who, sink: nameOf(upstream), reason });
}

/** That of the page that asks, where it may read answers. */
function sharedOrigin({ headers, url }: Request, allowed: ReadonlySet<string>): string | undefined {
  const origin = headers.get("Origin");
  return origin !== null && isAllowed(origin, new URL(url), allowed) ? origin : undefined;
}
