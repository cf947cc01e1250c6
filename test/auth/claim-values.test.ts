// Whether a registered claim counts with the one type that it has, and with no value that a language would make into it.
import { describe, expect, test } from "vitest";
import { composeAuthenticator } from "../../auth/compose.ts";
import { readAuthConfig } from "../../auth/config.ts";
import { VariableReader } from "../../auth/variables.ts";
import { claims, handMadeToken, NOW_S } from "../support/hostile-token.ts";
import { occasionAt } from "../support/occasion.ts";
import { TEST_SECRET } from "../support/session-token.ts";

const JWT_SECRET = "theirs-8Qw2eR4tY6uI1oP3aS5dF7gH9jK0lZxC";
const ISSUER = "https://issuer.test";
const AUDIENCE = "streams";

const variables = { BETTER_AUTH_SECRET: TEST_SECRET, JWT_SECRET, JWT_ISSUER: ISSUER, JWT_AUDIENCE: AUDIENCE };
const authenticate = composeAuthenticator(readAuthConfig(new VariableReader(variables)), undefined, undefined);

/** A session token, and one of the other system. */
const KINDS = [
  ["a session", claims(), '{"alg":"HS256"}', TEST_SECRET],
  [
    "a JWT of the other system",
    { id: "42", iat: NOW_S - 10, exp: NOW_S + 290, iss: ISSUER, aud: AUDIENCE },
    '{"alg":"HS256","typ":"JWT"}',
    JWT_SECRET,
  ],
] as const;

/** JSON texts, since some of these no encoder writes. */
const NO_TIMES = [
  "null",
  "true",
  "false",
  '""',
  '" "',
  '"soon"',
  `"${NOW_S + 100}"`,
  `"${new Date(NOW_S * 1000).toISOString()}"`,
  "0",
  "-1",
  "-0",
  "0.5",
  `${NOW_S}.25`,
  "1e400",
  "-1e400",
  "9007199254740993",
  "[]",
  `[${NOW_S}]`,
  "{}",
  `{"valueOf":${NOW_S}}`,
];

const NO_NAMES = ["null", "true", "0", "1", '""', '" "', "[]", "{}", '{"0":"x"}', '[["x"]]', "[null]"];

describe.each(KINDS)("of %s", (_what, good, header, secret) => {
  /** With this JSON in the place of a claim. */
  function withClaim(claim: string, json: string): ReturnType<typeof authenticate> {
    const { [claim]: _former, ...others } = good as Record<string, unknown>;
    const payload = `${JSON.stringify(others).slice(0, -1)},"${claim}":${json}}`;
    return authenticate(handMadeToken({ header, payload, secret }), "any-token", occasionAt());
  }

  test("the token is good with good values", async () => {
    expect(await withClaim("exp", String(NOW_S + 290))).toMatchObject({ kind: "authenticated" });
    expect(await withClaim("nbf", String(NOW_S))).toMatchObject({ kind: "authenticated" });
  });

  for (const claim of ["exp", "iat", "nbf"]) {
    test.each(NO_TIMES)(`${claim}: %s is no time`, async (json) => {
      expect(await withClaim(claim, json)).toMatchObject({ reason: expect.stringMatching(/^claims-/), claim });
    });
  }

  test.each([
    ["exp", NOW_S, "token-expired"],
    ["exp", NOW_S - 1, "token-expired"],
    ["exp", (NOW_S + 100) * 1000, "lifetime-too-long"],
    ["iat", NOW_S + 61, "issued-in-the-future"],
    ["iat", NOW_S - 604_800, "lifetime-too-long"],
    ["nbf", NOW_S + 61, "claims-invalid"],
  ])("%s: %d is not its time", async (claim, value, reason) => {
    expect(await withClaim(claim, String(value))).toMatchObject({ reason });
  });

  test.each([...NO_NAMES, '"Streams"', '"streams "', '["other"]', '["streams",5]'])(
    "aud: %s is not this gateway",
    async (json) => {
      expect(await withClaim("aud", json)).toEqual({ reason: "claims-invalid", claim: "aud" });
    },
  );
});

describe("of a JWT of the other system", () => {
  const [, good, header, secret] = KINDS[1];

  test.each([...NO_NAMES, `"${ISSUER}/"`, `["${ISSUER}"]`, `"${ISSUER.toUpperCase()}"`])(
    "iss: %s is not the other system",
    async (json) => {
      const payload = JSON.stringify(good).replace(JSON.stringify(ISSUER), json);
      const result = await authenticate(handMadeToken({ header, payload, secret }), "any-token", occasionAt());
      expect(result).toEqual({ reason: "claims-invalid", claim: "iss" });
    },
  );
});
