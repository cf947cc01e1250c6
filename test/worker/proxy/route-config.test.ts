// The variable ROUTES: what it may say, and that everything wrong with it is told at once, without a value.
import { describe, expect, test } from "vitest";
import type { Variables } from "../../../auth/variables.ts";
import { readConfig } from "../../../worker/config.ts";
import { TEST_SECRET } from "../../support/session-token.ts";

const API = { fetch: () => Promise.resolve(new Response()) };
const GOOD = { path: "/api", upstream: "https://api.example" };

function read(routes: unknown, variables: Variables = {}) {
  const ROUTES = typeof routes === "string" ? routes : JSON.stringify(routes);
  return readConfig({ BETTER_AUTH_SECRET: TEST_SECRET, API, ROUTES, ...variables });
}

/** The route of `/api`, where there is one. */
function routeOf(entry: Record<string, unknown>, variables: Variables = {}) {
  const { config, problems } = read([{ ...GOOD, ...entry }], variables);
  const found = config.routes.match("/api");
  return { problems, route: found.kind === "route" ? found.route : undefined };
}

function complaints(routes: unknown, variables: Variables = {}): readonly string[] {
  return read(routes, variables).problems.map(({ variable, message }) => `${variable} ${message}`);
}

test("no routes are none", () => {
  const none = [{}, { ROUTES: "" }, { ROUTES: "[]" }].map((variables) =>
    readConfig({ BETTER_AUTH_SECRET: TEST_SECRET, ...variables }),
  );
  for (const { config, problems } of none) {
    expect([problems, config.routes.match("/")]).toEqual([[], { kind: "none" }]);
  }
});

test("a path and an upstream are all that a route needs: a credential is then required", () => {
  expect(routeOf({})).toEqual({
    problems: [],
    route: {
      path: "/api",
      upstream: { kind: "url", origin: "https://api.example" },
      auth: "required",
      stripPrefix: false,
      methods: undefined,
      socketIo: false,
      timeoutMs: 30_000,
      setHeaders: [],
    },
  });
});

test("a route may say all the rest", () => {
  const entry = {
    upstream: "service:API",
    auth: "optional",
    stripPrefix: true,
    methods: ["POST", "GET"],
    socketIo: false,
    timeoutMs: 1,
    setHeaders: { "Kyutai-Api-Key": "$MOSHI_KEY", "X-Forwarded-Host": "streams.example.com", "x-auth-token": "t" },
  };
  expect(routeOf(entry, { MOSHI_KEY: "the upstream's own" })).toEqual({
    problems: [],
    route: {
      ...entry,
      path: "/api",
      upstream: { kind: "service", binding: "API" },
      methods: ["GET", "HEAD", "POST"],
      setHeaders: [
        ["kyutai-api-key", "the upstream's own"],
        ["x-forwarded-host", "streams.example.com"],
        ["x-auth-token", "t"],
      ],
    },
  });
});

describe("a path", () => {
  test.each(["/", "/api", "/api/", "/a/b.c/d_e~f-g", "/.well-known", "/admin", "/streams-of-old", "/v1..2/x"])(
    "may be %s",
    (path) => {
      expect(complaints([{ ...GOOD, path }])).toEqual([]);
    },
  );

  test.each([
    "",
    "api",
    "/api/*",
    "/a//b",
    "/a b",
    "/a%20b",
    "/../a",
    "/a/.",
    "/a.",
    "/ü",
    "/a?b",
    "/a#b",
    "/a;b",
    7,
    null,
  ])("is not %j", (path) => {
    expect(complaints([{ ...GOOD, path }])).toEqual(["ROUTES entry 1: `path` must be a path such as /api"]);
  });

  test.each([
    "/streams",
    "/streams/cam-1",
    "/streams/x/frame",
    "/ws",
    "/health",
    "/ready",
    "/tickets",
    "/admin/revocations",
  ])("is not %s, which the gateway itself answers", (path) => {
    expect(complaints([{ ...GOOD, path }])).toEqual([
      "ROUTES entry 1: `path` is an endpoint of the gateway's own, which answers first",
    ]);
  });

  test("is not the auth server's where one is bound, but may lie around it", () => {
    const AUTH = API;
    const message = "ROUTES entry 1: `path` is the auth server's (AUTH_PATH), which answers first";
    expect(complaints([{ ...GOOD, path: "/api/auth" }], { AUTH })).toEqual([message]);
    expect(complaints([{ ...GOOD, path: "/login/x" }], { AUTH, AUTH_PATH: "/login" })).toEqual([message]);
    expect(complaints([{ ...GOOD, path: "/api" }], { AUTH })).toEqual([]);
    expect(complaints([{ ...GOOD, path: "/api/auth" }])).toEqual([]);
  });

  test("belongs to one route, whatever its case", () => {
    expect(complaints([GOOD, { ...GOOD, path: "/API/" }])).toEqual([
      "ROUTES has two routes of one path, which case does not tell apart",
    ]);
  });
});

