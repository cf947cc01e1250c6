// Routes to a bound Worker, through a real gateway: who passes, what the Worker is told of him, and what comes back.
import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { createTestHarness } from "wrangler";
import { ROOT } from "../../../scripts/wrangler.ts";
import { asGateway, type Gateway } from "../../support/gateway.ts";
import { signSession, TEST_ADMIN_KEY, TEST_SECRET } from "../../support/session-token.ts";
import { ticketText } from "../../support/tickets.ts";

const BACKEND_KEY = "backend-Zx8Cv6Bn4Mq2Wp0Er9Ty7";
const VIEWER_KEY = "viewer-Qw3Er5Ty7Ui9Op1As2Df4Gh";
const UPSTREAM_KEY = "of-the-upstream-Jk6Lz8Xc0Vb2Nm";
const PAGE = "https://app.example.com";

const ROUTES = [
  { path: "/api", upstream: "service:API" },
  { path: "/api/slow", upstream: "service:API", timeoutMs: 400 },
  { path: "/api/public", upstream: "service:API", auth: "none" },
  { path: "/site", upstream: "service:API", auth: "optional", stripPrefix: true },
  {
    path: "/read",
    upstream: "service:API",
    methods: ["GET", "POST"],
    setHeaders: { "kyutai-api-key": "$UPSTREAM_KEY" },
  },
  { path: "/socket", upstream: "service:API", socketIo: true },
  { path: "/admin", upstream: "service:API", auth: "none" },
];

let gateway: Gateway;
beforeAll(async () => {
  const hashOf = (key: string): string => `sha256:${createHash("sha256").update(key).digest("hex")}`;
  const keys = [
    { name: "backend", hash: hashOf(BACKEND_KEY), scopes: ["proxy"] },
    { name: "viewer", hash: hashOf(VIEWER_KEY), scopes: ["read"], streams: ["*"] },
  ];
  const vars = {
    ROUTES: JSON.stringify(ROUTES),
    ALLOWED_ORIGINS: PAGE,
    REVOCATION_CACHE_S: "0",
    MAX_MESSAGES_PER_S: "20",
  };
  const own = { BETTER_AUTH_SECRET: TEST_SECRET, ADMIN_KEY: TEST_ADMIN_KEY, API_KEYS: JSON.stringify(keys) };
  const harness = createTestHarness({
    root: ROOT,
    workers: [
      { configPath: "test/support/bound-upstream/gateway.toml", vars, secrets: { ...own, UPSTREAM_KEY } },
      { configPath: "test/support/bound-upstream/wrangler.toml" },
    ],
  });
  const { url } = await harness.listen();
  gateway = asGateway(harness, url);
});
afterAll(() => gateway.stop());

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

function ask(path: string, headers: Record<string, string> = {}, init: RequestInit = {}): Promise<Response> {
  return fetch(new URL(path, gateway.url), { redirect: "manual", headers, ...init });
}

/** What the Worker was sent. */
async function seen(path: string, headers: Record<string, string> = {}, init: RequestInit = {}): Promise<Seen> {
  const response = await ask(path, headers, init);
  expect(response.status).toBe(200);
  return (await response.json()) as Seen;
}

/** Status and code of a refusal. */
async function refused(path: string, headers: Record<string, string> = {}, init: RequestInit = {}): Promise<unknown> {
  const response = await ask(path, headers, init);
  expect(response.headers.get("Content-Type")).toBe("application/problem+json");
  return [response.status, ((await response.json()) as { code: unknown }).code];
}

const bearer = async (userId: string): Promise<Record<string, string>> => ({
  Authorization: `Bearer ${await signSession({ userId })}`,
});
const cookie = async (userId: string): Promise<string> => `better-auth.session_data=${await signSession({ userId })}`;

const identityOf = ({ headers }: Seen): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith("x-auth-")));

/** The gate's own word; what is in it is tried elsewhere. */
const ASSERTED = { "x-auth-assertion": expect.stringMatching(/^eyJ[\w-]+\.[\w-]+\.[\w-]+$/) as string };
const ANNA = {
  "x-auth-user-id": "anna",
  "x-auth-session-id": "session-of-anna",
  "x-auth-kind": "user",
  ...ASSERTED,
};

