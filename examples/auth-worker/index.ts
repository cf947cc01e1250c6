// The auth server: Better Auth with its database on D1, which tells the gate whose session ended.
import { betterAuth } from "better-auth";
import { waitUntil } from "cloudflare:workers";
import { authOptions } from "./options.ts";
import { type Revocation, revokingHooks, tellGate } from "./revoking.ts";

interface Env {
  readonly DB: D1Database;
  readonly BETTER_AUTH_SECRET?: string;
  /** Comma list of hosts under which the gateway is reached; `*` stands for any port. */
  readonly ALLOWED_HOSTS?: string;
  /** The gateway's; without it nobody is told whose session ended. */
  readonly ADMIN_KEY?: string;
  /** The gateway, or its address where it is not bound. */
  readonly GATEWAY?: Fetcher;
  readonly GATEWAY_URL?: string;
}

const LOCAL_HOSTS = "localhost:*,127.0.0.1:*";
const SECRET_MIN_CHARS = 32;
/** A binding leads to the gateway whatever the address says. */
const BOUND_ORIGIN = "https://gateway.internal";

function makeAuth(env: Env) {
  const { DB, BETTER_AUTH_SECRET: secret, ALLOWED_HOSTS = LOCAL_HOSTS } = env;
  // Better Auth itself would sign with a public default.
  if (secret === undefined || secret.length < SECRET_MIN_CHARS) return undefined;
  const tell = makeTell(env);
  const hooks = tell === undefined ? {} : { databaseHooks: revokingHooks(tell) };
  return betterAuth({ ...authOptions(ALLOWED_HOSTS.split(",")), ...hooks, secret, database: DB });
}

/** Undefined where there is no gate to tell. */
function makeTell({ ADMIN_KEY: adminKey, GATEWAY: binding, GATEWAY_URL: url }: Env) {
  const origin = binding === undefined ? url : BOUND_ORIGIN;
  if (adminKey === undefined || adminKey === "" || origin === undefined) return undefined;
  const gate = {
    fetch: (request: Request) => (binding ?? globalThis).fetch(request),
    origin,
    adminKey,
    pause: (ms: number) => scheduler.wait(ms),
  };
  // Behind the answer: a gate that is away keeps nobody from signing out.
  return (revocation: Revocation): void => waitUntil(tellGate(gate, revocation));
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
