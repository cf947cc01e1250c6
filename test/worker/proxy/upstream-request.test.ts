// What an upstream is sent: who it is in the gate's own words alone, and its address from nobody but the operator.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toHeaderValue } from "../../../worker/proxy/identity/identity.ts";
import type { Route } from "../../../worker/proxy/route-table.ts";
import { upstreamHeaders, upstreamUrl } from "../../../worker/proxy/upstream-request.ts";
import { service, user } from "../../support/members.ts";
import { anySpelling, foldedName } from "../../support/spellings.ts";

const SEED = 20_264;
const PLACES = { query: "all", apiKeyHeaders: ["x-api-key", "kyutai-api-key"], cookiePrefix: "better-auth" } as const;
const STRANGER = { principal: undefined, assertion: undefined };
const ANNA = { principal: user("anna"), assertion: undefined };

function route(more: Partial<Route> = {}): Route {
  const rest = { methods: undefined, socketIo: false, timeoutMs: 1000, setHeaders: [], stripPrefix: false };
  return {
    path: "/api",
    upstream: { kind: "url", origin: "https://up.example:8443" },
    auth: "required",
    ...rest,
    ...more,
  };
}

function sent(headers: HeadersInit, bearer: Parameters<typeof upstreamHeaders>[2] = ANNA, more: Partial<Route> = {}) {
  return Object.fromEntries(upstreamHeaders(new Headers(headers), route(more), bearer, PLACES));
}

describe("who it is", () => {
  test("is a user with his session", () => {
    expect(sent({})).toEqual({
      "x-auth-user-id": "anna",
      "x-auth-session-id": "session-of-anna",
      "x-auth-kind": "user",
    });
  });

  test("is a program, which has none", () => {
    const bearer = { principal: service("robot"), assertion: undefined };
    expect(sent({}, bearer)).toEqual({ "x-auth-user-id": "svc:robot", "x-auth-kind": "service" });
  });

  test("is nobody, of whom nothing is said", () => {
    expect(sent({ "X-Auth-User-Id": "evil", Accept: "*/*" }, STRANGER)).toEqual({ accept: "*/*" });
  });

  test("is signed where the gate gives its word for it", () => {
    expect(sent({ "X-Auth-Assertion": "evil" }, { ...ANNA, assertion: "a.b.c" })).toMatchObject({
      "x-auth-assertion": "a.b.c",
    });
  });

  test("is not taken away by what `Connection` names", () => {
    const headers = { Connection: "X-Auth-User-Id, x-auth-kind, kyutai-api-key", "X-Auth-User-Id": "evil" };
    expect(sent(headers, ANNA, { setHeaders: [["kyutai-api-key", "k"]] })).toEqual({
      ...sent({}),
      "kyutai-api-key": "k",
    });
  });

  test.each([
    ["anna", "anna"],
    ["jwt:urn:a/b?c", "jwt:urn:a/b?c"],
    ["Ünï-1", "%C3%9Cn%C3%AF-1"],
    ["😀", "%F0%9F%98%80"],
    ["a b", "a%20b"],
    [" a", "%20a"],
    ["100%", "100%25"],
    ["%41", "%2541"],
  ])("%j is written %s", (id, value) => {
    expect([toHeaderValue(id), decodeURIComponent(toHeaderValue(id))]).toEqual([value, id]);
  });

  test("is written in ASCII and read back, whatever it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (id) => {
        expect(toHeaderValue(id)).toMatch(/^[!-~]*$/);
        expect(decodeURIComponent(toHeaderValue(id))).toBe(id);
      }),
      { seed: SEED, numRuns: 1000 },
    );
  });
});

