// WebSockets through a route to a bound Worker, and the user's object that watches them: asleep, awake, and lost.
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestHarness } from "wrangler";
import { ROOT } from "../../../../scripts/wrangler.ts";
import { type AuditLine, auditLines, awaitLines } from "../../../support/audit-lines.ts";
import { asGateway, type Gateway } from "../../../support/gateway.ts";
import { PlainClient } from "../../../support/plain-client.ts";
import { signSession, TEST_ADMIN_KEY, TEST_SECRET } from "../../../support/session-token.ts";

const UPSTREAM = "service:SOCKETS";
const PROXY_KEY = "tests-only-Jm4kQ9wZ7rT2xV6bN1cL";

let gateway: Gateway;
beforeAll(async () => {
  const ROUTES = JSON.stringify([
    { path: "/must", upstream: UPSTREAM },
    { path: "/open", upstream: UPSTREAM, auth: "none" },
    { path: "/soon", upstream: UPSTREAM, timeoutMs: 300 },
  ]);
  const secrets = { BETTER_AUTH_SECRET: TEST_SECRET, ADMIN_KEY: TEST_ADMIN_KEY };
  const harness = createTestHarness({
    root: ROOT,
    workers: [
      {
        configPath: "test/support/socket-upstream/gateway.toml",
        vars: { ROUTES, API_KEYS: PROXY_KEY, CONSUMER_STALL_S: "2" },
        secrets,
      },
      { configPath: "test/support/socket-upstream/wrangler.toml" },
    ],
  });
  const { url } = await harness.listen();
  gateway = asGateway(harness, url);
});
afterAll(() => gateway.stop());

const at = (path: string): URL => new URL(path, gateway.url);

async function open(path = "/must", userId = randomUUID()): Promise<PlainClient> {
  const headers = { Authorization: `Bearer ${await signSession({ userId })}` };
  const client = await PlainClient.connect(at(path), ["chat.v1"], { headers });
  await client.arrived(1);
  return client;
}

async function revoke(userId: string, graceMs = 0): Promise<void> {
  const response = await fetch(at("/admin/revocations"), {
    method: "POST",
    headers: { Authorization: `Bearer ${TEST_ADMIN_KEY}`, "Content-Type": "application/json" },
    body: JSON.stringify({ userId, graceMs }),
  });
  expect(response.status).toBe(202);
}

/** Takes a user's object out of memory, with the sockets that it has or without. */
async function evict(userId: string, webSockets: "hibernate" | "close"): Promise<void> {
  await gateway.harness.getWorker("sluice").evictDurableObject("UserObject", { name: userId, webSockets });
}

describe.each(["/must", "/open"])("a socket on %s", (path) => {
  test("passes what is said both ways, and the close of the Worker with its words", async () => {
    const client = await open(path);
    const said = ["one", Buffer.from([0, 255]), Buffer.alloc(1_048_576, 7)];
    for (const message of said) client.send(message);
    expect((await client.arrived(4)).slice(1)).toEqual(said);
    client.send("close 4321 of the house");
    expect(await client.closed()).toEqual({ code: 4321, reason: "of the house" });
  });

  test("brings the last words of a Worker that goes on after its client has closed, and its own close", async () => {
    const client = await open(`${path}/wordy`);
    client.socket.close(4001, "me first");
    await client.arrived(2);
    expect(client.messages[1]).toBe("last words");
    expect(await client.closed()).toEqual({ code: 4002, reason: "now me" });
  });
});

test("The Worker is told who it is, and what it says of that to the client does not arrive", async () => {
  const token = await signSession({ userId: "anna", sessionId: "s-1" });
  const client = await PlainClient.connect(at("/must"), ["chat.v1", "sluice.v1", `bearer.${token}`]);
  const [headers = ""] = await client.arrived(1);
  expect(JSON.parse(headers.toString())).toMatchObject({
    "x-auth-user-id": "anna",
    "x-auth-session-id": "s-1",
    "x-auth-kind": "user",
    "sec-websocket-protocol": "chat.v1",
  });
  expect(headers.toString()).not.toContain(token.slice(-40));
  expect(client.socket.protocol).toBe("chat.v1");
  expect([client.headers["x-auth-user-id"], client.headers["x-theirs"]]).toEqual([undefined, "1"]);
});

test.each([
  ["never answers", "/soon/hang", 504],
  ["says no", "/must/refuse", 403],
])("A Worker that %s is told as HTTP", async (_what, path, status) => {
  const headers = { Authorization: `Bearer ${await signSession({ userId: randomUUID() })}` };
  expect(await PlainClient.knock(at(path), [], { headers })).toMatchObject({ status });
});

describe("a revocation", () => {
  test("reaches a socket whose user's object slept meanwhile", async () => {
    const userId = randomUUID();
    const client = await open("/must", userId);
    await evict(userId, "hibernate");
    client.send("still here");
    await client.arrived(2);
    await revoke(userId);
    expect(await client.closed()).toEqual({ code: 4410, reason: "SESSION_REVOKED" });
  });

  test("leaves the grace", async () => {
    const userId = randomUUID();
    const client = await open("/must", userId);
    await revoke(userId, 1000);
    client.send("still here");
    await client.arrived(2);
    expect(await client.closed()).toEqual({ code: 4410, reason: "SESSION_REVOKED" });
  });

  test("reaches a socket whose user's object was lost, as soon as its Worker finds it again", async () => {
    const userId = randomUUID();
    const client = await open("/must", userId);
    await evict(userId, "close");
    await revoke(userId);
    expect(await client.closed()).toEqual({ code: 4410, reason: "SESSION_REVOKED" });
  });
});

