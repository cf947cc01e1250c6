// A real Better Auth in this process, on memory: what it signs, encrypts and publishes is what verifiers must take.
import { type BetterAuthOptions, betterAuth } from "better-auth";
import { memoryAdapter } from "better-auth/adapters/memory";
import { GATEWAY_ORIGIN } from "./occasion.ts";
import { TEST_SECRET } from "./session-token.ts";

export type CookieCache = NonNullable<NonNullable<BetterAuthOptions["session"]>["cookieCache"]>;

/** Somebody who signed up. */
export interface SignedUp {
  readonly userId: string;
  readonly sessionId: string;
  /** The value of the cookie `session_data`, put together. */
  readonly sessionData: string;
  /** All cookies, for further requests. */
  readonly cookie: string;
}

export interface RealAuth {
  readonly signUp: (name?: string) => Promise<SignedUp>;
  /** Asks at a path below `/api/auth`. */
  readonly get: (path: string, cookie?: string) => Promise<Response>;
  /** Sends JSON to such a path, from a page of its own. */
  readonly post: (path: string, body: unknown, cookie?: string) => Promise<Response>;
  readonly handler: (request: Request) => Promise<Response>;
}

export type AuthOptions = Omit<BetterAuthOptions, "session" | "database" | "baseURL"> & { readonly baseURL?: string };

/** Who signs up. */
export const REAL_USER = { email: "user@example.test", password: "password-1234" };

/** @param options the gateway's origin is the base URL where they name no other */
export function startBetterAuth(cookieCache: CookieCache, options: AuthOptions = {}): RealAuth {
  const { baseURL = GATEWAY_ORIGIN } = options;
  const database = memoryAdapter({ user: [], session: [], account: [], verification: [], jwks: [], twoFactor: [] });
  const { handler } = betterAuth({
    baseURL,
    secret: TEST_SECRET,
    database,
    emailAndPassword: { enabled: true },
    session: { cookieCache: { enabled: true, ...cookieCache } },
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    logger: { disabled: true },
    ...options,
  });
  const get = (path: string, cookie = ""): Promise<Response> =>
    handler(new Request(`${baseURL}/api/auth${path}`, { headers: { cookie } }));
  const post = (path: string, body: unknown, cookie = ""): Promise<Response> => {
    const headers = { "Content-Type": "application/json", Origin: baseURL, cookie };
    return handler(new Request(`${baseURL}/api/auth${path}`, { method: "POST", headers, body: JSON.stringify(body) }));
  };
  return {
    get,
    post,
    handler,
    signUp: async (name = "Ünï 😀") => {
      const response = await post("/sign-up/email", { name, ...REAL_USER });
      const pairs = response.headers.getSetCookie().map((line) => line.split(";")[0] ?? "");
      const cookie = pairs.join("; ");
      const { session, user } = (await (await get("/get-session", cookie)).json()) as Answer;
      return { userId: user.id, sessionId: session.id, sessionData: sessionDataOf(pairs), cookie };
    },
  };
}

interface Answer {
  readonly session: { readonly id: string };
  readonly user: { readonly id: string };
}

function sessionDataOf(pairs: readonly string[]): string {
  const chunks = pairs.filter((pair) => pair.includes(".session_data"));
  return chunks.map((pair) => pair.slice(pair.indexOf("=") + 1)).join("");
}
