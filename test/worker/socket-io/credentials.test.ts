// Credentials that only some gateways take, shown by Socket.IO: keys, tickets, JWTs of other systems, and none in URLs.
import { SignJWT } from "jose";
import { describe, expect, test } from "vitest";
import { keyEntry } from "../../support/a-key.ts";
import { Client } from "../../support/client.ts";
import type { Gateway } from "../../support/gateway.ts";
import { gatewaysByVariables } from "../../support/held-phones.ts";
import { signSession } from "../../support/session-token.ts";
import { openSocketIo, type SocketIoOptions } from "../../support/socket-io-client.ts";

const start = gatewaysByVariables();
const KEY = "a-key-of-a-service-that-reads-runs";
const JWT_SECRET = "another-system-8Qw2eR4tY6uI1oP3aS5dF7gH9jK0lZxC";
const API_KEYS = JSON.stringify([keyEntry(KEY, "dashboard", ["read"], ["run-*"])]);

/** A gateway that takes keys and JWTs, with a run that is somebody's. */
async function startWithRun(streamId: string): Promise<Gateway> {
  const gateway = await start({ API_KEYS, JWT_SECRET });
  const owner = await Client.connect(new URL(`/streams/${streamId}?token=${await signSession()}`, gateway.url));
  await owner.register({ produces: ["chat"] });
  return gateway;
}

describe("a program with a key", () => {
  test.each<[string, SocketIoOptions]>([
    ["the header x-api-key", { headers: { "x-api-key": KEY } }],
    ["the header kyutai-api-key", { headers: { "kyutai-api-key": KEY } }],
    ["the header Authorization", { headers: { Authorization: `Bearer ${KEY}` } }],
    ["the payload", { token: KEY }],
    ["the query", { query: { token: KEY } }],
  ])("shows it in %s and reads what the operator lets it read", async (_place, options) => {
    const { url } = await startWithRun("run-1");
    const client = await openSocketIo(url, { ...options, query: { ...options.query, runId: "run-1" } }).connected();
    expect(await client.next("success")).toMatchObject({ userId: "key:dashboard", streamId: "run-1" });
  });

  test("reads no other stream, and gets no further with a good token beside a key that is none", async () => {
    const { url } = await startWithRun("other");
    const other = openSocketIo(url, { token: KEY, query: { runId: "other" } });
    expect(await other.refused()).toMatchObject({ data: { code: "UNAUTHORIZED" } });
    const bad = openSocketIo(url, { token: await signSession(), headers: { "x-api-key": "devtoken" } });
    expect(await bad.refused()).toMatchObject({ data: { code: "AUTH_FAILED" } });
  });
});

test("A user of another system comes with its JWT, as that user", async () => {
  const { url } = await start({ API_KEYS, JWT_SECRET });
  const jwt = new SignJWT({ id: 17 }).setProtectedHeader({ alg: "HS256", typ: "JWT" }).setIssuedAt();
  const token = await jwt.setExpirationTime("1h").sign(new TextEncoder().encode(JWT_SECRET));
  const client = await openSocketIo(url, { token }).connected();
  const success = await client.ask("register", { streamId: "theirs", produces: ["*"] });
  expect(success).toMatchObject({ type: "success", userId: "jwt:17" });
});

describe("a guest with a ticket", () => {
  async function ticketFor(url: URL, streamId: string): Promise<string> {
    const headers = { Authorization: `Bearer ${await signSession()}`, "Content-Type": "application/json" };
    const body = JSON.stringify({ streamId, operations: ["read"] });
    const response = await fetch(new URL("/tickets", url), { method: "POST", headers, body });
    return ((await response.json()) as { readonly ticket: string }).ticket;
  }

  test("shows it as a token where the query names its stream, as often as it may be used", async () => {
    const { url } = await startWithRun("run-2");
    const options = { token: await ticketFor(url, "run-2"), query: { runId: "run-2" } };
    const guest = await openSocketIo(url, options).connected();
    expect(await guest.next("success")).toMatchObject({ userId: "user-1", streamId: "run-2" });
    expect(await openSocketIo(url, options).refused()).toMatchObject({ data: { code: "AUTH_FAILED" } });
  });

  test("opens nothing without the name of its stream, nor another one", async () => {
    const { url } = await startWithRun("run-3");
    await startWithRun("run-4");
    const token = await ticketFor(url, "run-3");
    expect(await openSocketIo(url, { token }).refused()).toMatchObject({ data: { code: "AUTH_FAILED" } });
    const elsewhere = openSocketIo(url, { token, query: { runId: "run-4" } });
    expect(await elsewhere.refused()).toMatchObject({ data: { code: "UNAUTHORIZED" } });
    await openSocketIo(url, { token, query: { runId: "run-3" } }).connected();
  });
});

describe.each(["none", "tickets"])("where URLs hold no tokens (QUERY_CREDENTIALS=%s)", (places) => {
  test("one in the query counts as absent, good or bad", async () => {
    const { url } = await start({ QUERY_CREDENTIALS: places });
    const missing = openSocketIo(url, { query: { token: await signSession() } });
    expect(await missing.refused()).toMatchObject({ data: { code: "AUTH_REQUIRED" } });
    const query = { token: "bad", runId: "by-payload" };
    await openSocketIo(url, { query, token: await signSession() }).connected();
  });
});
