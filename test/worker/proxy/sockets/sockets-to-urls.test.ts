// WebSockets through a route to a real server at a URL: who gets there, what passes, and how each of them ends.
import { randomBytes, randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type ClientOptions, WebSocket } from "ws";
import { GatewayOnDisk, type RunningGateway } from "../../../support/gateway-on-disk.ts";
import { type Answered, PlainClient } from "../../../support/plain-client.ts";
import { type SessionOptions, signSession, TEST_ADMIN_KEY } from "../../../support/session-token.ts";
import { UpstreamServer } from "../../../support/upstream-server.ts";

const PROXY_KEY = "tests-only-Jm4kQ9wZ7rT2xV6bN1cL";
const MOSHI_KEY = "of-moshi-itself-Vb5Nm8Qw2Er6";
const MIB = 1_048_576;
/** Nobody listens there. */
const NOWHERE = "http://127.0.0.1:1";
const PATIENCE = { timeout: 15_000 };

// The harness of the other tests cannot open a WebSocket to a URL.
const disk = new GatewayOnDisk();
let upstream: UpstreamServer;
let gateway: RunningGateway;
beforeAll(async () => {
  upstream = await UpstreamServer.start();
  const { origin } = upstream;
  gateway = await disk.start({
    vars: {
      ADMIN_KEY: TEST_ADMIN_KEY,
      API_KEYS: PROXY_KEY,
      MOSHI_KEY,
      MAX_CONNECTIONS_PER_USER: "2",
      CONSUMER_STALL_S: "4",
      ROUTES: JSON.stringify([
        { path: "/must", upstream: origin },
        { path: "/may", upstream: origin, auth: "optional" },
        { path: "/open", upstream: origin, auth: "none" },
        { path: "/posts", upstream: origin, methods: ["POST"] },
        { path: "/stripped", upstream: origin, stripPrefix: true, setHeaders: { "x-their-key": "k-1" } },
        { path: "/moshi", upstream: origin, setHeaders: { "kyutai-api-key": "$MOSHI_KEY" } },
        { path: "/soon", upstream: origin, timeoutMs: 300 },
        { path: "/gone", upstream: NOWHERE },
      ]),
    },
  });
});
afterAll(async () => {
  await gateway.stop();
  await upstream.stop();
  disk.remove();
});

const at = (path: string): URL => new URL(path, gateway.url);
const bearer = async (options?: SessionOptions): Promise<{ readonly headers: Record<string, string> }> => ({
  headers: { Authorization: `Bearer ${await signSession({ userId: randomUUID(), ...options })}` },
});

/** A client of a user of its own, and the upstream's name for it. */
async function open(path = "/must/echo", options?: SessionOptions) {
  const name = randomUUID();
  const client = await PlainClient.connect(at(`${path}?name=${name}`), [], await bearer(options));
  return { client, name };
}

async function revoke(userId: string): Promise<void> {
  const response = await fetch(at("/admin/revocations"), {
    method: "POST",
    headers: { Authorization: `Bearer ${TEST_ADMIN_KEY}`, "Content-Type": "application/json" },
    body: JSON.stringify({ userId }),
  });
  expect(response.status).toBe(202);
}

async function mayOpen(path: string, options: ClientOptions): Promise<boolean> {
  const answer = await PlainClient.knock(at(path), [], options);
  return answer instanceof PlainClient;
}

async function refused(path: string, protocols: string[] = [], options = {}): Promise<Answered> {
  const answer = await PlainClient.knock(at(path), protocols, options);
  if (answer instanceof PlainClient) throw new Error("it was let in");
  return answer;
}

/** `piped`: a session that ends, which the gateway watches; `native`: nothing to watch. */
const KINDS = ["piped", "native"] as const;
async function connect(kind: (typeof KINDS)[number]) {
  const name = randomUUID();
  const [path, options] = kind === "piped" ? ["/must/echo", await bearer()] : ["/open/echo", {}];
  return { name, client: await PlainClient.connect(at(`${path}?name=${name}`), [], options) };
}

