// The gate in front of a Socket.IO server that is slow, away, deaf or large, and its clients' sessions that end meanwhile.
import { randomBytes, randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { GatewayOnDisk, type RunningGateway } from "../../../support/gateway-on-disk.ts";
import { PlainClient } from "../../../support/plain-client.ts";
import { ScriptedEngine } from "../../../support/scripted-engine.ts";
import { type SessionOptions, signSession, TEST_ADMIN_KEY } from "../../../support/session-token.ts";

const MIB = 1_048_576;
/** Nobody listens there. */
const NOWHERE = "http://127.0.0.1:1";
const SOON_MS = 600;

// The harness of the other tests cannot open a WebSocket to a URL.
const disk = new GatewayOnDisk();
let engine: ScriptedEngine;
let gate: RunningGateway;
beforeAll(async () => {
  engine = await ScriptedEngine.start();
  const { origin: upstream } = engine;
  const socketIo = true;
  gate = await disk.start({
    vars: {
      ADMIN_KEY: TEST_ADMIN_KEY,
      MAX_CONNECTIONS_PER_USER: "2",
      CONSUMER_STALL_S: "2",
      SOCKET_IO_PATHS: JSON.stringify([
        { path: "/nest", refusal: "nestjs", texts: { missing: "no token", invalid: "bad token" } },
        { path: "/worded", texts: { missing: "Authentication error" } },
      ]),
      ROUTES: JSON.stringify([
        ...["/runs", "/nest", "/worded"].map((path) => ({ path, upstream, socketIo })),
        { path: "/soon", upstream, socketIo, timeoutMs: SOON_MS },
        { path: "/gone", upstream: NOWHERE, socketIo, timeoutMs: SOON_MS },
      ]),
    },
  });
});
afterAll(async () => {
  await gate.stop();
  await engine.stop();
  disk.remove();
});

/** A client that said CONNECT, of a user of its own unless named, and a text that its visit is known by. */
async function connecting(does = "", path = "/runs", { userId = randomUUID(), ...rest }: SessionOptions = {}) {
  const name = randomUUID();
  const address = `${path}/?EIO=4&transport=websocket&does=${does}&name=${name}`;
  const client = await PlainClient.connect(new URL(address, gate.url));
  await client.arrived(1);
  client.send(`40${JSON.stringify({ token: await signSession({ userId, ...rest }) })}`);
  return { client, name, userId };
}

async function connected(does = "", options: SessionOptions = {}) {
  const { client, name, userId } = await connecting(does, "/runs", options);
  expect((await client.arrived(2))[1]).toBe('40{"sid":"of-the-server"}');
  return { client, userId, visit: await engine.visit(name) };
}

async function revoke(userId: string): Promise<void> {
  const { status } = await fetch(new URL("/admin/revocations", gate.url), {
    method: "POST",
    headers: { Authorization: `Bearer ${TEST_ADMIN_KEY}`, "Content-Type": "application/json" },
    body: JSON.stringify({ userId }),
  });
  expect(status).toBe(202);
}

describe("a server that cannot be had", () => {
  test.each([
    ["does not open what it accepted, in the route's time", "waits", "/soon"],
    ["does not answer, in the route's time", "hangs", "/soon"],
    ["says no", "refuses", "/runs"],
    ["is not there", "", "/gone"],
  ])("%s: its client is closed after a while, so that it comes back, and told nothing", async (_what, does, path) => {
    const beganAtMs = Date.now();
    const { client } = await connecting(does, path);
    expect(await client.closed()).toEqual({ code: 1013, reason: "UPSTREAM_UNAVAILABLE" });
    expect(client.messages).toHaveLength(1);
    expect(Date.now() - beganAtMs).toBeGreaterThanOrEqual(1000);
  });

  test("is given up where it does not open, and its place of the user's is given back", async () => {
    const userId = randomUUID();
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const { client, name } = await connecting("waits", "/soon", { userId });
      const visit = await engine.visit(name);
      expect(await visit.closed).toMatchObject({ code: 1005 });
      expect(visit.heard).toEqual([]);
      client.socket.close();
    }
    await connected("", { userId });
  });
});

describe("while the server opens", () => {
  test("a client that goes has the server's end closed, and it has heard nothing", async () => {
    const { client, name } = await connecting("waits");
    const visit = await engine.visit(name);
    client.socket.close();
    await client.closed();
    visit.open();
    await visit.closed;
    expect(visit.heard).toEqual([]);
  });

  test("a client whose session is revoked is closed at once, and the server hears nothing of it", async () => {
    const { client, name, userId } = await connecting("waits");
    const visit = await engine.visit(name);
    await revoke(userId);
    expect(await client.closed()).toEqual({ code: 4410, reason: "SESSION_REVOKED" });
    visit.open();
    await visit.closed;
    expect(visit.heard).toEqual([]);
  });

  test("what the client says waits, and follows its CONNECT", async () => {
    const { client, name } = await connecting("waits");
    const visit = await engine.visit(name);
    client.send('42["one"]');
    client.send(randomBytes(10));
    client.send('42["two"]');
    visit.open();
    await client.arrived(5);
    expect(visit.heard).toEqual(["40{}", '42["one"]', "10 bytes", '42["two"]']);
    client.socket.close();
  });
});