describe("where a credential is required", () => {
  test("a user passes, and the Worker is told who it is", async () => {
    expect(identityOf(await seen("/api/x", await bearer("anna")))).toEqual(ANNA);
  });

  test("a user with a name that is not ASCII is told as the bytes of it", async () => {
    expect(identityOf(await seen("/api/x", await bearer("Ünï 😀")))).toMatchObject({
      "x-auth-user-id": "%C3%9Cn%C3%AF%20%F0%9F%98%80",
    });
  });

  test("a key with the scope passes, in any of its places", async () => {
    const program = { "x-auth-user-id": "key:backend", "x-auth-kind": "service", ...ASSERTED };
    expect(identityOf(await seen("/api/x", { "x-api-key": BACKEND_KEY }))).toEqual(program);
    expect(identityOf(await seen("/api/x", { "kyutai-api-key": BACKEND_KEY }))).toEqual(program);
    expect(identityOf(await seen(`/api/x?auth_id=${BACKEND_KEY}`))).toEqual(program);
  });

  test("nobody else passes", async () => {
    expect(await refused("/api/x")).toEqual([401, "AUTH_REQUIRED"]);
    expect(await refused("/api/x", { "X-Auth-User-Id": "anna" })).toEqual([401, "AUTH_REQUIRED"]);
    expect(await refused("/api/x", { Authorization: "Bearer a.b.c" })).toEqual([401, "AUTH_FAILED"]);
    expect(await refused("/api/x", { "x-api-key": VIEWER_KEY })).toEqual([403, "UNAUTHORIZED"]);
    expect(await refused("/api/x", { "x-api-key": TEST_ADMIN_KEY })).toEqual([403, "UNAUTHORIZED"]);
    expect(await refused("/api/x?token=a&token=b")).toEqual([400, "BAD_REQUEST"]);
  });

  test("a ticket opens nothing", async () => {
    const nowS = Math.floor(Date.now() / 1000);
    const ticket = await ticketText({
      issuedAtS: nowS,
      mintedAtS: nowS,
      expiresAtS: nowS + 60,
      sessionEndsAtMs: (nowS + 3600) * 1000,
    });
    expect(await refused("/api/x", { Authorization: `Bearer ${ticket}` })).toEqual([401, "AUTH_FAILED"]);
    expect(await refused(`/api/x?ticket=${ticket}`)).toEqual([401, "AUTH_REQUIRED"]);
  });

  test("whose session was revoked does not pass", async () => {
    const headers = await bearer("revoked");
    await seen("/api/x", headers);
    const order = await ask(
      "/admin/revocations",
      { "x-api-key": TEST_ADMIN_KEY, "Content-Type": "application/json" },
      { method: "POST", body: JSON.stringify({ userId: "revoked" }) },
    );
    expect(order.status).toBe(202);
    expect(await refused("/api/x", headers)).toEqual([401, "SESSION_REVOKED"]);
  });

  test("who asks too much is told when to come back", async () => {
    const headers = await bearer("greedy");
    const answers = await Promise.all(Array.from({ length: 200 }, () => ask("/api/x", headers)));
    const tooMany = answers.filter(({ status }) => status === 429);
    expect(tooMany.length).toBeGreaterThan(0);
    expect(tooMany.map((answer) => answer.headers.has("Retry-After"))).not.toContain(false);
    await Promise.all(answers.map((answer) => answer.text()));
  });
});

describe("a cookie", () => {
  test("counts for a page of the gateway's own, and for one that is allowed", async () => {
    const headers = { Cookie: await cookie("anna"), Origin: PAGE };
    expect(identityOf(await seen("/api/x", headers, { method: "POST", body: "x" }))).toEqual(ANNA);
    expect(identityOf(await seen("/api/x", { ...headers, Origin: gateway.url.origin }))).toEqual(ANNA);
  });

  test.each(["POST", "PUT", "DELETE", "GET"])("does not count for any other page: %s", async (method) => {
    const headers = { Cookie: await cookie("anna"), Origin: "https://evil.example" };
    expect(await refused("/api/x", headers, { method })).toEqual([403, "ORIGIN_NOT_ALLOWED"]);
  });

  test("of the session does not reach the Worker, and others do", async () => {
    const { headers } = await seen("/api/x", { Cookie: `theme=dark; ${await cookie("anna")}; lang=de` });
    expect(headers["cookie"]).toBe("theme=dark; lang=de");
  });
});