describe.each(KINDS)("a socket that is %s", (kind) => {
  test("passes texts and bytes both ways as they are, in their order", async () => {
    const { client } = await connect(kind);
    const large = randomBytes(MIB);
    const said = ["one", Buffer.from([0, 255]), "ä€😀", Buffer.alloc(0), "", large, "x".repeat(MIB), "last"];
    for (const message of said) client.send(message);
    expect(await client.arrived(said.length)).toEqual(said);
    client.socket.close();
    await client.closed();
  });

  test.each([
    ["close 4321 of the house", { code: 4321, reason: "of the house" }],
    ["close 1001", { code: 1001, reason: "" }],
    ["close 1011 bug", { code: 1011, reason: "bug" }],
    ["close", { code: 1005, reason: "" }],
  ])("is closed by its upstream (%s) as the upstream says", async (word, closed) => {
    const { client, name } = await connect(kind);
    client.send(word);
    expect(await client.closed()).toEqual(closed);
    expect(await upstream.closed(name)).toEqual(closed);
  });

  test.each([
    [4000, "enough"],
    [1000, ""],
    [undefined, ""],
  ])("is closed by its client with %s, and the upstream learns it", async (code, reason) => {
    const { client, name } = await connect(kind);
    if (code === undefined) client.socket.close();
    else client.socket.close(code, reason);
    expect(await upstream.closed(name)).toEqual({ code: code ?? 1005, reason });
    expect(await client.closed()).toEqual({ code: code ?? 1005, reason });
  });

  test("brings what was on its way to a client that has closed", async () => {
    const { client } = await connect(kind);
    client.send("say 500");
    client.socket.close(4000);
    expect(await client.closed()).toMatchObject({ code: 4000 });
    expect(client.messages).toEqual(Array.from({ length: 500 }, (_, index) => String(index + 1)));
  });
});

describe("a connection that ends without a close", () => {
  test("of the upstream has the client come back", async () => {
    const { client } = await open();
    client.send("die");
    expect(await client.closed()).toEqual({ code: 1013, reason: "UPSTREAM_UNAVAILABLE" });
  });

  test("of the client is told to the upstream", async () => {
    const { client, name } = await open();
    client.send("here");
    await client.arrived(1);
    client.socket.terminate();
    expect(await upstream.closed(name)).toEqual({ code: 1001, reason: "" });
  });

  test("is passed on as such where no code of the gateway runs for the socket", async () => {
    const clients = [
      await PlainClient.connect(at("/open/echo")),
      await PlainClient.connect(at("/may/echo")),
      await PlainClient.connect(at("/must/echo"), [], { headers: { "x-api-key": PROXY_KEY } }),
    ];
    for (const client of clients) client.send("die");
    expect(await Promise.all(clients.map((client) => client.closed()))).toEqual(
      clients.map(() => ({ code: 1006, reason: "" })),
    );
  });
});

describe("subprotocols", () => {
  test.each([
    [["chat.v1", "other"], "chat.v1", "chat.v1,other"],
    [["chat.v1", "chat.v2"], "chat.v2", "chat.v1,chat.v2"],
    [["sluice.v1", "bearer.TOKEN", "chat.v1"], "chat.v1", "chat.v1"],
    [["sluice.v1", "bearer.TOKEN"], "sluice.v1", undefined],
    [["sluice.v1", "other", "bearer.TOKEN"], "sluice.v1", "other"],
  ])("%j: the client hears %s, the upstream is offered %s", async (offered, chosen, seen) => {
    const name = randomUUID();
    const token = await signSession({ userId: randomUUID() });
    const names = offered.map((entry) => entry.replace("TOKEN", token));
    const options = names.some((entry) => entry.startsWith("bearer.")) ? {} : await bearer();
    const client = await PlainClient.connect(at(`/must/echo?name=${name}`), names, options);
    expect(client.socket.protocol).toBe(chosen);
    expect(upstream.guest(name).headers["sec-websocket-protocol"]?.replaceAll(" ", "")).toBe(seen);
    client.socket.close();
  });
});

