// Whether the variables that decide who gets in have strict defaults, and a bad secret lets nobody in.
import { expect, test } from "vitest";
import { type AuthConfig, readAuthConfig } from "../../auth/config.ts";
import { VariableReader, type Variables } from "../../auth/variables.ts";
import { TEST_SECRET } from "../support/session-token.ts";

function read(variables: Variables): { config: AuthConfig; wrong: readonly string[] } {
  const reader = new VariableReader(variables);
  const config = readAuthConfig(reader);
  return { config, wrong: reader.problems.map(({ variable }) => variable) };
}

test("a good secret is all that is needed", () => {
  expect(read({ BETTER_AUTH_SECRET: TEST_SECRET })).toMatchObject({ config: { secret: TEST_SECRET }, wrong: [] });
});

test.each([undefined, "", "too-short", `${TEST_SECRET}\n`])("the secret %j is reported and not handed on", (secret) => {
  const { config, wrong } = read({ BETTER_AUTH_SECRET: secret });
  expect([config.secret, wrong]).toEqual([undefined, ["BETTER_AUTH_SECRET"]]);
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

test("sockets live to the end of the session unless configured otherwise", () => {
  expect(read({}).config.sessionLifetime).toBe("session");
});

test("every variable that is wrong is reported at once", () => {
  const variables = { MAX_TOKEN_LIFETIME_S: "0", QUERY_CREDENTIALS: "some", SESSION_LIFETIME: "forever" };
  expect(read(variables).wrong).toEqual(["BETTER_AUTH_SECRET", ...Object.keys(variables)]);
});
