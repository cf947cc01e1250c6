// What a client is given of an upstream's answer, and which pages may read it.
import { describe, expect, test } from "vitest";
import { answerPreflight, isPreflight, shareWith } from "../../../worker/proxy/sharing.ts";
import { answerOf } from "../../../worker/proxy/upstream-answer.ts";

const PAGE = "https://app.example";

function given(headers: HeadersInit, isPrivate = true): Headers {
  return answerOf(new Response("body", { headers }), isPrivate, "better-auth").headers;
}

test("status, body and headers come through", async () => {
  const headers = { "Content-Type": "text/csv", ETag: '"1"', "X-Frame-Options": "DENY", "Content-Length": "4" };
  const answer = answerOf(new Response("body", { status: 418, statusText: "Teapot", headers }), false, "better-auth");
  expect([answer.status, answer.statusText, await answer.text()]).toEqual([418, "Teapot", "body"]);
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    "content-type": "text/csv",
    etag: '"1"',
    "content-length": "4",
  });
});

test.each([204, 304])("an answer without a body, %i, comes through", (status) => {
  expect(answerOf(new Response(null, { status }), true, "better-auth").status).toBe(status);
});

describe("an upstream does not say", () => {
  test.each([
    "X-Auth-User-Id",
    "X_Auth_Kind",
    "x-auth-anything",
    "Connection",
    "Keep-Alive",
    "Proxy-Authenticate",
    "Alt-Svc",
    "Service-Worker-Allowed",
    "Clear-Site-Data",
    "Upgrade",
  ])("%s", (name) => {
    expect(given({ [name]: "x" }).has(name)).toBe(false);
  });

  test("what its own connection names, in any spelling", () => {
    const headers = { Connection: "close, x-hop", "X-Hop": "1", X_Hop: "2", "X-Theirs": "3" };
    expect([...given(headers).keys()]).toEqual(["cache-control", "content-type", "referrer-policy", "x-theirs"]);
  });

  test("which session a client has, and its other cookies stay apart", () => {
    const headers = new Headers();
    const cookies = ["a=1; Path=/", "better-auth.session_token=evil", "b=2; Expires=Wed, 21 Oct 2026 07:28:00 GMT"];
    for (const cookie of [...cookies, "__Secure-better-auth.session_data.0=evil", "=better-auth.session_data=evil"]) {
      headers.append("Set-Cookie", cookie);
    }
    expect(given(headers).getSetCookie()).toEqual(["a=1; Path=/", "b=2; Expires=Wed, 21 Oct 2026 07:28:00 GMT"]);
  });
});

describe("an answer is kept by nobody else", () => {
  test("where the upstream was told who asks", () => {
    expect(given({}).get("Cache-Control")).toBe("private, no-store");
  });

  test("unless the upstream says so itself", () => {
    expect(given({ "Cache-Control": "public, max-age=60" }).get("Cache-Control")).toBe("public, max-age=60");
  });

  test("and where it was told nobody, that is its own business", () => {
    expect(given({}, false).get("Cache-Control")).toBeNull();
  });
});

test.each([
  [{}, "no-referrer"],
  [{ "Referrer-Policy": "origin" }, "origin"],
])("with %j an answer's referrer policy is %s", (headers, policy) => {
  expect(given(headers).get("Referrer-Policy")).toBe(policy);
});

describe("a page", () => {
  const shared = (headers: HeadersInit, origin: string | undefined): Record<string, string> => {
    const answer = new Headers(headers);
    shareWith(answer, origin);
    return Object.fromEntries(answer);
  };

  test("that may read answers is named, with its cookies", () => {
    expect(shared({}, PAGE)).toEqual({
      "access-control-allow-origin": PAGE,
      "access-control-allow-credentials": "true",
      "access-control-expose-headers": "Retry-After",
      vary: "Origin",
    });
  });

  test("that may not is not, whatever the upstream says", () => {
    const upstream = { "Access-Control-Allow-Origin": "*", "Access-Control-Allow-Credentials": "true" };
    expect(shared(upstream, undefined)).toEqual({ vary: "Origin" });
    expect(shared(upstream, PAGE)["access-control-allow-origin"]).toBe(PAGE);
  });

  test("may read the headers that the upstream shows", () => {
    const exposed = shared({ "Access-Control-Expose-Headers": "X-Total" }, PAGE)["access-control-expose-headers"];
    expect(exposed).toBe("X-Total, Retry-After");
  });

  test.each([
    ["Accept-Encoding", "Accept-Encoding, Origin"],
    ["accept, origin", "accept, origin"],
    ["*", "*"],
    ["X-Origin", "X-Origin, Origin"],
  ])("is among what an answer varies by: %s becomes %s", (vary, now) => {
    expect(shared({ Vary: vary }, undefined)["vary"]).toBe(now);
  });
});

describe("a preflight", () => {
  const asked = {
    Origin: PAGE,
    "Access-Control-Request-Method": "PATCH",
    "Access-Control-Request-Headers": "x-one,x-two",
  };
  const preflight = new Request("https://gate.example/api", { method: "OPTIONS", headers: asked });

  test("is what names an origin and a method, and nothing else", () => {
    const { Origin, ...rest } = asked;
    expect(isPreflight(preflight)).toBe(true);
    expect(isPreflight(new Request(preflight.url, { method: "OPTIONS", headers: rest }))).toBe(false);
    expect(isPreflight(new Request(preflight.url, { method: "OPTIONS", headers: { Origin } }))).toBe(false);
    expect(isPreflight(new Request(preflight.url, { headers: asked }))).toBe(false);
  });

  test("of a page that may read answers names the route's methods, and the headers that were asked for", () => {
    const answer = answerPreflight(preflight, PAGE, ["GET", "PATCH"]);
    expect([answer.status, Object.fromEntries(answer.headers)]).toEqual([
      204,
      {
        "access-control-allow-origin": PAGE,
        "access-control-allow-credentials": "true",
        "access-control-allow-headers": "x-one,x-two",
        "access-control-allow-methods": "GET, PATCH",
        "access-control-expose-headers": "Retry-After",
        "access-control-max-age": "600",
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
        vary: "Origin, Access-Control-Request-Headers",
      },
    ]);
  });

  test("of any other allows nothing", () => {
    const { status, headers } = answerPreflight(preflight, undefined, undefined);
    expect([status, [...headers.keys()].filter((name) => name.startsWith("access-control"))]).toEqual([204, []]);
  });
});
