// What of a request stays at the gate: every credential, wherever one may stand; and that nothing else changes by it.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findSessionCookie } from "../../../../auth/cookies.ts";
import { findAmbientCredential, findClaimedCredential } from "../../../../auth/credential.ts";
import {
  isAuthCookie,
  withoutAuthCookies,
  withoutCredentials,
  withoutTokensInQuery,
} from "../../../../worker/proxy/identity/withheld.ts";
import { ticketText } from "../../../support/tickets.ts";

const SEED = 20_263;
const PLACES = { query: "all", apiKeyHeaders: ["x-api-key", "kyutai-api-key"], cookiePrefix: "better-auth" } as const;
const URL_OF_NOTHING = new URL("https://gate.example/api");

describe("a Cookie header", () => {
  test.each([
    ["a=1; better-auth.session_data=x; b=2", "a=1; b=2"],
    ["better-auth.session_token=x", ""],
    ["__Secure-better-auth.session_token=x;a=1", "a=1"],
    ["a=1;__Host-better-auth.session_token=x", "a=1"],
    ["better-auth.session_data.0=x; better-auth.session_data.1=y; a=1", "a=1"],
    ["better-auth.session_token_multi-abc=x; better-auth.admin_session=y; better-auth.account_data=z; a=1", "a=1"],
    ["better-auth-session_token=x; a=1", "a=1"],
    ["a=1, better-auth.session_token=x", "a=1"],
    ["better-auth.session_token=x, a=1", "a=1"],
    ["a=1;  better-auth.session_token =x; b=2", "a=1; b=2"],
    ["BETTER-AUTH.SESSION_TOKEN=x; a=1", "a=1"],
    ['better-auth.session_token="x"; a="1; 2"', 'a="1; 2"'],
    ["better-auth.session_token; a=1", "a=1"],
    ["=better-auth.session_token=x; a=1", "a=1"],
  ])("%j goes on as %j", (header, rest) => {
    expect(withoutAuthCookies(header, "better-auth")).toBe(rest);
  });

  test.each([
    "a=1; b=2",
    " a = 1 ;;b",
    "session_token=x",
    "my-better-auth.x=1; better-authentic=2",
    'a="b, c"',
    "a=1,,b",
    ";",
  ])("%j, which holds none of them, keeps its every byte", (header) => {
    expect(withoutAuthCookies(header, "better-auth")).toBe(header);
  });

  test("holds no session any more, whatever it was put together from", () => {
    const name = fc.constantFrom(
      "better-auth.session_data",
      "better-auth.session_token",
      "__Secure-better-auth.session_data",
      "better-auth.session_data.0",
      "better-auth.session_data.1",
      "a",
      "b",
      " better-auth.session_token",
    );
    const cookie = fc.tuple(name, fc.string({ unit: fc.constantFrom(...Array.from('xy.=, %20\t"')), maxLength: 6 }));
    const separator = fc.constantFrom(";", "; ", ", ", ",", ";;", " ; ");
    fc.assert(
      fc.property(fc.array(fc.tuple(cookie, separator), { maxLength: 6 }), (cookies) => {
        const header = cookies.map(([[key, value], end]) => `${key}=${value}${end}`).join("");
        expect(findSessionCookie(withoutAuthCookies(header, "better-auth"), "better-auth").kind).toBe("absent");
      }),
      { seed: SEED, numRuns: 2000 },
    );
  });
});

test.each([
  "=better-auth.session_token=evil; Path=/",
  " better-auth.session_token = x",
  "better-auth.session_token",
  "__SECURE-Better-Auth.x=1",
])("%j sets a cookie of the auth server", (cookie) => {
  expect(isAuthCookie(cookie, "better-auth")).toBe(true);
});

describe("a query", () => {
  test.each([
    ["?token=x", ""],
    ["?a=1&token=x&b=%20+2", "?a=1&b=%20+2"],
    ["?auth_id=x&a", "?a"],
    ["?%74oken=x&a=1", "?a=1"],
    ["?auth%5fid=x&a=1", "?a=1"],
    ["?Token=x&a=1", "?a=1"],
    ["?token&a=1", "?a=1"],
    ["?token=x&token=y", ""],
  ])("%s goes on as %s", (query, rest) => {
    expect(withoutTokensInQuery(query)).toBe(rest);
  });

  test.each([
    "",
    "?",
    "?a=1&&b",
    "?a=%zz&b=+",
    "?tokens=1&my_token=2&access_token=3&x=token",
    "?ticket=4711",
    "?a=;token=x",
  ])("%s, which holds no token, keeps its every byte", (query) => {
    expect(withoutTokensInQuery(query)).toBe(query);
  });

  test("loses a ticket of the gateway's, and no other value of the name", async () => {
    expect(withoutTokensInQuery(`?ticket=${await ticketText()}&a=1`)).toBe("?a=1");
  });

  test("holds no credential any more, however its names are written", () => {
    const letter = (name: string) =>
      fc
        .array(fc.boolean(), { minLength: name.length, maxLength: name.length })
        .map((encoded) =>
          Array.from(name, (character, index) =>
            encoded[index] === true ? `%${character.charCodeAt(0).toString(16)}` : character,
          ).join(""),
        );
    const name = fc.constantFrom("token", "auth_id", "a", "tokens").chain(letter);
    const parameter = fc.tuple(name, fc.constantFrom("=x", "=", "", "=%zz")).map((parts) => parts.join(""));
    fc.assert(
      fc.property(fc.array(parameter, { maxLength: 6 }), (parameters) => {
        const url = new URL(`https://gate.example/api${withoutTokensInQuery(`?${parameters.join("&")}`)}`);
        expect(findClaimedCredential(new Headers(), url, PLACES).kind).toBe("absent");
        expect(url.searchParams.getAll("a")).toHaveLength(new URLSearchParams(parameters.join("&")).getAll("a").length);
      }),
      { seed: SEED, numRuns: 1000 },
    );
  });
});

describe("of the headers", () => {
  test.each(["Authorization", "authorization", "X-Api-Key", "X_API_KEY", "Kyutai-Api-Key", "kyutai_api_key"])(
    "%s stays at the gate",
    (name) => {
      expect([...withoutCredentials(new Headers({ [name]: "x", Accept: "y" }), PLACES)]).toEqual([["accept", "y"]]);
    },
  );

  test("none is left in which a credential is found", () => {
    const headers = new Headers({
      Authorization: "Bearer x",
      "x-api-key": "x",
      Cookie: "better-auth.session_token=x",
      Accept: "*/*",
    });
    const left = withoutCredentials(headers, PLACES);
    expect(findClaimedCredential(left, URL_OF_NOTHING, PLACES).kind).toBe("absent");
    expect(findAmbientCredential(left, PLACES).kind).toBe("absent");
    expect([...left.keys()]).toEqual(["accept"]);
  });

  test("the page that asks is named without the token that its address may hold", () => {
    const headers = new Headers({ Referer: "https://gate.example/?token=x&a=1" });
    expect(withoutCredentials(headers, PLACES).get("Referer")).toBe("https://gate.example/?a=1");
  });
});
