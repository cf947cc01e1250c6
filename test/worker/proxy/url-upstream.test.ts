// Routes to a server under a URL, over the runtime's own network: what flows, what breaks, and what is told of it.
import { createHash, randomBytes } from "node:crypto";
import { type IncomingMessage, request as httpRequest, type ServerResponse } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as pause } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { GatewayOnDisk, type RunningGateway } from "../../support/gateway-on-disk.ts";
import { HttpUpstream } from "../../support/http-upstream.ts";
import { signSession } from "../../support/session-token.ts";

const MIB = 1_048_576;
const LARGE_BYTES = 50 * MIB;
const UPSTREAM_KEY = "of-the-upstream-Jk6Lz8Xc0Vb2Nm";

/** The gate's own word; what is in it is tried elsewhere. */
const ASSERTION = expect.stringMatching(/^eyJ[\w-]+\.[\w-]+\.[\w-]+$/);

type Handler = (incoming: IncomingMessage, outgoing: ServerResponse) => void;

/** What each path does; a test may put in its own. */
const HANDLERS = new Map<string, Handler>([
  ["/api/hang", () => undefined],
  ["/api/reset", (incoming) => void incoming.socket.destroy()],
  ["/api/redirect", (_incoming, outgoing) => void outgoing.writeHead(302, { Location: elsewhere.origin }).end()],
  [
    "/api/too-short",
    (_incoming, outgoing) => void outgoing.writeHead(200, { "Content-Length": 100 }).write("abc", cut(outgoing)),
  ],
  ["/api/no-http", (incoming) => void incoming.socket.end("this is no HTTP\r\n\r\n")],
  [
    "/api/gzip",
    (_incoming, outgoing) => void outgoing.writeHead(200, { "Content-Encoding": "gzip" }).end(gzipSync("packed")),
  ],
  ["/api/cached", (_incoming, outgoing) => void outgoing.writeHead(304, { ETag: '"1"' }).end()],
]);

function cut(outgoing: ServerResponse): () => void {
  return () => void outgoing.destroy();
}

let upstream: HttpUpstream;
/** Locally the runtime packs an answer itself for who takes that, and then waits for more of it, or goes on without a client. */
const UNPACKED = { "Accept-Encoding": "identity" };

/** Where nothing of ours may come. */
let elsewhere: HttpUpstream;
let gateways: GatewayOnDisk;
let gateway: RunningGateway;
let authorization: Record<string, string>;
beforeAll(async () => {
  upstream = await HttpUpstream.start((incoming, outgoing) => {
    const [path = ""] = (incoming.url ?? "").split("?", 1);
    const handle = HANDLERS.get(path) ?? ((_incoming, answer) => void answer.end("answered"));
    handle(incoming, outgoing);
  });
  elsewhere = await HttpUpstream.start((_incoming, outgoing) => void outgoing.end("elsewhere"));
  const routes = [
    { path: "/api", upstream: upstream.origin, setHeaders: { "kyutai-api-key": "$UPSTREAM_KEY" } },
    { path: "/api/hang", upstream: upstream.origin, timeoutMs: 300 },
    { path: "/gone", upstream: "http://127.0.0.1:1" },
    { path: "/open", upstream: elsewhere.origin, auth: "none" },
  ];
  gateways = new GatewayOnDisk();
  gateway = await gateways.start({ vars: { ROUTES: JSON.stringify(routes), UPSTREAM_KEY } });
  authorization = { Authorization: `Bearer ${await signSession({ userId: "anna" })}` };
});
afterAll(async () => {
  await gateway.stop();
  gateways.remove();
  await Promise.all([upstream.stop(), elsewhere.stop()]);
});

type Init = Omit<RequestInit, "headers"> & { readonly headers?: Record<string, string> };

function ask(path: string, { headers = {}, ...init }: Init = {}): Promise<Response> {
  return fetch(new URL(path, gateway.url), { redirect: "manual", ...init, headers: { ...authorization, ...headers } });
}

/** The whole answer to a request that is written byte by byte. */
function askRaw(lines: readonly string[]): Promise<string> {
  const socket = connect(Number(gateway.url.port), "127.0.0.1");
  const head = [...lines, `Authorization: ${authorization["Authorization"]}`, "", ""];
  socket.write(head.join("\r\n"));
  return text(socket);
}

const codeOf = async (response: Response): Promise<unknown> => ((await response.json()) as { code: unknown }).code;

