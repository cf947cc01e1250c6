// Whether the variables that decide who gets in have strict defaults, and a bad secret lets nobody in.
import { describe, expect, test } from "vitest";
import { type AuthConfig, readAuthConfig } from "../../auth/config.ts";
import { VariableReader, type Variables } from "../../auth/variables.ts";
import { TEST_SECRET } from "../support/session-token.ts";

function read(variables: Variables): { config: AuthConfig; wrong: readonly string[]; report: string } {
  const reader = new VariableReader(variables);
  const config = readAuthConfig(reader);
  const wrong = reader.problems.map(({ variable }) => variable);
  return { config, wrong, report: JSON.stringify(reader.problems) };
}

/** What is read beside a good secret. */
function readBeside(variables: Variables) {
  return read({ BETTER_AUTH_SECRET: TEST_SECRET, ...variables });
}

test("a good secret is all that is needed", () => {
  const secrets = [{ value: TEST_SECRET, endsAtMs: undefined }];
  expect(readBeside({})).toMatchObject({ config: { secrets }, wrong: [] });
});

test.each([undefined, "", "too-short", `${TEST_SECRET}\n`])("the secret %j is reported and not handed on", (secret) => {
  const { config, wrong } = read({ BETTER_AUTH_SECRET: secret });
  expect([config.secrets, wrong]).toEqual([[], ["BETTER_AUTH_SECRET"]]);
});

test.each([
  [undefined, "1"],
  ["7", "7"],
  ["*", undefined],
])("with BETTER_AUTH_CACHE_VERSION %j the version to expect is %j", (value, expected) => {
  expect(read({ BETTER_AUTH_CACHE_VERSION: value }).config.claimRules.cacheVersion).toBe(expected);
});

test("tokens may live a week unless configured otherwise", () => {
  expect(read({}).config.claimRules.maxTokenLifetimeS).toBe(604_800);
});

test.each([
  [undefined, false],
  ["true", true],
])("with CONFIRM_HS256 %j sessions are confirmed: %j", (value, confirmed) => {
  expect(readBeside({ CONFIRM_HS256: value })).toMatchObject({ config: { confirmsHs256: confirmed }, wrong: [] });
});

test("sockets live to the end of the session unless configured otherwise", () => {
  expect(read({}).config.sessionLifetime).toBe("session");
});

describe("TOKEN_KINDS", () => {
  test("are all unless configured otherwise", () => {
    expect([...read({}).config.tokenKinds]).toEqual([
      "session-jwt",
      "session-jwt-flat",
      "session-jwe",
      "session-compact",
      "session-jwks",
      "session-token",
      "jwt",
      "shared-secret",
      "api-key",
      "ticket",
    ]);
  });

  test("are those that are named", () => {
    const { config, wrong } = readBeside({ TOKEN_KINDS: " api-key, session-jwt," });
    expect([config.tokenKinds, wrong]).toEqual([new Set(["session-jwt", "api-key"]), []]);
  });

  test.each(["session-jwt,magic", "Session-JWT", ","])("%j is reported", (TOKEN_KINDS) => {
    expect(readBeside({ TOKEN_KINDS }).wrong).toEqual(["TOKEN_KINDS"]);
  });
});

describe("the query", () => {
  test("may hold every credential unless configured otherwise", () => {
    expect(read({}).config.credentialPlaces.query).toBe("all");
  });

  test.each(["all", "tickets", "none"])("may be set to %s", (QUERY_CREDENTIALS) => {
    expect(readBeside({ QUERY_CREDENTIALS })).toMatchObject({
      config: { credentialPlaces: { query: QUERY_CREDENTIALS } },
      wrong: [],
    });
  });
});

describe("API_KEY_HEADERS", () => {
  test("are x-api-key and its one known alias unless configured otherwise", () => {
    expect(read({}).config.credentialPlaces.apiKeyHeaders).toEqual(["x-api-key", "kyutai-api-key"]);
  });

  test("replace the alias and never x-api-key", () => {
    const { config } = readBeside({ API_KEY_HEADERS: "robot-key, x-robot" });
    expect(config.credentialPlaces.apiKeyHeaders).toEqual(["x-api-key", "robot-key", "x-robot"]);
  });

  test.each(["a key", "key:", "schlüssel", "x".repeat(65)])("%j is reported, as no header has that name", (name) => {
    expect(readBeside({ API_KEY_HEADERS: `good,${name}` }).wrong).toEqual(["API_KEY_HEADERS"]);
  });
});