describe("in the audit", () => {
  const ways: readonly (readonly [string, (client: PlainClient, userId: string) => unknown, AuditLine])[] = [
    [
      "that its client closed it",
      ({ socket }) => socket.close(4001, "me first"),
      { reason: "client-closed", closeCode: 4001 },
    ],
    ["that its client was lost", ({ socket }) => socket.terminate(), { reason: "client-lost", closeCode: 1006 }],
    [
      "that the Worker closed it",
      (client) => client.send("close 4321"),
      { reason: "upstream-closed", closeCode: 4321 },
    ],
    [
      "that its session was revoked",
      (_client, userId) => revoke(userId),
      { reason: "gateway", closeCode: 4410, code: "SESSION_REVOKED" },
    ],
  ];

  test.each(ways)("it is said whose a socket is, where it leads, and %s", async (_what, end, how) => {
    const userId = randomUUID();
    const client = await open("/must", userId);
    await end(client, userId);
    await client.closed();
    const [closed] = await awaitLines(gateway.harness, { event: "upstream-closed", userId });
    const [opened, ...others] = auditLines(gateway.harness, { event: "upstream-opened", userId });
    const socket = { place: "upgrade", principal: "user", userId, sessionId: `session-of-${userId}`, sink: UPSTREAM };
    expect([opened, others]).toMatchObject([socket, []]);
    expect(opened?.["connectionId"]).toMatch(/^[0-9a-f-]{36}$/);
    expect(closed).toEqual({ ...opened, event: "upstream-closed", ...how });
  });

  test("it is said that a session was over", async () => {
    const userId = randomUUID();
    const headers = { Authorization: `Bearer ${await signSession({ userId, sessionEndsInMs: 1500 })}` };
    const client = await PlainClient.connect(at("/must"), [], { headers });
    expect(await client.closed()).toMatchObject({ code: 4401 });
    expect(await awaitLines(gateway.harness, { event: "upstream-closed", userId })).toMatchObject([
      { reason: "gateway", closeCode: 4401, code: "TOKEN_EXPIRED", sink: UPSTREAM },
    ]);
  });

  test("of a key, whose socket passes by itself, only the beginning is said, and nothing of a stranger", async () => {
    const asKey = { headers: { "x-api-key": PROXY_KEY, "CF-Connecting-IP": "192.0.2.40" } };
    const asStranger = { headers: { "CF-Connecting-IP": "192.0.2.41" } };
    for (const client of [
      await PlainClient.connect(at("/open"), [], asStranger),
      await PlainClient.connect(at("/must"), [], asKey),
    ]) {
      client.send("close 4321");
      expect(await client.closed()).toMatchObject({ code: 4321 });
    }
    const [opened] = await awaitLines(gateway.harness, { event: "upstream-opened", address: "192.0.2.40" });
    expect(opened).toMatchObject({ principal: "service", userId: "key:list-1", sink: UPSTREAM });
    expect(opened).not.toHaveProperty("connectionId");
    expect(auditLines(gateway.harness, { event: "upstream-closed", address: "192.0.2.40" })).toEqual([]);
    expect(auditLines(gateway.harness, { address: "192.0.2.41" })).toEqual([]);
  });

  test("of what is said both ways nothing is said", async () => {
    const userId = randomUUID();
    const client = await open("/must", userId);
    for (const text of ["one", "two", "three"]) client.send(text);
    await client.arrived(4);
    client.socket.close();
    await client.closed();
    await awaitLines(gateway.harness, { event: "upstream-closed", userId });
    const events = auditLines(gateway.harness, { userId }).map(({ event }) => event);
    expect(events).toEqual(["credential-accepted", "upstream-opened", "upstream-closed"]);
  });

  test("it is said that the Worker closed a socket whose client does not answer, which is cut", async () => {
    const userId = randomUUID();
    const client = await open("/must", userId);
    client.socket.pause();
    client.send("close 4321");
    expect(await awaitLines(gateway.harness, { event: "upstream-closed", userId })).toMatchObject([
      { reason: "upstream-closed", closeCode: 4321 },
    ]);
    await awaitLines(gateway.harness, { event: "client-cut-off" });
    client.socket.terminate();
  });

  test("it is said who was known and refused", async () => {
    const address = "192.0.2.42";
    const headers = { Authorization: `Bearer ${TEST_ADMIN_KEY}`, "CF-Connecting-IP": address };
    expect(await PlainClient.knock(at("/must"), [], { headers })).toMatchObject({ status: 403 });
    expect(await awaitLines(gateway.harness, { event: "connection-refused", address })).toMatchObject([
      { place: "upgrade", code: "UNAUTHORIZED", principal: "service", userId: "key:ADMIN_KEY" },
    ]);
  });
});
