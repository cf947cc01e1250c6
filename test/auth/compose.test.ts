// Whether the configuration alone decides which kinds of credential a deployment takes.
import { describe, expect, test } from "vitest";
import { composeAuthenticator } from "../../auth/compose.ts";
import { readAuthConfig } from "../../auth/config.ts";
import type { AuthServer } from "../../auth/ports.ts";
import { VariableReader, type Variables } from "../../auth/variables.ts";
import { claims, compactToken, handMadeToken, NOW_MS, NOW_S } from "../support/hostile-token.ts";
import { occasionAt } from "../support/occasion.ts";
import { FakeAuthServer, signedSessionToken } from "../support/session-cookie.ts";
import { encryptSession, sessionPayload, TEST_SECRET } from "../support/session-token.ts";
import { SigningKeys } from "../support/signing-keys.ts";
import { ticketText } from "../support/tickets.ts";

const JWT_SECRET = "theirs-8Qw2eR4tY6uI1oP3aS5dF7gH9jK0lZxC";
const API_KEY = "a-key-of-a-robot-0123456789";
const KEYS = await SigningKeys.make("EdDSA");
const FLAT = { id: "s-1", userId: "user-1", expiresAt: NOW_MS + 60_000, iat: NOW_S, exp: NOW_S + 300 };
const TOKENS = {
  "session-jwt": handMadeToken({ payload: JSON.stringify(claims()) }),
  "session-jwt-flat": handMadeToken({ payload: JSON.stringify(FLAT) }),
  "session-jwe": await encryptSession({ nowMs: NOW_MS }),
  "session-compact": compactToken(),
  "session-jwks": await KEYS.signSession(claims()),
  "session-token": signedSessionToken(),
  jwt: await KEYS.sign(),
  "shared-secret": foreignToken(),
  "api-key": API_KEY,
  ticket: await ticketText(),
} as const;
const KINDS = Object.keys(TOKENS);

function foreignToken(secret = JWT_SECRET): string {
  const payload = JSON.stringify({ id: "42", iat: NOW_S, exp: NOW_S + 300 });
  return handMadeToken({ header: '{"alg":"HS256","typ":"JWT"}', payload, secret });
}

function authServer(): FakeAuthServer {
  const server = new FakeAuthServer();
  const { session, user } = sessionPayload({ nowMs: NOW_MS });
  server.answer = { kind: "session", session, user };
  return server;
}

/** The kinds whose token is taken. */
async function taken(variables: Variables, ask: AuthServer | undefined = authServer().ask): Promise<readonly string[]> {
  const reader = new VariableReader({ BETTER_AUTH_SECRET: TEST_SECRET, JWT_SECRET, API_KEYS: API_KEY, ...variables });
  const authenticate = composeAuthenticator(readAuthConfig(reader), ask, KEYS.source);
  const tries = Object.entries(TOKENS).map(async ([kind, token]) => {
    const result = await authenticate(token, "any-token", occasionAt());
    return "kind" in result ? [kind] : [];
  });
  return (await Promise.all(tries)).flat();
}

test("all kinds are taken unless configured otherwise", async () => {
  expect(await taken({})).toEqual(KINDS);
});

test.each(KINDS)("%s alone is taken where it alone is named", async (kind) => {
  expect(await taken({ TOKEN_KINDS: kind })).toEqual([kind]);
});

test.each(KINDS)("%s is not taken where all the others are named", async (kind) => {
  const others = KINDS.filter((other) => other !== kind);
  expect(await taken({ TOKEN_KINDS: others.join(",") })).toEqual(others);
});

test("no key is taken where none is configured", async () => {
  expect(await taken({ API_KEYS: undefined })).toEqual(KINDS.filter((kind) => kind !== "api-key"));
});

test("no token of another system is taken where its secret is not configured", async () => {
  expect(await taken({ JWT_SECRET: undefined })).toEqual(KINDS.filter((kind) => kind !== "shared-secret"));
});

test("no token that a key signed is taken where there is no auth server to ask for keys", async () => {
  const reader = new VariableReader({ BETTER_AUTH_SECRET: TEST_SECRET });
  const authenticate = composeAuthenticator(readAuthConfig(reader), undefined, undefined);
  const results = [TOKENS.jwt, TOKENS["session-jwks"]].map((token) => authenticate(token, "any-token", occasionAt()));
  expect(await Promise.all(results)).toEqual([{ reason: "kind-not-taken" }, { reason: "kind-not-taken" }]);
});

describe("with CONFIRM_HS256", () => {
  const CONFIRM_HS256 = "true";

  test("a flat session is not taken, since it holds nothing to confirm, and all other kinds are", async () => {
    expect(await taken({ CONFIRM_HS256 })).toEqual(KINDS.filter((kind) => kind !== "session-jwt-flat"));
  });

  test("it is not taken even where it is named", async () => {
    expect(await taken({ CONFIRM_HS256, TOKEN_KINDS: "session-jwt-flat" })).toEqual([]);
  });

  test("what the bare secret signs is not taken where the auth server knows nothing of it", async () => {
    const unknown = new FakeAuthServer();
    const believed = ["session-jwe", "session-jwks", "jwt", "shared-secret", "api-key", "ticket"];
    expect(await taken({ CONFIRM_HS256 }, unknown.ask)).toEqual(believed);
  });

  test("nor where there is nobody to ask", async () => {
    const reader = new VariableReader({ BETTER_AUTH_SECRET: TEST_SECRET, CONFIRM_HS256 });
    const authenticate = composeAuthenticator(readAuthConfig(reader), undefined, undefined);
    for (const token of [TOKENS["session-jwt"], TOKENS["session-compact"]]) {
      const result = await authenticate(token, "any-token", occasionAt());
      expect(result).toEqual({ reason: "auth-server-unavailable" });
    }
  });

  test("one question is asked for all kinds that hold the same session", async () => {
    const server = authServer();
    const reader = new VariableReader({ BETTER_AUTH_SECRET: TEST_SECRET, CONFIRM_HS256 });
    const authenticate = composeAuthenticator(readAuthConfig(reader), server.ask, undefined);
    const tokens = [TOKENS["session-jwt"], TOKENS["session-compact"], TOKENS["session-jwt"]];
    await Promise.all(tokens.map((token) => authenticate(token, "any-token", occasionAt())));
    expect(server.questions).toHaveLength(1);
  });
});

