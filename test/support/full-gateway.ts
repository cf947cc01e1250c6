// Starts gateway, real auth server and model together, as `npm start` does, on a database of their own.
import { createTestHarness } from "wrangler";
import { cookieValue } from "../../examples/camera/sign-up.ts";
import { asGateway, type Gateway } from "./gateway.ts";
import { TEST_ADMIN_KEY, TEST_SECRET } from "./session-token.ts";
import { fromSomewhere } from "./some-address.ts";

const ROOT = new URL("../..", import.meta.url).pathname;

export interface SessionOfUser {
  readonly userId: string;
  /** The cookie-cache JWT. */
  readonly sessionData: string;
  /** The opaque session token without its signature, as the body of a sign-up holds it. */
  readonly sessionToken: string;
  /** The same with its signature, as the cookie holds it, percent-encoded. */
  readonly signedToken: string;
  /** The `Cookie` header of a browser that is signed in. */
  readonly cookie: string;
}

export interface FullGateway extends Gateway {
  /** Signs a new user up over HTTP, through the gateway. */
  readonly signUp: (email: string) => Promise<SessionOfUser>;
  /** Another session of a user who signed up. */
  readonly signIn: (email: string) => Promise<SessionOfUser>;
}

/**
 * @param vars of the gateway
 * @param notify of the Worker that tells people of alerts
 */
export async function startFullGateway(
  vars: Record<string, string> = {},
  notify: Record<string, string> = {},
): Promise<FullGateway> {
  const secrets = { BETTER_AUTH_SECRET: TEST_SECRET, ADMIN_KEY: TEST_ADMIN_KEY };
  const harness = createTestHarness({
    root: ROOT,
    workers: [
      { configPath: "examples/local/wrangler.toml", vars, secrets },
      { configPath: "examples/auth-worker/wrangler.toml", secrets },
      { configPath: "examples/ml-worker/wrangler.toml" },
      { configPath: "examples/notify-worker/wrangler.toml", vars: notify },
    ],
  });
  const { url } = await harness.listen();
  // Before the first request: Better Auth checks the schema once and keeps the answer.
  await harness.getWorker("sluice-auth").applyD1Migrations("DB");
  return {
    ...asGateway(harness, url),
    signUp: (email) => enter(url, "sign-up/email", { name: "A user", email, password: PASSWORD }),
    signIn: (email) => enter(url, "sign-in/email", { email, password: PASSWORD }),
  };
}

const PASSWORD = "correct horse battery";

/** From an address of its own: the auth server takes three sign-ups in ten seconds from one. */
async function enter(gateway: URL, path: string, body: Record<string, string>): Promise<SessionOfUser> {
  const response = await fetch(new URL(`/api/auth/${path}`, gateway), {
    method: "POST",
    headers: { "Content-Type": "application/json", Origin: gateway.origin, ...fromSomewhere(gateway) },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
  const setCookies = response.headers.getSetCookie();
  const { user, token } = (await response.json()) as { user: { id: string }; token: string };
  return {
    userId: user.id,
    sessionData: cookieValue(setCookies, "better-auth.session_data") ?? "",
    sessionToken: token,
    signedToken: cookieValue(setCookies, "better-auth.session_token") ?? "",
    cookie: setCookies.map((line) => line.split(";", 1)[0]).join("; "),
  };
}