describe("once both are joined", () => {
  test("a server that stops its heartbeat is gone, and its client comes back", async () => {
    const { client, visit } = await connected("mute");
    expect(await client.closed()).toEqual({ code: 1013, reason: "UPSTREAM_UNAVAILABLE" });
    expect((await visit.closed).code).toBe(1005);
  });

  test("a megabyte passes in both directions, as it was", async () => {
    const { client } = await connected();
    const bytes = randomBytes(MIB);
    client.send('451-["a",{"_placeholder":true,"num":0}]');
    client.send(bytes);
    const heard = await client.arrived(3);
    expect(Buffer.compare(heard[2] as Buffer, bytes)).toBe(0);
    client.socket.close();
  });

  test("a session that is revoked ends for good, with the server's end", async () => {
    const { client, userId, visit } = await connected();
    await revoke(userId);
    expect(await client.closed()).toEqual({ code: 4410, reason: "SESSION_REVOKED" });
    expect(client.messages.at(-1)).toBe("41");
    expect(await visit.closed).toEqual({ code: 1001, reason: "SESSION_REVOKED" });
  });

  test("a session that is over closes the transport alone, so that the client comes back with a fresh token", async () => {
    const { client, visit } = await connected("", { sessionEndsInMs: 1500 });
    expect(await client.closed()).toEqual({ code: 4401, reason: "TOKEN_EXPIRED" });
    expect(client.messages).toHaveLength(2);
    expect(await visit.closed).toEqual({ code: 1001, reason: "TOKEN_EXPIRED" });
  });

  test("a user has so many connections and no more, and is let in again once one of them is gone", async () => {
    const userId = randomUUID();
    const [first] = [await connected("", { userId }), await connected("", { userId })];
    const { client, name } = await connecting("", "/runs", { userId });
    expect(await client.closed()).toEqual({ code: 4429, reason: "CONNECTION_LIMIT" });
    expect(engine.visits.filter(({ url }) => url.includes(name))).toEqual([]);
    first.client.socket.close();
    await first.visit.closed;
    await connected("", { userId });
  });
});

describe("a side that does not read", () => {
  const flood = Buffer.alloc(262_144);

  test("has both closed: a server", async () => {
    const { client, visit } = await connected("deaf");
    // Far more than what kernels buffer on the way, at the pace that they take: whoever is busy sending reads no close.
    for (let sent = 0; sent < 200 && client.socket.readyState === WebSocket.OPEN; sent += 1) await client.sent(flood);
    expect(await client.closed()).toEqual({ code: 1013, reason: "OVERLOADED" });
    visit.socket.resume();
    await visit.closed;
  });

  test("has both closed: a client", async () => {
    const { client, visit } = await connected();
    client.socket.pause();
    client.send('42["flood 200"]');
    expect(await visit.closed).toMatchObject({ code: 1001 });
    client.socket.resume();
    expect(await client.closed()).toEqual({ code: 1013, reason: "OVERLOADED" });
  });
});

describe("a refusal", () => {
  async function refused(path: string, payload: string, count: number): Promise<readonly unknown[]> {
    const client = await PlainClient.connect(new URL(`${path}/?EIO=4&transport=websocket`, gate.url));
    client.send(`40${payload}`);
    const [, ...told] = await client.arrived(1 + count);
    client.socket.close();
    await client.closed();
    return told;
  }

  test.each([
    ["/nest", "", "no token"],
    ["/nest", '{"token":"a.b.c"}', "bad token"],
  ])("speaks NestJS's words where the path is listed so: %s with %j", async (path, payload, text) => {
    expect(await refused(path, payload, 3)).toEqual([
      expect.stringMatching(/^40\{"sid":"[^"]+"\}$/),
      `42["error","${text}"]`,
      "41",
    ]);
  });

  test.each([
    ["/worded", "", "Authentication error", "AUTH_REQUIRED"],
    ["/worded", '{"token":"a.b.c"}', "unauthorized", "AUTH_FAILED"],
    ["/runs", "", "unauthorized", "AUTH_REQUIRED"],
    ["/soon", '{"token":"a.b.c"}', "unauthorized", "AUTH_FAILED"],
  ])(
    "is a CONNECT_ERROR elsewhere, in the words of its entry if it has one: %s with %j",
    async (path, payload, message, code) => {
      const [told] = await refused(path, payload, 1);
      expect(JSON.parse(String(told).slice(2))).toMatchObject({
        message,
        data: { code, temporary: false, reauth: true },
      });
    },
  );
});
