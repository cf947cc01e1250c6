// `/api/auth/*`: the auth server behind the gate, so that its cookies belong to the gateway's own origin.
import { problem } from "../../connection/problem.ts";
import { withoutForbiddenHeaders } from "./headers.ts";

/** Whether a path lies under the auth path, on a segment boundary. */
export function isUnder(authPath: string, pathname: string): boolean {
  return pathname === authPath || pathname.startsWith(`${authPath}/`);
}

/** Verbatim, cookies and `Authorization` included: it is the one upstream that must see credentials. */
export async function forwardToAuthServer(request: Request, authServer: Fetcher): Promise<Response> {
  try {
    const headers = withoutForbiddenHeaders(request.headers);
    return await authServer.fetch(new Request(request, { headers, redirect: "manual" }));
  } catch {
    return problem("UPSTREAM_UNAVAILABLE"); // its text is the auth server's own business and may hold anything
  }
}