const byText = (one: unknown, other: unknown): number => String(one).localeCompare(String(other));

describe("what a server is sent", () => {
  test("is the path and the query as they were, and its own name as the host", async () => {
    await (await ask("/api/%41%20b?q=%41+b&token=t&x")).text();
    const [arrived] = upstream.at("/api/%41%20b");
    expect(arrived?.target).toBe("/api/%41%20b?q=%41+b&x");
    expect(arrived?.headers).toContainEqual(["host", new URL(upstream.origin).host]);
    // So the platform says that its cache, which knows addresses and no users, is not asked.
    expect(arrived?.headers).toContainEqual(["pragma", "no-cache"]);
  });

  test("says who it is once, whatever the client says, in however many headers and named by whom", async () => {
    await askRaw([
      "GET /api/raw HTTP/1.1",
      "Host: evil.example",
      "Connection: close, X-Auth-User-Id, X-Mine",
      "X-Auth-User-Id: evil",
      "x_auth_user_id: evil",
      "X-AUTH-KIND: service",
      "X-Forwarded-For: 6.6.6.6",
      "Forwarded: for=6.6.6.6",
      "X-Original-URL: /admin",
      "X-HTTP-Method-Override: DELETE",
      "X-Mine: of this hop",
      "Cookie: theme=dark",
      "Cookie: better-auth.session_token=stolen",
      "x-api-key: stolen",
      "Kyutai_Api_Key: stolen",
      "TE: trailers",
      "X-Request-Id: 1",
      "X-Request-Id: 2",
    ]);
    const [{ headers } = { headers: [] }] = upstream.at("/api/raw");
    const own = headers.filter(([name]) => /auth|forwarded|original|override|mine|key|cookie|^te$|request/.test(name));
    expect(own.toSorted(byText)).toEqual([
      ["cookie", "theme=dark"],
      ["kyutai-api-key", UPSTREAM_KEY],
      ["x-auth-assertion", ASSERTION],
      ["x-auth-kind", "user"],
      ["x-auth-session-id", "session-of-anna"],
      ["x-auth-user-id", "anna"],
      ["x-request-id", "1"],
      ["x-request-id", "2"],
    ]);
    const others = headers.filter(([name]) => name !== "x-auth-assertion");
    expect(JSON.stringify(others)).not.toMatch(/evil|6\.6\.6\.6|stolen|eyJ/);
  });

  test("is never for a server that the client names", async () => {
    const before = elsewhere.arrived.length;
    const answers = await Promise.all([
      askRaw([`GET ${elsewhere.origin}/api/absolute HTTP/1.1`, "Host: x", "Connection: close"]),
      askRaw(["GET //127.0.0.1/api HTTP/1.1", `Host: ${new URL(elsewhere.origin).host}`, "Connection: close"]),
      askRaw(["GET /api/@127.0.0.1/x HTTP/1.1", `Host: ${new URL(elsewhere.origin).host}`, "Connection: close"]),
    ]);
    expect([answers.length, elsewhere.arrived.length]).toEqual([3, before]);
  });

  test("is never TRACE: what comes back would hold the upstream's key", async () => {
    const answer = await askRaw(["TRACE /api/trace HTTP/1.1", "Host: x", "Connection: close"]);
    expect(answer).toMatch(/^HTTP\/1.1 405 .*METHOD_NOT_ALLOWED/s);
    expect(answer).toMatch(/^allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS\r$/im);
    expect(upstream.at("/api/trace")).toEqual([]);
  });

  test.each([
    ["a length, as the client's has", ["content-length", "5"], { "Content-Length": "5" }],
    ["parts, as the client's has", ["transfer-encoding", "chunked"], { "Transfer-Encoding": "chunked" }],
  ])("has a body of %s, and says so once", async (_what, framing, headers) => {
    const path = `/api/echo/${framing[0]}`;
    HANDLERS.set(path, (incoming, outgoing) => void incoming.pipe(outgoing));
    const upload = httpRequest(new URL(path, gateway.url), {
      method: "PUT",
      headers: { ...authorization, ...headers },
    });
    const answer = await new Promise<IncomingMessage>((resolve) => upload.once("response", resolve).end("12345"));
    expect(await text(answer)).toBe("12345");
    const [{ headers: arrived } = { headers: [] }] = upstream.at(path);
    expect(arrived.filter(([name]) => name === "content-length" || name === "transfer-encoding")).toEqual([framing]);
  });
});