describe("where a credential may be shown", () => {
  test("a user is told, and a stranger is nobody", async () => {
    expect(identityOf(await seen("/site/x", await bearer("anna")))).toEqual(ANNA);
    expect(identityOf(await seen("/site/x", { "X-Auth-User-Id": "anna" }))).toEqual({});
  });

  test("one that fails is refused, and a cookie that fails is none", async () => {
    expect(await refused("/site/x", { Authorization: "Bearer a.b.c" })).toEqual([401, "AUTH_FAILED"]);
    expect(identityOf(await seen("/site/x", { Cookie: "better-auth.session_data=a.b.c" }))).toEqual({});
  });

  test("a cookie from another site is none", async () => {
    const headers = { Cookie: await cookie("anna"), Origin: "https://evil.example" };
    expect(identityOf(await seen("/site/x", headers))).toEqual({});
  });

  test("who is recognized gets an answer that nobody else may keep", async () => {
    const known = await ask("/site/x", await bearer("anna"));
    const stranger = await ask("/site/x");
    expect([known, stranger].map((answer) => answer.headers.get("Cache-Control"))).toEqual(["private, no-store", null]);
    await Promise.all([known.text(), stranger.text()]);
  });
});

test("where none is looked at nobody is told, and what was shown stays at the gate all the same", async () => {
  const headers = {
    ...(await bearer("anna")),
    "x-api-key": "wrong",
    Cookie: await cookie("anna"),
    "X-Auth-Kind": "user",
  };
  const arrived = await seen("/api/public/x?token=t&a=1", headers);
  expect(identityOf(arrived)).toEqual({});
  expect(Object.keys(arrived.headers)).not.toEqual(expect.arrayContaining(["authorization"]));
  expect([arrived.headers["x-api-key"], arrived.headers["cookie"]]).toEqual([undefined, undefined]);
  expect(new URL(arrived.url).search).toBe("?a=1");
});

describe("the Worker sees", () => {
  test("method, path, query and body as they were sent, under the gateway's own origin", async () => {
    const path = "/api/a%20b/%C3%BC;v=1?q=%41+b&empty=&&x";
    const arrived = await seen(path, await bearer("anna"), { method: "PATCH", body: "the body" });
    expect(arrived).toMatchObject({ method: "PATCH", url: `${gateway.url.origin}${path}`, body: "the body" });
  });

  test("the path below the route where that is stripped", async () => {
    const arrived = await Promise.all(["/site/x/y?a=1", "/site", "/site/"].map((path) => seen(path)));
    const { origin } = gateway.url;
    expect(arrived.map(({ url }) => url)).toEqual([`${origin}/x/y?a=1`, `${origin}/`, `${origin}/`]);
  });

  test("the key that the operator has it sent, and not the client's", async () => {
    const { headers } = await seen("/read/x", { "kyutai-api-key": BACKEND_KEY, Kyutai_Api_Key: "evil" });
    expect(headers["kyutai-api-key"]).toBe(UPSTREAM_KEY);
    expect(JSON.stringify(headers)).not.toContain(BACKEND_KEY);
  });
});

describe("a request goes to no upstream", () => {
  test.each([
    "/api/a%2fb",
    "/api/%5cx",
    "/api/x%00",
    "/api//x",
    "/api/..;/x",
    "/api/%252e%252e/x",
    "/api/public/..%2fx",
  ])("whose path can be read in two ways: %s", async (path) => {
    expect(await refused(path, await bearer("anna"))).toEqual([400, "BAD_REQUEST"]);
  });

  test("by a method that its route does not have", async () => {
    const response = await ask("/read/x", await bearer("anna"), { method: "DELETE" });
    expect([response.status, response.headers.get("Allow")]).toEqual([405, "GET, HEAD, POST"]);
    expect((await ask("/read/x", await bearer("anna"), { method: "HEAD" })).status).toBe(200);
  });

  test("that belongs to the gateway itself, whatever route lies around it", async () => {
    expect((await ask("/health")).status).toBe(200);
    expect(await refused("/admin/revocations", {}, { method: "PUT" })).toEqual([405, "METHOD_NOT_ALLOWED"]);
    expect(new URL((await seen("/admin/users")).url).pathname).toBe("/admin/users");
  });

  test("that no route has: there is the console, and nothing else", async () => {
    expect((await ask("/")).headers.get("Content-Type")).toContain("text/html");
    expect(await refused("/apix")).toEqual([404, "NOT_FOUND"]);
    expect(await refused("/API/x")).toEqual([404, "NOT_FOUND"]);
  });

  test("that is for another dialect", async () => {
    expect(await refused("/socket/x", await bearer("anna"))).toEqual([404, "NOT_FOUND"]);
  });
});

