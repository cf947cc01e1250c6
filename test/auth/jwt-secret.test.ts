// Whether another system's secret is its own, and how its tokens are to be read.
import { describe, expect, test } from "vitest";
import { readJwtSecret } from "../../auth/jwt-secret.ts";
import { VariableReader, type Variables } from "../../auth/variables.ts";
import { TEST_SECRET } from "../support/session-token.ts";

const JWT_SECRET = "theirs-8Qw2eR4tY6uI1oP3aS5dF7gH9jK0lZxC";
const OLD_SECRET = "old-1Lk0jH9gF8dS7aP6oI5uY4tR3eW2qMnBvC";

function read(variables: Variables) {
  const reader = new VariableReader(variables);
  const secrets = [
    { value: TEST_SECRET, endsAtMs: undefined },
    { value: OLD_SECRET, endsAtMs: 1 },
  ];
  return { jwtSecret: readJwtSecret(reader, secrets), problems: reader.problems };
}

test("there is none unless configured", () => {
  expect(read({})).toEqual({ jwtSecret: undefined, problems: [] });
});

test("the claim id says who it is, of any issuer and for any audience, unless configured otherwise", () => {
  const jwtSecret = { value: JWT_SECRET, userClaim: "id", issuer: undefined, audience: undefined };
  expect(read({ JWT_SECRET })).toEqual({ jwtSecret, problems: [] });
});

test("all of it may be configured", () => {
  const variables = {
    JWT_SECRET,
    JWT_USER_CLAIM: "https://a.test/uid",
    JWT_ISSUER: "https://a.test",
    JWT_AUDIENCE: "b",
  };
  expect(read(variables)).toEqual({
    jwtSecret: { value: JWT_SECRET, userClaim: "https://a.test/uid", issuer: "https://a.test", audience: "b" },
    problems: [],
  });
});

describe("nobody gets in", () => {
  test.each([
    ["where it is the auth server's", TEST_SECRET, "must not be the auth server's secret"],
    ["where it was the auth server's", OLD_SECRET, "must not be the auth server's secret"],
    ["where it has 31 characters", JWT_SECRET.slice(0, 31), "is shorter than 32 characters"],
    ["where it repeats itself", "ab".repeat(20), "repeats itself too much to be random"],
    [
      "where it is a template's",
      "your-super-secret-jwt-key-at-least-32-characters",
      "is the placeholder of a template",
    ],
    [
      "where everybody knows it",
      "super-secret-jwt-token-with-at-least-32-characters-long",
      "is published: the secret of a framework's documents",
    ],
    ["where white space stands around it", `${JWT_SECRET}\n`, "has white space around it"],
  ])("%s", (_why, value, message) => {
    const problems = [{ variable: "JWT_SECRET", message }];
    expect(read({ JWT_SECRET: value })).toEqual({ jwtSecret: undefined, problems });
  });

  test.each(["iss", "aud", "exp", "nbf", "iat", "jti", "user id", "é", "x".repeat(129)])(
    "where %s is to say who it is",
    (JWT_USER_CLAIM) => {
      const { problems } = read({ JWT_SECRET, JWT_USER_CLAIM });
      expect(problems.map(({ variable }) => variable)).toEqual(["JWT_USER_CLAIM"]);
    },
  );
});