describe("BETTER_AUTH_COOKIE_PREFIX", () => {
  test("is better-auth unless configured otherwise", () => {
    expect(read({}).config.credentialPlaces.cookiePrefix).toBe("better-auth");
  });

  test("is what is configured", () => {
    expect(readBeside({ BETTER_AUTH_COOKIE_PREFIX: "my_app-1.x" })).toMatchObject({
      config: { credentialPlaces: { cookiePrefix: "my_app-1.x" } },
      wrong: [],
    });
  });

  test.each(["my app", "app;", "app=", "é", "x".repeat(65)])("%j is reported", (prefix) => {
    expect(readBeside({ BETTER_AUTH_COOKIE_PREFIX: prefix }).wrong).toEqual(["BETTER_AUTH_COOKIE_PREFIX"]);
  });
});

describe("ALLOWED_ORIGINS", () => {
  test("are none beside the gateway's own unless configured otherwise", () => {
    expect(read({}).config.allowedOrigins).toEqual(new Set());
  });

  test("are exact origins, apart by commas", () => {
    const { config, wrong } = readBeside({ ALLOWED_ORIGINS: "https://a.test, http://localhost:8081," });
    expect([config.allowedOrigins, wrong]).toEqual([new Set(["https://a.test", "http://localhost:8081"]), []]);
  });

  test.each([
    "*",
    "null",
    "a.test",
    "https://a.test/",
    "https://a.test/path",
    "https://A.test",
    "https://a.test:443",
    "https://user@a.test",
    "https://*.a.test",
    "https://",
    "file:///",
    "exp://a.test",
  ])("%s is reported, since no browser would ever write it so", (origin) => {
    expect(readBeside({ ALLOWED_ORIGINS: `https://b.test,${origin}` }).wrong).toEqual(["ALLOWED_ORIGINS"]);
  });
});

test.each(["ADMIN_KEY", "API_KEYS"])("%s is none of the secrets, old or of another system", (name) => {
  const secrets = {
    BETTER_AUTH_SECRETS: `2:${TEST_SECRET},1:old-1Lk0jH9gF8dS7aP6oI5uY4tR3eW2qMnBvC`,
    JWT_SECRET: "theirs-8Qw2eR4tY6uI1oP3aS5dF7gH9jK0lZxC",
  };
  for (const value of [TEST_SECRET, "old-1Lk0jH9gF8dS7aP6oI5uY4tR3eW2qMnBvC", secrets.JWT_SECRET]) {
    expect(read({ ...secrets, [name]: value }).wrong).toEqual([name]);
  }
});

test("every variable that is wrong is reported at once", () => {
  const variables = {
    JWT_SECRET: "too-short",
    TOKEN_KINDS: "magic",
    CONFIRM_HS256: "perhaps",
    MAX_TOKEN_LIFETIME_S: "0",
    API_KEYS: "too-short",
    QUERY_CREDENTIALS: "some",
    API_KEY_HEADERS: "a key",
    BETTER_AUTH_COOKIE_PREFIX: "a prefix",
    ALLOWED_ORIGINS: "*",
    SESSION_LIFETIME: "forever",
  };
  expect(read(variables).wrong).toEqual(["BETTER_AUTH_SECRET", ...Object.keys(variables)]);
});

test("no value is repeated in a report, as it may be a secret in the wrong place", () => {
  const names = ["TOKEN_KINDS", "API_KEYS", "QUERY_CREDENTIALS", "API_KEY_HEADERS", "BETTER_AUTH_COOKIE_PREFIX"];
  const secret = "5ecret value";
  const variables = Object.fromEntries([...names, "ALLOWED_ORIGINS", "SESSION_LIFETIME"].map((name) => [name, secret]));
  const { wrong, report } = readBeside(variables);
  expect([wrong.length, report.includes("5ecret")]).toEqual([7, false]);
});
