// Where the auth server is: what is taken for an address or a path, and what is reported.
import { describe, expect, test } from "vitest";
import { readAuthServerConfig } from "../../../auth/auth-server/config.ts";
import { VariableReader, type Variables } from "../../../auth/variables.ts";

function read(variables: Variables) {
  const reader = new VariableReader(variables);
  return { ...readAuthServerConfig(reader), wrong: reader.problems.map(({ variable }) => variable) };
}

describe("AUTH_PATH", () => {
  test.each([
    ["/api/auth", "/api/auth"],
    ["/auth", "/auth"],
    ["/v1/api.auth/_x-y/", "/v1/api.auth/_x-y"],
    ["/auth//", "/auth"],
  ])("as %s is %s", (text, path) => {
    expect(read({ AUTH_PATH: text })).toMatchObject({ path, wrong: [] });
  });

  test.each([
    "/",
    "//",
    "auth",
    "/..",
    "/api/./auth",
    "/a//b",
    "/a b",
    "/a?b",
    "/a#b",
    "/a%2fb",
    "/a/*",
    "https://auth.test/api",
    "\\auth",
  ])("as %s is reported and stands for the default", (text) => {
    expect(read({ AUTH_PATH: text })).toMatchObject({ path: "/api/auth", wrong: ["AUTH_PATH"] });
  });
});

describe("BETTER_AUTH_URL", () => {
  test.each([
    ["https://auth.test", "https://auth.test"],
    ["https://auth.test/", "https://auth.test"],
    ["http://localhost:3000", "http://localhost:3000"],
    ["https://auth.test/api/auth", "https://auth.test/api/auth"],
    ["https://auth.test/api/auth//", "https://auth.test/api/auth"],
    ["HTTPS://Auth.Test:443", "https://auth.test"],
  ])("as %s is %s", (text, url) => {
    expect(read({ BETTER_AUTH_URL: text })).toMatchObject({ url, wrong: [] });
  });

  test.each([
    "auth.test",
    "//auth.test",
    "/api/auth",
    "ftp://auth.test",
    "javascript:alert(1)",
    "file:///etc/passwd",
    "https://",
    "https://auth.test?x=1",
    "https://auth.test/#x",
    "https://user@auth.test",
    "https://:password@auth.test",
    "https://user:password@auth.test",
    "https://auth test",
  ])("as %s is reported and not used", (text) => {
    expect(read({ BETTER_AUTH_URL: text })).toMatchObject({
      url: undefined,
      wrong: ["BETTER_AUTH_URL"],
    });
  });

  test.each([5, true, {}])("as %j, which is no text, is reported", (value) => {
    expect(read({ BETTER_AUTH_URL: value }).wrong).toEqual(["BETTER_AUTH_URL"]);
  });
});
