// The auth server: Better Auth with its database on D1.
import { betterAuth } from "better-auth";
import { authOptions } from "./options.ts";

interface Env {
  readonly DB: D1Database;
  readonly BETTER_AUTH_SECRET?: string;
  /** Comma list of hosts under which the gateway is reached; `*` stands for any port. */
  readonly ALLOWED_HOSTS?: string;
}

const LOCAL_HOSTS = "localhost:*,127.0.0.1:*";
const SECRET_MIN_CHARS = 32;

function makeAuth({ DB, BETTER_AUTH_SECRET: secret, ALLOWED_HOSTS = LOCAL_HOSTS }: Env) {
  // Better Auth itself would sign with a public default.
  if (secret === undefined || secret.length < SECRET_MIN_CHARS) return undefined;
  return betterAuth({ ...authOptions(ALLOWED_HOSTS.split(",")), secret, database: DB });
}

/** Made once an isolate: it checks the database's schema once, and keeps the answer. */
let auth: ReturnType<typeof makeAuth>;

export default {
  async fetch(request, env): Promise<Response> {
    auth ??= makeAuth(env);
    if (auth === undefined) return Response.json({ code: "MISCONFIGURED" }, { status: 503 });
    try {
      return await auth.handler(request);
    } catch {
      // Thrown for a host that is not allowed; the text names it.
      return Response.json({ code: "BAD_REQUEST" }, { status: 400 });
    }
  },
} satisfies ExportedHandler<Env>;
