// One good credential of each kind that the gateway takes, and an auth server that vouches for those that need one.
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { jwt } from "better-auth/plugins";
import { SignJWT } from "jose";
import { startBetterAuth } from "./better-auth.ts";
import { signedSessionToken } from "./session-cookie.ts";
import { sessionPayload, signSession, TEST_SECRET } from "./session-token.ts";
import { ticketText } from "./tickets.ts";

/** Where a credential may stand: as any token, as a key, in which cookie. */
export interface Credential {
  readonly kind: string;
  readonly token: string;
  readonly isKey?: true;
  readonly cookie?: "session_data" | "session_token";
}

export interface EveryCredential {
  readonly credentials: readonly Credential[];
  /** All that may never be written down, the credentials among it. */
  readonly secrets: readonly string[];
  /** Variables of a gateway that takes them all. */
  readonly variables: Record<string, string>;
  readonly stop: () => void;
}

const RAW_TOKEN = "kB7cQ2vX9mZ4tR6wY1nD8sF3gH5jL0aE";
const JWT_SECRET = "another-system-8Qw2eR4tY6uI1oP3aS5dF7gH9jK0lZxC";
const API_KEY = "program-Zx8Cv6Bn4Mq2Wp0Er9Ty7";
const ADMIN_KEY = "operator-Aq1Sw2De3Fr4Gt5Hy6Ju7";

export async function everyCredential(): Promise<EveryCredential> {
  let jwks = "";
  const server = createServer((request, response) => {
    const { url = "", headers } = request;
    const isKnown = `${headers.cookie ?? ""}${headers.authorization ?? ""}`.includes(RAW_TOKEN);
    const session = isKnown ? JSON.stringify(sessionPayload({ userId: "looked-up" })) : "null";
    response.setHeader("Content-Type", "application/json").end(url.endsWith("/jwks") ? jwks : session);
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const baseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const withKeys = startBetterAuth({ strategy: "jwt" }, { baseURL, plugins: [jwt({ sessionCookieCache: true })] });
  const keySigned = await withKeys.signUp();
  const { token } = (await (await withKeys.get("/token", keySigned.cookie)).json()) as { token: string };
  jwks = await (await withKeys.get("/jwks")).text();
  const compact = await startBetterAuth({ strategy: "compact" }).signUp();
  const encrypted = await startBetterAuth({ strategy: "jwe" }).signUp();
  const credentials: readonly Credential[] = [
    { kind: "session-jwt", token: await signSession({ userId: "user-1" }), cookie: "session_data" },
    { kind: "session-jwt-flat", token: await signed(TEST_SECRET, flatSession()) },
    { kind: "session-jwe", token: encrypted.sessionData, cookie: "session_data" },
    { kind: "session-compact", token: compact.sessionData, cookie: "session_data" },
    { kind: "session-jwks", token: keySigned.sessionData, cookie: "session_data" },
    { kind: "jwt", token },
    { kind: "session-token", token: RAW_TOKEN },
    { kind: "session-token", token: signedSessionToken(RAW_TOKEN), cookie: "session_token" },
    { kind: "shared-secret", token: await signed(JWT_SECRET, { id: "theirs" }) },
    { kind: "ticket", token: await freshTicket() },
    { kind: "api-key", token: API_KEY, isKey: true },
    { kind: "api-key", token: ADMIN_KEY, isKey: true },
  ];
  const hash = `sha256:${createHash("sha256").update(API_KEY).digest("hex")}`;
  const keys = JSON.stringify([{ name: "archive", hash, scopes: ["read", "write"], streams: ["*"] }]);
  return {
    credentials,
    secrets: [TEST_SECRET, JWT_SECRET, hash, ...credentials.map((credential) => credential.token)],
    variables: { BETTER_AUTH_URL: baseURL, JWT_SECRET, API_KEYS: keys, ADMIN_KEY },
    stop: () => server.close(),
  };
}

/** Good by its signature; no stream has entered it. */
function freshTicket(): Promise<string> {
  const nowS = Math.floor(Date.now() / 1000);
  return ticketText({ issuedAtS: nowS, mintedAtS: nowS, expiresAtS: nowS + 60, sessionEndsAtMs: (nowS + 3600) * 1000 });
}

/** As moshi-server's documents print it. */
function flatSession(): Record<string, unknown> {
  return { id: "session-of-flat", userId: "flat", expiresAt: Date.now() + 3_600_000 };
}

function signed(secret: string, claims: Record<string, unknown>): Promise<string> {
  const jws = new SignJWT(claims).setProtectedHeader({ alg: "HS256" }).setIssuedAt().setExpirationTime("5m");
  return jws.sign(new TextEncoder().encode(secret));
}
