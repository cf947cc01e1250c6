// `/api/auth/*`: the auth server behind the gate, so that its cookies belong to the gateway's own origin.
import type { Context } from "hono";
import { problem } from "../../connection/problem.ts";
import type { Env } from "../env.ts";
import { gateOf } from "../gate.ts";
import { noteTrouble, PORTS } from "./forward.ts";
import { withoutForbiddenHeaders } from "./identity/headers.ts";
import { detailOf } from "./no-answer.ts";

const AUTH_SERVER = { upstream: { kind: "service", binding: "AUTH" } } as const;

/** Whether a request lies under the auth path, on a segment boundary, and there is an auth server to forward it to. */
export function isAuthPath({ env, req }: Context<{ Bindings: Env }>): boolean {
  const { path } = gateOf(env).config.auth.authServer;
  const { pathname } = new URL(req.url);
  return env.AUTH !== undefined && (pathname === path || pathname.startsWith(`${path}/`));
}

/** Verbatim, cookies and `Authorization` included: it is the one upstream that must see credentials. */
export async function forwardToAuthServer(request: Request, authServer: Fetcher, env: Env): Promise<Response> {
  try {
    const headers = withoutForbiddenHeaders(request.headers);
    return await authServer.fetch(new Request(request, { headers, redirect: "manual" }));
  } catch {
    // The failure's text is the auth server's own business and may hold anything.
    const trouble = { kind: "unreachable" } as const;
    // Whoever asks it is known to it alone.
    noteTrouble(request, AUTH_SERVER, { principal: undefined }, env, trouble);
    return problem("UPSTREAM_UNAVAILABLE", detailOf(trouble, PORTS.random));
  }
}