describe("the upstream", () => {
  test("learns who it is from the gate alone, and sees no credential anywhere", async () => {
    const name = randomUUID();
    const token = await signSession({ userId: "anna", sessionId: "s-1" });
    const cookie = `theme=dark; better-auth.session_token=abc; __Secure-better-auth.session_data=${token}`;
    const client = await PlainClient.connect(at(`/must/echo?name=${name}&token=${token}&page=2`), [], {
      headers: {
        "X-Auth-User-Id": "mallory",
        x_auth_kind: "service",
        "X-Forwarded-For": "1.2.3.4",
        Cookie: cookie,
        Origin: gateway.url.origin,
      },
    });
    const { headers, url } = upstream.guest(name);
    expect(url).toBe(`/must/echo?name=${name}&page=2`);
    expect(headers).toMatchObject({
      "x-auth-user-id": "anna",
      "x-auth-session-id": "s-1",
      "x-auth-kind": "user",
      cookie: "theme=dark",
      origin: gateway.url.origin,
      upgrade: "websocket",
    });
    expect(JSON.stringify(headers)).not.toMatch(/mallory|1\.2\.3\.4|session_token|x_auth/);
    expect(JSON.stringify([url, headers])).not.toContain(token.slice(-40));
    client.socket.close();
  });

  test("hears nobody's name where none was shown, or none is looked at", async () => {
    const [may, none] = [randomUUID(), randomUUID()];
    const forged = { headers: { "X-Auth-User-Id": "mallory" } };
    await PlainClient.connect(at(`/may/echo?name=${may}`), [], forged);
    await PlainClient.connect(at(`/open/echo?name=${none}`), [], await bearer());
    for (const name of [may, none]) {
      const { headers } = upstream.guest(name);
      expect(
        Object.keys(headers).filter((header) => header.startsWith("x-auth") || header === "authorization"),
      ).toEqual([]);
    }
  });

  test("sees its own path where the route's is stripped, and the headers that the operator sets", async () => {
    const name = randomUUID();
    const client = await PlainClient.connect(at(`/stripped/echo?name=${name}`), [], await bearer());
    const { headers, url } = upstream.guest(name);
    expect([url, headers["x-their-key"]]).toEqual([`/echo?name=${name}`, "k-1"]);
    client.socket.close();
  });
});

describe("a client of moshi-server (S2) in front of a server that demands a key of its own", () => {
  const ways: readonly (readonly [
    string,
    () => Promise<{ readonly query?: string; readonly options?: ClientOptions }>,
  ])[] = [
    ["its header", async () => ({ options: { headers: { "kyutai-api-key": PROXY_KEY } } })],
    ["auth_id with a key", async () => ({ query: `&auth_id=${PROXY_KEY}` })],
    ["auth_id with a session JWT", async () => ({ query: `&auth_id=${await signSession({ userId: randomUUID() })}` })],
    [
      "the cookie of its page",
      async () => ({
        options: {
          headers: {
            Cookie: `better-auth.session_data=${await signSession({ userId: randomUUID() })}`,
            Origin: gateway.url.origin,
          },
        },
      }),
    ],
  ];

  test.each(ways)("passes by %s, and the server sees its own key alone", async (_place, way) => {
    const name = randomUUID();
    const { query = "", options = {} } = await way();
    const client = await PlainClient.connect(at(`/moshi/echo?name=${name}${query}&format=ogg`), [], options);
    const { headers, url } = upstream.guest(name);
    expect([url, headers["kyutai-api-key"], headers.cookie]).toEqual([
      `/moshi/echo?name=${name}&format=ogg`,
      MOSHI_KEY,
      undefined,
    ]);
    client.send(Buffer.from([1, 2, 3]));
    expect(await client.arrived(1)).toEqual([Buffer.from([1, 2, 3])]);
    client.socket.close();
  });

  test("with the server's key and none of the gate's does not pass", async () => {
    const answer = await refused("/moshi/echo", [], { headers: { "kyutai-api-key": MOSHI_KEY } });
    expect(answer.status).toBe(401);
  });
});