describe("a token of one secret is none of another's", () => {
  const reader = new VariableReader({ BETTER_AUTH_SECRET: TEST_SECRET, JWT_SECRET });
  const authenticate = composeAuthenticator(readAuthConfig(reader), undefined, undefined);

  test.each([
    ["another system's claims, signed with the auth server's secret", foreignToken(TEST_SECRET)],
    ["a session, signed with the other system's secret", handMadeToken({ secret: JWT_SECRET })],
    ["flat claims, signed with neither", handMadeToken({ payload: JSON.stringify(FLAT), secret: API_KEY })],
  ])("%s, is refused", async (_what, token) => {
    expect(await authenticate(token, "any-token", occasionAt())).toHaveProperty("reason");
  });

  test("so that flat claims are who they are by who signed them", async () => {
    const payload = JSON.stringify(FLAT);
    const [here, there] = await Promise.all(
      [TEST_SECRET, JWT_SECRET].map((secret) =>
        authenticate(handMadeToken({ payload, secret }), "any-token", occasionAt()),
      ),
    );
    expect([here, there]).toMatchObject([{ principal: { userId: "user-1" } }, { principal: { userId: "jwt:s-1" } }]);
  });

  test("and in a cookie only the auth server's counts", async () => {
    expect(await authenticate(foreignToken(), "cookie", occasionAt())).toHaveProperty("reason");
  });
});

describe("ADMIN_KEY", () => {
  const ADMIN_KEY = "the-operators-own-key-0123456789";

  function authenticator(variables: Variables) {
    const reader = new VariableReader({ BETTER_AUTH_SECRET: TEST_SECRET, ADMIN_KEY, ...variables });
    return composeAuthenticator(readAuthConfig(reader), undefined, undefined);
  }

  test.each(["session-jwt", "api-key"])(
    "is taken where %s alone is named, since it is no kind of client",
    async (kind) => {
      const authenticate = authenticator({ TOKEN_KINDS: kind });
      for (const slot of ["any-token", "api-key"] as const) {
        expect(await authenticate(ADMIN_KEY, slot, occasionAt())).toMatchObject({ principal: { adminOf: ["*"] } });
      }
    },
  );

  test("is what it is where a key of a program is the same text", async () => {
    expect(await authenticator({ API_KEYS: ADMIN_KEY })(ADMIN_KEY, "api-key", occasionAt())).toMatchObject({
      principal: { userId: "key:ADMIN_KEY", adminOf: ["*"], grants: { operations: [], streams: [] } },
    });
  });

  test("opens nothing where it is not configured", async () => {
    const result = await authenticator({ ADMIN_KEY: undefined })(ADMIN_KEY, "api-key", occasionAt());
    expect(result).toEqual({ reason: "kind-not-taken" });
  });
});

describe("the auth server", () => {
  test("is not asked about JWTs, keys, or tokens that it did not sign", async () => {
    const server = authServer();
    const reader = new VariableReader({ BETTER_AUTH_SECRET: TEST_SECRET, API_KEYS: API_KEY });
    const authenticate = composeAuthenticator(readAuthConfig(reader), server.ask, KEYS.source);
    const forged = signedSessionToken(undefined, "another-8Qw2eR4tY6uI1oP3aS5dF7gH9jK0lZxC");
    for (const token of [TOKENS["session-jwt"], `${TOKENS["session-jwt"]}x`, API_KEY, forged]) {
      await authenticate(token, "any-token", occasionAt());
    }
    expect(server.questions).toEqual([]);
  });

  test("is asked once for many who come with one token", async () => {
    const server = authServer();
    const reader = new VariableReader({ BETTER_AUTH_SECRET: TEST_SECRET });
    const authenticate = composeAuthenticator(readAuthConfig(reader), server.ask, KEYS.source);
    const many = Array.from({ length: 20 }, () => authenticate(signedSessionToken(), "any-token", occasionAt()));
    await Promise.all(many);
    expect(server.questions).toHaveLength(1);
  });

  test("where there is none, session tokens are not taken", async () => {
    const reader = new VariableReader({ BETTER_AUTH_SECRET: TEST_SECRET });
    const authenticate = composeAuthenticator(readAuthConfig(reader), undefined, undefined);
    const results = [signedSessionToken(), "x".repeat(32)].map((token) =>
      authenticate(token, "any-token", occasionAt()),
    );
    expect(await Promise.all(results)).toEqual([{ reason: "kind-not-taken" }, { reason: "kind-not-taken" }]);
  });
});
