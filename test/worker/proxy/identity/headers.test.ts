// Which request headers never reach an upstream, in whatever case and spelling a client writes them.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isOfTheGate, withoutForbiddenHeaders, withoutHopHeaders } from "../../../../worker/proxy/identity/headers.ts";
import { anySpelling, foldedName } from "../../../support/spellings.ts";

const SEED = 20_261;

const FORBIDDEN = [
  "x-auth-user-id",
  "x-auth-session-id",
  "x-auth-kind",
  "x-auth-assertion",
  "x-auth-",
  "x-user-id",
  "x-user-email",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-proto",
  "x-forwarded-user",
  "x-sluice-handoff",
  "x-gateway-user",
  "forwarded",
  "x-real-ip",
  "x-original-url",
  "x-rewrite-url",
  "x-http-method",
  "x-http-method-override",
  "x-method-override",
  "x-authenticated-userid",
  "x-remote-user",
  "remote-user",
  "x-webauth-user",
  "x-middleware-subrequest",
  "cf-access-jwt-assertion",
  "cf-access-authenticated-user-email",
  "x-host",
  "proxy",
];

const HARMLESS = [
  "accept",
  "accept-language",
  "authorization",
  "cf-connecting-ip",
  "content-type",
  "cookie",
  "origin",
  "user-agent",
  "x-api-key",
  "x-authority",
  "x-username",
  "x-forward",
  "forwarded-by",
  "x-real-ip-address",
  "x-request-id",
  "x-remotely",
  "proxy-status",
  "my-x-auth-user-id",
];

/** What the names are once a server has folded them. */
function folded(headers: Headers): ReadonlySet<string> {
  return new Set([...headers.keys()].map((name) => foldedName(name)));
}

test.each(FORBIDDEN)("%s does not pass", (name) => {
  expect([...withoutForbiddenHeaders(new Headers({ [name]: "evil" }))]).toEqual([]);
});

test.each(HARMLESS)("%s passes with its value", (name) => {
  expect(withoutForbiddenHeaders(new Headers({ [name]: "value" })).get(name)).toBe("value");
});

describe("in any mix of case, dashes and underscores", () => {
  test("no forbidden name passes, and every other does", () => {
    fc.assert(
      fc.property(fc.array(anySpelling(FORBIDDEN)), fc.array(anySpelling(HARMLESS)), (forbidden, harmless) => {
        const headers = new Headers();
        for (const name of [...forbidden, ...harmless]) headers.append(name, "value");
        expect(folded(withoutForbiddenHeaders(headers))).toEqual(
          folded(new Headers(harmless.map((name) => [name, ""]))),
        );
      }),
      { seed: SEED, numRuns: 500 },
    );
  });

  test("a forbidden name with anything behind a prefix does not pass", () => {
    const prefix = anySpelling(["x-auth-", "x-user-", "x-forwarded-", "x-sluice-"]);
    const rest = fc.string({ unit: fc.constantFrom(...Array.from("abcXYZ019-_.~!")), maxLength: 12 });
    fc.assert(
      fc.property(prefix, rest, (start, end) => {
        expect([...withoutForbiddenHeaders(new Headers({ [start + end]: "evil" }))]).toEqual([]);
      }),
      { seed: SEED, numRuns: 500 },
    );
  });
});

test("a header that came twice does not pass either", () => {
  const headers = new Headers([
    ["X-Forwarded-For", "1.2.3.4"],
    ["x-forwarded-for", "5.6.7.8"],
  ]);
  expect([...withoutForbiddenHeaders(headers)]).toEqual([]);
});

test("the headers of the client's request stay as they are", () => {
  const headers = new Headers({ "X-Auth-User-Id": "evil" });
  withoutForbiddenHeaders(headers);
  expect(headers.get("X-Auth-User-Id")).toBe("evil");
});

test.each(["X-Forwarded", "X-Client-IP", "True_Client_IP", "X-Cluster-Client-Ip"])(
  "%s, which names a client that nobody checked, is removed",
  (name) => {
    expect([...withoutForbiddenHeaders(new Headers({ [name]: "6.6.6.6", Accept: "x" })).keys()]).toEqual(["accept"]);
  },
);

test("a name in which a server takes a dot or a blank for a dash does not pass", () => {
  expect([...withoutForbiddenHeaders(new Headers({ "x.auth.user.id": "evil", "X-Auth~User": "evil" }))]).toEqual([]);
});

describe("what belongs to one hop", () => {
  test.each([
    "Connection",
    "Keep-Alive",
    "Proxy-Authorization",
    "Proxy-Connection",
    "TE",
    "Trailer",
    "Transfer-Encoding",
    "Upgrade",
    "HTTP2-Settings",
    "Expect",
    "Host",
    "Content-Length",
    "Sec-WebSocket-Protocol",
    "Sec-WebSocket-Key",
    "Content_Length",
    "TRANSFER_ENCODING",
  ])("ends with it: %s", (name) => {
    expect([...withoutHopHeaders(new Headers({ [name]: "x", Accept: "y" }))]).toEqual([["accept", "y"]]);
  });

  test("is also what `Connection` names, in any spelling", () => {
    const headers = new Headers({ Connection: "close, X-One ,x_two", "x-one": "1", "X-Two": "2", "X-Three": "3" });
    expect([...withoutHopHeaders(headers).keys()]).toEqual(["x-three"]);
  });
});

test("the gate's own headers are known in any spelling, and no others are its own", () => {
  const own = ["X-Auth-User-Id", "x_auth_session_id", "X-AUTH-KIND", "x-auth-assertion"];
  expect([own.every((name) => isOfTheGate(name)), isOfTheGate("X-Auth-Token")]).toEqual([true, false]);
});
