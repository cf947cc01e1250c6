// A real Better Auth on a port of its own, with one account, for whoever reaches it as a stranger does.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type AuthOptions, type CookieCache, startBetterAuth } from "./better-auth.ts";

export const ACCOUNT = { email: "operator@example.test", password: "correct horse battery" };

export interface ServedAuth {
  readonly url: URL;
  /** Paths that were asked, in order. */
  readonly asked: readonly string[];
  readonly stop: () => Promise<void>;
}

export async function serveAuth(cookieCache: CookieCache, options: AuthOptions = {}): Promise<ServedAuth> {
  const asked: string[] = [];
  let handler: (request: Request) => Promise<Response> = () => Promise.resolve(new Response(null, { status: 503 }));
  const server = createServer((incoming, outgoing) => {
    asked.push(incoming.url ?? "");
    void answer(incoming, outgoing, (request) => handler(request));
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  ({ handler } = startBetterAuth(cookieCache, { baseURL: url.origin, ...options }));
  await handler(
    new Request(`${url.origin}${options.basePath ?? "/api/auth"}/sign-up/email`, {
      method: "POST",
      headers: { "Content-Type": "application/json", Origin: url.origin },
      body: JSON.stringify({ name: "The operator", ...ACCOUNT }),
    }),
  );
  return {
    url,
    asked,
    stop: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => void server.close(() => resolve()));
    },
  };
}

async function answer(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  handler: (request: Request) => Promise<Response>,
): Promise<void> {
  const chunks: Buffer[] = await incoming.toArray();
  const response = await handler(
    new Request(`http://${incoming.headers.host}${incoming.url}`, {
      method: incoming.method ?? "GET",
      headers: Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]),
      ...(incoming.method === "POST" ? { body: Buffer.concat(chunks) } : {}),
    }),
  );
  const headers = [...response.headers].filter(([name]) => name !== "set-cookie");
  for (const line of response.headers.getSetCookie()) headers.push(["set-cookie", line]);
  outgoing.writeHead(response.status, headers.flat()).end(Buffer.from(await response.arrayBuffer()));
}