describe("an upgrade is refused", () => {
  test.each([
    ["without a credential", "/must/echo", async () => ({}), 401, "AUTH_REQUIRED"],
    ["with a bad one", "/must/echo", async () => ({ headers: { Authorization: "Bearer a.b.c" } }), 401, "AUTH_FAILED"],
    [
      "with one that is over",
      "/must/echo",
      () => bearer({ sessionEndsInMs: -1000, issuedAgoS: 400, tokenEndsInS: -100 }),
      401,
      "AUTH_FAILED",
    ],
    [
      "with a key that may not use the proxy",
      "/must/echo",
      async () => ({ headers: { Authorization: `Bearer ${TEST_ADMIN_KEY}` } }),
      403,
      "UNAUTHORIZED",
    ],
    ["with a bad one where none is needed", "/may/echo?token=x", async () => ({}), 401, "AUTH_FAILED"],
    [
      "with a cookie from another site",
      "/must/echo?reject=http",
      async () => ({
        headers: { Cookie: `better-auth.session_data=${await signSession()}`, Origin: "https://evil.example" },
      }),
      403,
      "ORIGIN_NOT_ALLOWED",
    ],
    ["by another method's route", "/posts/echo", () => bearer(), 405, "METHOD_NOT_ALLOWED"],
    ["on a path with two readings", "/must/%2fecho", () => bearer(), 400, "BAD_REQUEST"],
  ])("%s", async (_how, path, options, status, code) => {
    const before = upstream.asked.length;
    const answer = await refused(path, [], await options());
    expect([answer.status, (JSON.parse(answer.body) as { code: string }).code]).toEqual([status, code]);
    expect(answer.headers["content-type"]).toBe("application/problem+json");
    expect(upstream.asked.length).toBe(before);
  });

  test("inside the socket for a browser, by a close code and no message, whatever it offered to speak", async () => {
    for (const protocols of [[], ["chat.v1", "other"], ["sluice.v1", "bearer.a.b.c"]]) {
      const client = await PlainClient.connect(at("/must/echo"), protocols, {
        headers: { Origin: "https://a.example" },
      });
      const code = protocols.includes("sluice.v1") ? "AUTH_FAILED" : "AUTH_REQUIRED";
      expect(await client.closed()).toEqual({ code: 1008, reason: code });
      expect([client.messages, client.socket.protocol]).toEqual([[], protocols[0] ?? ""]);
    }
  });

  test.each([
    ["that never answers, in the route's time", "/soon/hang", 504],
    ["that breaks the connection", "/must/reset", 502],
    ["that is not there", "/gone/echo", 502],
  ])("by an upstream %s", async (_which, path, status) => {
    const answer = await refused(path, [], await bearer());
    expect([answer.status, JSON.parse(answer.body)]).toMatchObject([
      status,
      { code: "UPSTREAM_UNAVAILABLE", temporary: true },
    ]);
    expect(answer.headers["retry-after"]).toMatch(/^\d+$/);
  });

  test("by the route's time, and the upstream's connection is given up with it", async () => {
    await refused("/soon/hang", [], await bearer());
    await expect.poll(() => upstream.hanging.size, PATIENCE).toBe(0);
  });

  test("by the upstream itself in its own words", async () => {
    const answer = await refused("/must/refuse", [], await bearer());
    expect([answer.status, answer.body, answer.headers["x-why"]]).toEqual([403, "no way", "full"]);
    expect(answer.headers["x-auth-user-id"]).toBeUndefined();
  });

  test("by the upstream without costing its user one of his places", async () => {
    const options = await bearer({ userId: "unwelcome" });
    for (let times = 0; times < 3; times += 1)
      expect(await refused("/must/refuse", [], options)).toMatchObject({ status: 403 });
    await expect.poll(() => mayOpen("/must/echo", options), PATIENCE).toBe(true);
  });

  test("where a user has as many as he may, and no more once one of them is gone", async () => {
    const options = await bearer({ userId: "busy" });
    const first = await PlainClient.connect(at("/must/echo"), [], options);
    const second = await PlainClient.connect(at("/must/echo"), [], options);
    expect(await refused("/must/echo", [], options)).toMatchObject({ status: 429 });
    first.socket.close();
    await first.closed();
    await expect.poll(() => mayOpen("/must/echo", options), PATIENCE).toBe(true);
    second.socket.close();
  });
});

test.concurrent.for([
  ["its client closes", "/must/mute", undefined, { code: 4000, reason: "" }],
  ["its client's session ends", "/must/mute", 1000, { code: 4401, reason: "TOKEN_EXPIRED" }],
] as const)(
  "An upstream that answers no close is left all the same where %s",
  async ([, path, sessionEndsInMs, closed]) => {
    const { client } = await open(path, sessionEndsInMs === undefined ? {} : { sessionEndsInMs });
    if (sessionEndsInMs === undefined) client.socket.close(4000, "enough");
    expect(await client.closed()).toEqual(closed);
    await vi.waitFor(() => expect(upstream.hanging.size).toBe(0), PATIENCE);
  },
);

