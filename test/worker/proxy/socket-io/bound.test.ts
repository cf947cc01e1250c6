// A bound Worker that speaks Socket.IO, behind the gate: as a server at a URL, without one.
import { randomBytes, randomUUID } from "node:crypto";
import { io, type Socket } from "socket.io-client";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { createTestHarness, type TestHarness } from "wrangler";
import { ROOT } from "../../../../scripts/wrangler.ts";
import { auditLines, awaitLines } from "../../../support/audit-lines.ts";
import { PlainClient } from "../../../support/plain-client.ts";
import { signSession, TEST_ADMIN_KEY, TEST_SECRET } from "../../../support/session-token.ts";

let harness: TestHarness;
let url: URL;
beforeAll(async () => {
  const ROUTES = JSON.stringify([{ path: "/runs", upstream: "service:API", socketIo: true }]);
  const secrets = { BETTER_AUTH_SECRET: TEST_SECRET, ADMIN_KEY: TEST_ADMIN_KEY };
  harness = createTestHarness({
    root: ROOT,
    workers: [
      { configPath: "test/support/bound-upstream/gateway.toml", vars: { ROUTES }, secrets },
      { configPath: "test/support/bound-engine/wrangler.toml" },
    ],
  });
  ({ url } = await harness.listen());
});
afterAll(() => harness.close());

const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.disconnect();
});

interface Who {
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly said: string;
}

/** A real client that is on its way. */
function open(auth: Record<string, unknown>): Socket {
  const socket = io(url.origin, { path: "/runs", transports: ["websocket"], forceNew: true, auth });
  sockets.push(socket);
  return socket;
}

const next = (socket: Socket, event: string): Promise<unknown> =>
  new Promise((resolve) => socket.once(event, (first: unknown) => resolve(first)));

test("A real client with a token is let in, and the Worker sees who it is and no token", async () => {
  const token = await signSession({ userId: "anna" });
  const who = (await next(open({ token, theme: "dark" }), "who")) as Who;
  expect(who).toMatchObject({
    said: '40{"theme":"dark"}',
    headers: { "x-auth-user-id": "anna", "x-auth-assertion": expect.any(String) },
  });
  expect(new URL(who.url).pathname).toBe("/runs/");
  expect(JSON.stringify(who)).not.toContain(token);
});

test("Texts and bytes come back as they were", async () => {
  const socket = open({ token: await signSession({ userId: "anna" }) });
  await next(socket, "connect");
  const bytes = randomBytes(100_000);
  const echoed = next(socket, "echo");
  socket.emit("echo", { bytes, text: "ä" });
  expect(await echoed).toEqual({ bytes, text: "ä" });
});

test("A real client without one is refused, and that is in the audit", async () => {
  const socket = open({});
  expect(await next(socket, "connect_error")).toMatchObject({ message: "unauthorized" });
  expect(socket.active).toBe(false);
  const refused = { event: "connection-refused", code: "AUTH_REQUIRED", place: "message" };
  expect(await awaitLines(harness, refused)).toHaveLength(1);
});

test("Its close is told as it was", async () => {
  const client = await PlainClient.connect(new URL("/runs/?EIO=4&transport=websocket", url));
  client.send(`40${JSON.stringify({ token: await signSession({ userId: "anna" }) })}`);
  await client.arrived(3);
  client.send('42["leave"]');
  expect(await client.closed()).toEqual({ code: 4000, reason: "why" });
});

test("In the audit it is said whose a client is, where it leads, and how it ended", async () => {
  const [client, userId] = [await PlainClient.connect(new URL("/runs/?EIO=4&transport=websocket", url)), randomUUID()];
  client.send(`40${JSON.stringify({ token: await signSession({ userId }) })}`);
  await client.arrived(3);
  client.send('42["leave"]');
  await client.closed();
  const [closed] = await awaitLines(harness, { event: "upstream-closed", userId });
  const opened = auditLines(harness, { event: "upstream-opened", userId });
  expect(opened).toMatchObject([
    { place: "message", principal: "user", sessionId: `session-of-${userId}`, sink: "service:API" },
  ]);
  const how = { event: "upstream-closed", reason: "upstream-closed", closeCode: 4000 };
  expect(closed).toEqual({ ...opened[0], ...how });
});

test("In the audit it is said who was known and refused, as another than who is there already", async () => {
  const [client, other] = [await PlainClient.connect(new URL("/runs/?EIO=4&transport=websocket", url)), randomUUID()];
  client.send(`40${JSON.stringify({ token: await signSession() })}`);
  await client.arrived(3);
  client.send(`40/other,${JSON.stringify({ token: await signSession({ userId: other }) })}`);
  expect(await awaitLines(harness, { event: "connection-refused", userId: other })).toMatchObject([
    { place: "message", code: "AUTH_FAILED", principal: "user", sessionId: `session-of-${other}` },
  ]);
  client.socket.close();
});

test("In the audit it is said whose session was revoked while the server was being asked", async () => {
  const [client, userId] = [
    await PlainClient.connect(new URL("/runs/?EIO=4&transport=websocket&mute", url)),
    randomUUID(),
  ];
  client.send(`40${JSON.stringify({ token: await signSession({ userId }) })}`);
  await awaitLines(harness, { event: "credential-accepted", userId });
  const headers = { Authorization: `Bearer ${TEST_ADMIN_KEY}`, "Content-Type": "application/json" };
  const revocation = { method: "POST", headers, body: JSON.stringify({ userId }) };
  expect((await fetch(new URL("/admin/revocations", url), revocation)).status).toBe(202);
  expect(await client.closed()).toEqual({ code: 4410, reason: "SESSION_REVOKED" });
  const refused = { event: "connection-refused", userId, code: "SESSION_REVOKED", place: "message" };
  expect(await awaitLines(harness, refused)).toHaveLength(1);
  expect(auditLines(harness, { event: "upstream-opened", userId })).toEqual([]);
});