describe("what a client writes in its place never arrives", () => {
  const CLAIMS = [
    "x-auth-user-id",
    "x-auth-session-id",
    "x-auth-kind",
    "x-auth-assertion",
    "x-auth-anything",
    "x-user-id",
    "x-user-email",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-forwarded-prefix",
    "forwarded",
    "x-original-url",
    "x-rewrite-url",
    "x-http-method-override",
    "x-real-ip",
    "x-middleware-subrequest",
    "authorization",
    "x-api-key",
    "kyutai-api-key",
    "proxy-authorization",
    "x-internal-key",
  ];
  const EVIL = "evil";
  /** Also named by `Connection`, in part, and with several values. */
  const bag = fc.record({
    names: fc.array(anySpelling(CLAIMS), { minLength: 1, maxLength: 6 }),
    named: fc.array(anySpelling([...CLAIMS, "close", "accept"]), { maxLength: 3 }),
    times: fc.integer({ min: 1, max: 3 }),
  });

  test.each([
    ["of a user", ANNA],
    ["of a stranger", STRANGER],
  ])("in any bag of headers %s", (_whose, bearer) => {
    fc.assert(
      fc.property(bag, ({ names, named, times }) => {
        const headers = new Headers({ "X-Request-Id": "kept" });
        for (const name of names) for (let time = 0; time < times; time += 1) headers.append(name, EVIL);
        if (named.length > 0) headers.set("Connection", named.join(", "));
        const setHeaders = [["x-internal-key", "the operator's"]] as const;
        const arrived = upstreamHeaders(headers, route({ setHeaders }), bearer, PLACES);
        expect([...arrived.values()].filter((value) => value.includes(EVIL))).toEqual([]);
        expect(arrived.get("x-internal-key")).toBe("the operator's");
        const said = [...arrived.keys()].filter((name) => foldedName(name).startsWith("x-auth-"));
        expect(said.length).toBe(bearer.principal === undefined ? 0 : 3);
        expect(arrived.get("x-request-id")).toBe("kept");
      }),
      { seed: SEED, numRuns: 1000 },
    );
  });
});

describe("the address on the upstream", () => {
  const SERVICE = { kind: "service", binding: "API" } as const;

  test.each<readonly [string, Partial<Route>, string]>([
    ["https://gate.example/api/x?a=1", {}, "https://up.example:8443/api/x?a=1"],
    ["https://gate.example/api/x?a=1", { stripPrefix: true }, "https://up.example:8443/x?a=1"],
    ["https://gate.example/api", { stripPrefix: true }, "https://up.example:8443/"],
    ["https://gate.example/api?", { stripPrefix: true }, "https://up.example:8443/?"],
    ["https://gate.example/api/", { stripPrefix: true }, "https://up.example:8443/"],
    ["https://gate.example/", { path: "/", stripPrefix: true }, "https://up.example:8443/"],
    ["https://gate.example/api/%41%20b;c=1/?q=%zz+&&", {}, "https://up.example:8443/api/%41%20b;c=1/?q=%zz+&&"],
    ["https://gate.example/api/x?token=t&a=1", {}, "https://up.example:8443/api/x?a=1"],
    ["https://gate.example/api/x?a=1#token=t", {}, "https://up.example:8443/api/x?a=1"],
    ["https://gate.example/api/x", { upstream: SERVICE }, "https://gate.example/api/x"],
  ])("of %s with %j is %s", (url, more, target) => {
    expect(upstreamUrl(url, route(more))).toBe(target);
  });

  test("has the operator's origin and the very path that was matched, whatever a client asks for", () => {
    const piece = fc.constantFrom(
      ...Array.from("/@:\\.#;?&=%"),
      "%2f",
      "//evil.example",
      "@evil.example",
      "..",
      "a",
      "%00",
      "evil.example:80",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), fc.boolean(), (pieces, stripPrefix) => {
        const url = new URL(`https://gate.example/api/${pieces.join("")}`);
        fc.pre(url.pathname.startsWith("/api/"));
        const target = new URL(upstreamUrl(url.href, route({ stripPrefix })));
        expect(target.origin).toBe("https://up.example:8443");
        expect(target.pathname).toBe(stripPrefix ? url.pathname.slice("/api".length) : url.pathname);
      }),
      { seed: SEED, numRuns: 1000 },
    );
  });
});