describe("a request that only reads", () => {
  test("may say that it has no body", async () => {
    expect(await askRaw(["GET /api/none HTTP/1.1", "Host: x", "Connection: close", "Content-Length: 0"])).toMatch(
      /^HTTP\/1.1 200 .*answered$/s,
    );
  });

  test("and has one is refused: the upstream would be asked without it", async () => {
    const upload = httpRequest(new URL("/api/with-body", gateway.url), {
      headers: { ...authorization, "Content-Length": "5" },
    });
    const answer = await new Promise<IncomingMessage>((resolve) => upload.once("response", resolve).end("12345"));
    expect([answer.statusCode, await text(answer), upstream.at("/api/with-body")]).toEqual([
      400,
      expect.stringContaining("A GET or HEAD request has no body"),
      [],
    ]);
  });
});

describe("what flows", () => {
  test("down comes as it is sent, before the rest is there", async () => {
    const rest = Promise.withResolvers<void>();
    HANDLERS.set("/api/slow-down", (_incoming, outgoing) => {
      outgoing.write("first,");
      void rest.promise.then(() => outgoing.end("last"));
    });
    const { body } = await ask("/api/slow-down", { headers: UNPACKED });
    const reader = body?.getReader();
    const first = await reader?.read();
    expect(new TextDecoder().decode(first?.value)).toBe("first,");
    rest.resolve();
    expect(new TextDecoder().decode((await reader?.read())?.value)).toBe("last");
  });

  test("up goes as it is sent, before the rest is there", async () => {
    const seen = { first: Promise.withResolvers<string>(), rest: Promise.withResolvers<string>() };
    HANDLERS.set("/api/slow-up", (incoming, outgoing) => {
      incoming.once("data", (chunk: Buffer) => {
        seen.first.resolve(chunk.toString());
        incoming.once("data", (rest: Buffer) => {
          seen.rest.resolve(rest.toString());
          outgoing.end();
        });
      });
    });
    const upload = httpRequest(new URL("/api/slow-up", gateway.url), { method: "POST", headers: authorization });
    const answered = new Promise<IncomingMessage>((resolve) => upload.once("response", resolve));
    upload.write("first,");
    expect(await seen.first.promise).toBe("first,");
    upload.end("last");
    expect(await seen.rest.promise).toBe("last");
    (await answered).resume();
  });

  test("down is as much as the client reads: 50 MB for one that waits fill no memory, and arrive whole", async () => {
    const block = randomBytes(MIB / 4);
    let sentBytes = 0;
    HANDLERS.set("/api/large", (_incoming, outgoing) => {
      const more = (): void => {
        while (sentBytes < LARGE_BYTES) {
          sentBytes += block.length;
          if (!outgoing.write(block)) return void outgoing.once("drain", more);
        }
        outgoing.end();
      };
      more();
    });
    const before = gateway.residentBytes;
    const download = httpRequest(new URL("/api/large", gateway.url), { headers: authorization });
    const answer = await new Promise<IncomingMessage>((resolve) => download.once("response", resolve).end());
    await untilStill(() => sentBytes);
    expect(sentBytes).toBeLessThan(LARGE_BYTES / 2);
    expect(gateway.residentBytes - before).toBeLessThan(LARGE_BYTES / 2);
    const hash = createHash("sha256");
    let readBytes = 0;
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      hash.update(chunk);
      readBytes += chunk.length;
    }
    const whole = createHash("sha256");
    for (let bytes = 0; bytes < LARGE_BYTES; bytes += block.length) whole.update(block);
    expect([readBytes, hash.digest("hex")]).toEqual([LARGE_BYTES, whole.digest("hex")]);
  });

  test("packed stays packed for who takes it, and is unpacked for who does not", async () => {
    const answers = await Promise.all([ask("/api/gzip"), ask("/api/gzip", { headers: UNPACKED })]);
    expect(answers.map(({ headers }) => headers.get("Content-Encoding"))).toEqual(["gzip", null]);
    expect(await Promise.all(answers.map((answer) => answer.text()))).toEqual(["packed", "packed"]);
  });

  test("without a body comes without one", async () => {
    const answers = await Promise.all([ask("/api/cached"), ask("/api/x", { method: "HEAD" })]);
    expect(answers.map(({ status }) => status)).toEqual([304, 200]);
    expect(await Promise.all(answers.map((answer) => answer.text()))).toEqual(["", ""]);
  });
});

