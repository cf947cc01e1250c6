// Tickets on gateways whose variables say who makes them and where they may be shown, with keys of programs.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newStream, newUser } from "../conformance/contract/contract.ts";
import type { HttpAnswer } from "../conformance/contract/http.ts";
import { keyEntry } from "../support/a-key.ts";
import { Client, Refused } from "../support/client.ts";
import { clientsOf } from "../support/clients-of.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { signSession } from "../support/session-token.ts";

const MAILER_KEY = "the-key-of-the-mailer-0123456789";
const READER_KEY = "the-key-of-the-reader-0123456789";
const AS_MAILER = { "x-api-key": MAILER_KEY };
const WEEK_MS = 604_800_000;
const API_KEYS = JSON.stringify([
  keyEntry(MAILER_KEY, "mailer", ["tickets"], ["stream-*"]),
  keyEntry(READER_KEY, "reader", ["read", "write"], ["*"]),
]);

function ticketClientsOf(gateway: () => Gateway) {
  const { contract, ask } = clientsOf(gateway);
  const order = (body: Record<string, unknown>, headers: Record<string, string> = AS_MAILER): Promise<HttpAnswer> =>
    ask("POST", "/tickets", undefined, body, headers);
  const open = (streamId: string, query: string): Promise<Client> =>
    Client.connect(contract.streamUrl(streamId, query));
  return { contract, ask, order, open };
}

describe.concurrent("with keys of programs, and QUERY_CREDENTIALS=tickets", () => {
  let gateway: Gateway;
  beforeAll(async () => {
    gateway = await startGateway({ API_KEYS, QUERY_CREDENTIALS: "tickets", SESSION_LIFETIME: "token" });
  });
  afterAll(() => gateway.stop());
  const { contract, ask, order, open } = ticketClientsOf(() => gateway);

  test("a ticket stands in a URL, and no other token does", async () => {
    const { streamId, userId } = await contract.openPair();
    const { body } = await order({ streamId, operations: ["read"] });
    await (await open(streamId, `?ticket=${String(body["ticket"])}`)).register({ consumes: ["alert"] });
    const session = await signSession({ userId });
    await expect(open(streamId, `?ticket=${session}`)).rejects.toEqual(new Refused(401));
    expect(await ask("GET", `/streams/${streamId}?token=${session}`, undefined)).toMatchObject({ status: 401 });
  });

  test("a program with the scope makes them in anybody's name, for a socket that lives as long as a token may", async () => {
    const { streamId, consumer } = await contract.openPair();
    const guest = newUser();
    const before = Date.now();
    const { body } = await order({ streamId, operations: ["write"], userId: guest });
    const client = await open(streamId, `?ticket=${String(body["ticket"])}`);
    const success = await client.register({ produces: ["chat"] });
    expect(success).toMatchObject({ userId: guest });
    expect(Number(success["expiresAt"]) - before - WEEK_MS).toBeGreaterThanOrEqual(0);
    expect(Number(success["expiresAt"]) - before - WEEK_MS).toBeLessThan(60_000);
    client.send({ type: "chat" });
    expect(await consumer.next("chat")).toMatchObject({ userId: guest, senderKind: "ticket" });
  });

  test("or in its own", async () => {
    const { streamId } = await contract.openPair();
    const { body } = await order({ streamId, operations: ["read"] });
    const client = await open(streamId, `?ticket=${String(body["ticket"])}`);
    expect(await client.register({ consumes: ["alert"] })).toMatchObject({ userId: "key:mailer" });
  });

  test("but for its own streams alone, and only where it has the scope", async () => {
    const { streamId } = await contract.openPair();
    const [mine, others] = [newUser(), `door-${newUser()}`];
    await ask("PUT", `/streams/${others}/access`, mine, {});
    expect(await order({ streamId: others, operations: ["read"] })).toMatchObject({ status: 403 });
    expect(await order({ streamId, operations: ["read"] }, { "x-api-key": READER_KEY })).toMatchObject({ status: 403 });
    expect(await order({ streamId: newStream(), operations: ["read"] })).toMatchObject({ status: 404 });
    expect(await order({ streamId, operations: ["read"], userId: "svc:model" })).toMatchObject({ status: 400 });
  });

  test("a key with the scope reads nothing by that", async () => {
    const { streamId } = await contract.openPair();
    expect(await ask("GET", `/streams/${streamId}`, undefined, undefined, AS_MAILER)).toMatchObject({ status: 403 });
  });

  test("with SESSION_LIFETIME=token a user's ticket ends with his token, and its socket too", async () => {
    const { streamId, userId } = await contract.openPair();
    const headers = { Authorization: `Bearer ${await signSession({ userId, tokenEndsInS: 30 })}` };
    const { body } = await order({ streamId, operations: ["read"] }, headers);
    expect(Number(body["expiresAt"])).toBeLessThanOrEqual(Date.now() + 30_000);
    const client = await open(streamId, `?ticket=${String(body["ticket"])}`);
    const { expiresAt } = await client.register({ consumes: ["alert"] });
    expect(expiresAt).toBe(body["expiresAt"]);
  });
});

describe.concurrent("under STREAM_POLICY=open, with QUERY_CREDENTIALS=none", () => {
  let gateway: Gateway;
  beforeAll(async () => {
    gateway = await startGateway({ API_KEYS, STREAM_POLICY: "open", QUERY_CREDENTIALS: "none" });
  });
  afterAll(() => gateway.stop());
  const { contract, order, open } = ticketClientsOf(() => gateway);

  test("a ticket is worth what it says and no more, and is shown in a header, not in a URL", async () => {
    const { streamId, userId } = await contract.openPair();
    const asUser = { Authorization: `Bearer ${await signSession({ userId })}` };
    expect(await order({ streamId, operations: ["read"] }, asUser)).toMatchObject({ status: 403 });
    const { body } = await order({ streamId, operations: ["read"] });
    const ticket = String(body["ticket"]);
    // There is nothing in it that counts, so the first message is waited for.
    const stranger = await open(streamId, `?ticket=${ticket}`);
    stranger.send({ type: "register", consumes: ["alert"] });
    await stranger.nextError("AUTH_REQUIRED");
    const client = await Client.connect(contract.streamUrl(streamId), ["sluice.v1", `bearer.${ticket}`]);
    client.send({ type: "register", produces: ["chat"] });
    await client.nextError("UNAUTHORIZED");
    await client.register({ consumes: ["alert"] });
  });
});

describe.concurrent("where TOKEN_KINDS leaves tickets out", () => {
  let gateway: Gateway;
  beforeAll(async () => {
    gateway = await startGateway({ API_KEYS, TOKEN_KINDS: "session-jwt,api-key" });
  });
  afterAll(() => gateway.stop());
  const { contract, order } = ticketClientsOf(() => gateway);

  test("none are made", async () => {
    const { streamId } = await contract.openPair();
    expect(await order({ streamId, operations: ["read"] })).toMatchObject({ status: 404, body: { code: "NOT_FOUND" } });
  });
});