describe("an upstream", () => {
  test.each([
    "https://api.example",
    "https://api.example:8443",
    "http://localhost:3000",
    "http://127.0.0.1:8080",
    "service:API",
  ])("may be %s", (upstream) => {
    expect(complaints([{ ...GOOD, upstream }])).toEqual([]);
  });

  test.each([
    "https://api.example/",
    "https://api.example/v1",
    "https://user:secret@api.example",
    "https://API.example",

    "http://api.example",
    "http://localhost.evil.example",
    "https://api.example:443",
    "wss://api.example",
    "api.example",

    "//api.example",
    "https://api.example?x",
    "https://",
    "service:",
    "service:a b",
    "ftp://localhost",
    "",
    7,
    undefined,
  ])("is not %j", (upstream) => {
    expect(complaints([{ ...GOOD, upstream }])).toEqual([
      "ROUTES entry 1: `upstream` must be service:BINDING, or an origin such as https://api.example.com without a path",
    ]);
  });

  test.each(["NOWHERE", "TEXT", "NAMESPACE"])("is no Worker as %s", (binding) => {
    const variables = { TEXT: "https://api.example", NAMESPACE: { idFromName: () => undefined } };
    expect(complaints([{ ...GOOD, upstream: `service:${binding}` }], variables)).toEqual([
      "ROUTES entry 1: `upstream` names a Worker that is not bound",
    ]);
  });
});

describe("an entry is refused", () => {
  test.each<readonly [Record<string, unknown>, string]>([
    [{ auth: "none " }, "`auth` must be required, optional or none"],
    [{ auth: false }, "`auth` must be required, optional or none"],
    [{ stripPrefix: "yes" }, "`stripPrefix` must be true or false"],
    [{ socketIo: 1 }, "`socketIo` must be true or false"],
    [{ methods: [] }, "`methods` must be a list out of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"],
    [{ methods: ["get"] }, "`methods` must be a list out of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"],
    [{ methods: "GET" }, "`methods` must be a list out of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"],
    [{ timeoutMs: 0 }, "`timeoutMs` must be an integer from 1 to 600000"],
    [{ timeoutMs: 1.5 }, "`timeoutMs` must be an integer from 1 to 600000"],
    [{ timeoutMs: "1000" }, "`timeoutMs` must be an integer from 1 to 600000"],
    [{ setHeaders: [] }, "`setHeaders` must be an object of at most 32 headers"],
    [
      { setHeaders: { "a b": "x" } },
      "`setHeaders` has a name that is no header's, or one that the gateway sets itself",
    ],
    [
      { setHeaders: { X_Auth_User_Id: "x" } },
      "`setHeaders` has a name that is no header's, or one that the gateway sets itself",
    ],
    [{ setHeaders: { Host: "x" } }, "`setHeaders` has a name that is no header's, or one that the gateway sets itself"],
    [
      { setHeaders: { "X-A": "a\nb" } },
      "`setHeaders` has a value that is neither printable ASCII nor $NAME in capitals",
    ],
    [{ setHeaders: { "X-A": "" } }, "`setHeaders` has a value that is neither printable ASCII nor $NAME in capitals"],
    [
      { setHeaders: { "X-A": "$lower" } },
      "`setHeaders` has a value that is neither printable ASCII nor $NAME in capitals",
    ],
    [
      { setHeaders: { Authorization: "Bearer $MOSHI_KEY" } },
      "`setHeaders` has a value in which $NAME is only a part: the variable must hold all of it",
    ],
    [{ setHeaders: { "X-A": 7 } }, "`setHeaders` has a value that is neither printable ASCII nor $NAME in capitals"],
    [{ setHeaders: { "X-A": "1", "x-a": "2" } }, "`setHeaders` names a header twice"],
    [{ setHeaders: { "X-A": "$ADMIN_KEY" } }, "`setHeaders` would send a secret of the gateway's own"],
    [{ setHeaders: { "X-A": "$BETTER_AUTH_SECRET" } }, "`setHeaders` would send a secret of the gateway's own"],
    [
      { timeout: 5 },
      "has a field that is none of path, upstream, auth, stripPrefix, methods, socketIo, timeoutMs, setHeaders",
    ],
  ])("for %j", (entry, message) => {
    expect(complaints([{ ...GOOD, ...entry }])).toEqual([`ROUTES entry 1: ${message}`]);
  });

  test.each(["x", null, 7, []])("as %j", (entry) => {
    expect(complaints([GOOD, entry])).toEqual(["ROUTES entry 2: is not {path, upstream, …}"]);
  });
});

describe("a secret that is named and", () => {
  const entry = { ...GOOD, setHeaders: { "X-Key": "$MOSHI_KEY" } };

  test.each([
    ["missing is told by its name", undefined, "is not set, and ROUTES sends it in a header"],
    ["empty is told by its name", "", "is not set, and ROUTES sends it in a header"],
    ["no text is told by its name", 7, "must be a string"],
    ["ends with a newline is told by its name", "key\n", "must be printable ASCII, as ROUTES sends it in a header"],
  ])("%s", (_what, MOSHI_KEY, message) => {
    expect(read([entry], { MOSHI_KEY }).problems).toEqual([{ variable: "MOSHI_KEY", message }]);
  });
});

test.each(["{", "{}", "null", '"x"', "service:API"])("%s is no list of routes", (text) => {
  expect(complaints(text)).toEqual(["ROUTES must be a JSON list of routes"]);
});

test("more than a hundred routes are not taken", () => {
  const routes = Array.from({ length: 101 }, (_route, index) => ({ ...GOOD, path: `/r${index}` }));
  expect(complaints(routes)).toEqual(["ROUTES holds more than 100 routes"]);
});

test("everything that is wrong is told at once, by numbers and names and by no value", () => {
  const secret = "s3cret-of-somebody";
  const routes = [
    { path: secret, upstream: `https://${secret}/x`, auth: secret },
    { ...GOOD, setHeaders: { "X-A": `$${secret}`, [`x ${secret}`]: "x" }, [secret]: 1 },
  ];
  const told = complaints(routes, { ALLOWED_ORIGINS: "*" });
  expect(told).toHaveLength(7);
  expect(told.join(" ")).not.toContain(secret);
});