/** Until a number has not changed for as long as a full buffer would need to empty. */
async function untilStill(read: () => number): Promise<void> {
  for (let last = -1; last !== read();) {
    last = read();
    await pause(500);
  }
}

describe("where a server", () => {
  test("hangs, a client is told 504, and when to come back", async () => {
    const response = await ask("/api/hang");
    expect([response.status, response.headers.has("Retry-After"), await codeOf(response)]).toEqual([
      504,
      true,
      "UPSTREAM_UNAVAILABLE",
    ]);
    expect(upstream.at("/api/hang")).toHaveLength(1);
  });

  test.each(["reset", "no-http"])("answers nothing (%s), it is asked once more, and then it is 502", async (word) => {
    const response = await ask(`/api/${word}`);
    expect([response.status, response.headers.has("Retry-After"), await codeOf(response)]).toEqual([
      502,
      true,
      "UPSTREAM_UNAVAILABLE",
    ]);
    expect(upstream.at(`/api/${word}`)).toHaveLength(2);
  });

  test.each<readonly [times: number, init: { readonly method: string; readonly body?: string }]>([
    [2, { method: "HEAD" }],
    [2, { method: "OPTIONS" }],
    [2, { method: "DELETE" }],
    [2, { method: "PUT" }],
    [1, { method: "PUT", body: "x" }],
    [1, { method: "POST" }],
    [1, { method: "POST", body: "x" }],
    [1, { method: "PATCH" }],
  ])(
    "answers nothing it is asked %i times, for what is the same twice and can be sent twice: %j",
    async (times, init) => {
      const path = `/api/reset-${init.method}-${init.body ?? "empty"}`;
      HANDLERS.set(path, (incoming) => void incoming.socket.destroy());
      const response = await ask(path, init);
      expect([response.status, upstream.at(path).length]).toEqual([502, times]);
    },
  );

  test("answers with what is no status, it is 502", async () => {
    HANDLERS.set("/api/999", (_incoming, outgoing) => void outgoing.writeHead(999).end());
    expect((await ask("/api/999")).status).toBe(502);
  });

  test("was away for a moment, a client does not notice", async () => {
    let times = 0;
    HANDLERS.set("/api/restarting", (incoming, outgoing) => {
      times += 1;
      if (times === 1) incoming.socket.destroy();
      else outgoing.end("back");
    });
    expect(await (await ask("/api/restarting")).text()).toBe("back");
  });

  test("is not there, it is 502, and no word of where it should be", async () => {
    const response = await ask("/gone/x");
    const body = await response.text();
    expect(response.status).toBe(502);
    expect(body).not.toMatch(/127\.0\.0\.1|connect|lost/i);
  });

  test("names headers of its own connection, they end there", async () => {
    HANDLERS.set("/api/hop", (_incoming, outgoing) => {
      outgoing.writeHead(200, { Connection: "close, X-Hop", "X-Hop": "1", "X-Theirs": "2" }).end();
    });
    const { headers } = await ask("/api/hop");
    expect([headers.get("X-Hop"), headers.get("X-Theirs")]).toEqual([null, "2"]);
  });

  test("says less than it promised, a client does not take it for the whole, and the gate goes on", async () => {
    const response = await ask("/api/too-short");
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow("terminated");
    expect((await ask("/api/x")).status).toBe(200);
  });

  test("sends a client elsewhere, the gate does not go there for it", async () => {
    const before = elsewhere.arrived.length;
    const response = await ask("/api/redirect");
    expect([response.status, response.headers.get("Location"), elsewhere.arrived.length]).toEqual([
      302,
      elsewhere.origin,
      before,
    ]);
  });

  test("talks on, it is left when its client has left", async () => {
    const left = Promise.withResolvers<void>();
    HANDLERS.set("/api/endless", (_incoming, outgoing) => {
      const talking = setInterval(() => void outgoing.write("on and "), 20);
      outgoing.once("close", () => {
        clearInterval(talking);
        left.resolve();
      });
    });
    const leaving = new AbortController();
    const { body } = await ask("/api/endless", { signal: leaving.signal, headers: UNPACKED });
    await body?.getReader().read();
    leaving.abort();
    await left.promise;
    expect((await ask("/api/x")).status).toBe(200);
  });
});