test("A client that leaves before the upstream has answered leaves nothing behind, there or among its user's connections", async () => {
  const options = await bearer({ userId: "hasty" });
  for (const name of [randomUUID(), randomUUID()]) {
    const url = at(`/must/late?name=${name}`);
    url.protocol = "ws:";
    const socket = new WebSocket(url, options).on("error", () => {});
    await expect.poll(() => upstream.asked.some((asked) => asked.includes(name)), PATIENCE).toBe(true);
    socket.terminate();
    await expect.poll(() => upstream.guests.some((guest) => guest.url.includes(name)), PATIENCE).toBe(true);
    expect(await upstream.closed(name)).toMatchObject({ code: 1001 });
  }
  await expect.poll(() => mayOpen("/must/echo", options), PATIENCE).toBe(true);
});

describe("where nobody has to be anybody", () => {
  const userId = randomUUID();
  const cookieOf = (token: string): string => `better-auth.session_data=${token}`;
  const seenBy = async (headers: Record<string, string>): Promise<unknown> => {
    const name = randomUUID();
    const client = await PlainClient.connect(at(`/may/echo?name=${name}`), [], { headers });
    client.socket.close();
    return upstream.guest(name).headers["x-auth-user-id"];
  };

  test("a cookie says who it is", async () => {
    expect(await seenBy({ Cookie: cookieOf(await signSession({ userId })) })).toBe(userId);
  });

  test("one that is worth nothing, or comes from another site, is nobody's", async () => {
    const foreign = { Cookie: cookieOf(await signSession({ userId })), Origin: "https://evil.example" };
    expect([await seenBy({ Cookie: cookieOf("a.b.c") }), await seenBy(foreign)]).toEqual([undefined, undefined]);
  });

  test("one of a session that was revoked is nobody's", async () => {
    const Cookie = cookieOf(await signSession({ userId, issuedAgoS: 1 }));
    await revoke(userId);
    expect(await seenBy({ Cookie })).toBeUndefined();
  });
});

describe("a side that does not read", () => {
  test("has both closed: an upstream", async () => {
    const { client, name } = await open("/must/deaf");
    const flood = Buffer.alloc(262_144);
    // Far more than what kernels buffer on the way, at the pace that they take: whoever is busy sending reads no close.
    for (let sent = 0; sent < 200 && client.socket.readyState === WebSocket.OPEN; sent += 1) await client.sent(flood);
    expect(await client.closed()).toEqual({ code: 1013, reason: "OVERLOADED" });
    upstream.guest(name).socket.resume();
    // Or cut, where it does not come to read that in time.
    expect([1001, 1006]).toContain((await upstream.closed(name)).code);
  });

  test("has both closed: a client", async () => {
    const { client, name } = await open();
    client.socket.pause();
    client.send("flood 200");
    expect(await upstream.closed(name)).toMatchObject({ code: 1001 });
    client.socket.resume();
    expect(await client.closed()).toEqual({ code: 1013, reason: "OVERLOADED" });
  });
});

describe("the end of a session", () => {
  test("closes both sides, each with what it must know", async () => {
    const { client, name } = await open("/must/echo", { sessionEndsInMs: 1500 });
    client.send("still here");
    await client.arrived(1);
    expect(await client.closed()).toEqual({ code: 4401, reason: "TOKEN_EXPIRED" });
    expect(await upstream.closed(name)).toEqual({ code: 1001, reason: "TOKEN_EXPIRED" });
  });

  test("that is revoked is at once, and nobody else's", async () => {
    const [anna, bob] = [randomUUID(), randomUUID()];
    const mine = await open("/must/echo", { userId: anna });
    const others = await open("/must/echo", { userId: bob });
    await revoke(anna);
    expect(await mine.client.closed()).toEqual({ code: 4410, reason: "SESSION_REVOKED" });
    expect(await upstream.closed(mine.name)).toEqual({ code: 1001, reason: "SESSION_REVOKED" });
    others.client.send("still here");
    expect(await others.client.arrived(1)).toEqual(["still here"]);
    const answer = await refused("/must/echo", [], await bearer({ userId: anna, issuedAgoS: 1 }));
    expect(JSON.parse(answer.body)).toMatchObject({ code: "SESSION_REVOKED" });
    others.client.socket.close();
  });
});
