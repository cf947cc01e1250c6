// Session tokens as Better Auth signs them, for tests that need one with a chosen life; real ones come from the auth server.
import { EncryptJWT, SignJWT } from "jose";
import { deriveEncryptionKey } from "../../auth/keys.ts";

/** The secret of the gateways that tests start. */
export const TEST_SECRET = "tests-only-Zk3vQ1xP8mN5tR7wY2bC6dF9gH4jL0sA";

/** Their operator's key. */
export const TEST_ADMIN_KEY = "tests-only-q8Xw2RkT5vYb9NcZ1mLs";

/** Better Auth's opaque token, which every cached copy of a session holds. */
export const SESSION_TOKEN = "FcY3ES1k3AIOl0VG1aWpUEpnU8VuT0m0";

export interface SessionOptions {
  readonly userId?: string;
  readonly sessionId?: string;
  /** From now; negative for one that is over. */
  readonly sessionEndsInMs?: number;
  readonly tokenEndsInS?: number;
  readonly issuedAgoS?: number;
  readonly secret?: string;
  /** When it is made; a fixed time makes the same token on each run. */
  readonly nowMs?: number;
}

/** The two halves that a session token is known by, beside whatever else it says. */
export type SessionPayload = Record<string, unknown> & {
  readonly session: Record<string, unknown>;
  readonly user: Record<string, unknown>;
};

/** The nested payload of Better Auth's cookie cache. */
export function sessionPayload({
  userId = "user-1",
  sessionId = `session-of-${userId}`,
  sessionEndsInMs = 3_600_000,
  nowMs = Date.now(),
}: SessionOptions = {}): SessionPayload {
  const now = new Date(nowMs).toISOString();
  return {
    session: {
      id: sessionId,
      token: SESSION_TOKEN,
      userId,
      expiresAt: new Date(nowMs + sessionEndsInMs).toISOString(),
      createdAt: now,
      updatedAt: now,
      ipAddress: "",
      userAgent: "",
    },
    user: {
      id: userId,
      name: "A user",
      email: `${userId}@example.test`,
      emailVerified: false,
      createdAt: now,
      updatedAt: now,
    },
    updatedAt: nowMs,
    version: "1",
  };
}

export function signSession(options: SessionOptions = {}): Promise<string> {
  const { issuedAgoS = 0, tokenEndsInS = 300, secret = TEST_SECRET, nowMs = Date.now() } = options;
  const nowS = Math.floor(nowMs / 1000);
  return new SignJWT(sessionPayload(options))
    .setProtectedHeader({ alg: "HS256" })
    .setIssuedAt(nowS - issuedAgoS)
    .setExpirationTime(nowS + tokenEndsInS)
    .sign(new TextEncoder().encode(secret));
}

/** The same in the encrypted cookie cache. */
export async function encryptSession(options: SessionOptions = {}): Promise<string> {
  const { issuedAgoS = 0, tokenEndsInS = 300, secret = TEST_SECRET, nowMs = Date.now() } = options;
  const nowS = Math.floor(nowMs / 1000);
  const { kid, bytes } = await deriveEncryptionKey(secret);
  return new EncryptJWT(sessionPayload(options))
    .setProtectedHeader({ alg: "dir", enc: "A256CBC-HS512", kid })
    .setIssuedAt(nowS - issuedAgoS)
    .setExpirationTime(nowS + tokenEndsInS)
    .encrypt(bytes);
}