describe("an answer", () => {
  test("that leads elsewhere is not followed", async () => {
    const response = await ask("/api/redirect", await bearer("anna"));
    expect([response.status, response.headers.get("Location")]).toEqual([302, "https://elsewhere.example/"]);
  });

  test("that the Worker lets others keep is kept", async () => {
    const response = await ask("/api/page", await bearer("anna"));
    expect(response.headers.get("Cache-Control")).toBe("public, max-age=60");
    expect(response.headers.get("Vary")).toBe("Accept, Origin");
    expect(await response.text()).toBe("page");
  });

  test("says nothing that only the gate may say", async () => {
    const response = await ask("/api/impostor", await bearer("anna"));
    expect(response.headers.getSetCookie()).toEqual(["theme=dark"]);
    expect([response.headers.get("X-Auth-User-Id"), response.headers.get("Access-Control-Allow-Origin")]).toEqual([
      null,
      null,
    ]);
    expect(await response.text()).toBe("impostor");
  });

  test("that does not begin in time is 504, and a client is told when to come back", async () => {
    const response = await ask("/api/slow", await bearer("anna"));
    expect(response.status).toBe(504);
    expect(Number(response.headers.get("Retry-After"))).toBeGreaterThanOrEqual(1);
    expect(await response.json()).toMatchObject({ code: "UPSTREAM_UNAVAILABLE", status: 504, temporary: true });
  });
});

test("what was asked in vain is in the audit, once, with its upstream and who asked, and nothing of what he showed", async () => {
  const headers = await bearer("waits-in-vain");
  await (await ask("/api/slow", headers)).text();
  const logged = (): readonly string[] => gateway.harness.getLogs().map(({ message }) => message);
  const troubles = (): readonly string[] =>
    logged().filter((line) => line.includes("waits-in-vain") && line.includes("upstream-trouble"));
  await vi.waitUntil(() => troubles().length > 0);
  expect(troubles().map((line) => JSON.parse(line) as unknown)).toMatchObject([
    {
      event: "upstream-trouble",
      code: "UPSTREAM_UNAVAILABLE",
      reason: "timeout",
      place: "http",
      principal: "user",
      userId: "waits-in-vain",
      sessionId: "session-of-waits-in-vain",
      sink: "service:API",
    },
  ]);
  expect(logged().join("")).not.toContain(headers["Authorization"]?.slice(-30));
});

describe("a page of an allowed origin", () => {
  test("may ask before it asks, without a credential", async () => {
    const headers = {
      Origin: PAGE,
      "Access-Control-Request-Method": "POST",
      "Access-Control-Request-Headers": "x-mine",
    };
    const response = await ask("/read/x", headers, { method: "OPTIONS" });
    expect([response.status, Object.fromEntries(response.headers)]).toMatchObject([
      204,
      {
        "access-control-allow-origin": PAGE,
        "access-control-allow-methods": "GET, HEAD, POST",
        "access-control-allow-headers": "x-mine",
      },
    ]);
  });

  test.each(["/api/x", "/api/impostor", "/api/a%2fb", "/api/slow"])("may read what comes of %s", async (path) => {
    const response = await ask(path, { ...(await bearer("anna")), Origin: PAGE });
    expect(response.headers.get("Access-Control-Allow-Origin")).toBe(PAGE);
    expect(response.headers.get("Access-Control-Allow-Credentials")).toBe("true");
    expect(response.headers.get("Vary")).toContain("Origin");
    await response.body?.cancel();
  });

  test.each(["https://evil.example", "null"])("is not %s", async (Origin) => {
    const answers = await Promise.all([
      ask("/api/x", { ...(await bearer("anna")), Origin }),
      ask("/api/x", { Origin, "Access-Control-Request-Method": "POST" }, { method: "OPTIONS" }),
    ]);
    for (const { headers } of answers) expect(headers.get("Access-Control-Allow-Origin")).toBeNull();
    await Promise.all(answers.map((answer) => answer.text()));
  });
});
