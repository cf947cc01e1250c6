// Renewing with a real Better Auth behind the gateway, with tokens that end before their session, and with nobody to ask.
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BOTH_SOCKETS } from "../conformance/contract/both-sockets.ts";
import { makeDoor } from "../conformance/contract/contract.ts";
import type { Client } from "../support/client.ts";
import { type FullGateway, startFullGateway } from "../support/full-gateway.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { goesOnUntil } from "../support/goes-on.ts";
import { signSession } from "../support/session-token.ts";

const doorTo = (gateway: Gateway) => makeDoor({ url: () => gateway.url, signSession });

describe.concurrent("with a real Better Auth behind the gateway", () => {
  let gateway: FullGateway;
  beforeAll(async () => {
    gateway = await startFullGateway();
  });
  afterAll(() => gateway.stop());

  test.each(BOTH_SOCKETS)("%s renews with every kind of token of its session, awake and asleep", async (kind, open) => {
    const streamId = `renewing-${kind.length}`;
    const { userId, ...tokens } = await gateway.signUp(`${streamId}@example.test`);
    const client = await open(doorTo(gateway), streamId, userId, { sessionEndsInMs: 60_000 });
    const { expiresAt } = await client.register({ produces: ["chat"] });
    const renew = async (token: string): Promise<void> => {
      client.send({ type: "auth", token });
      const renewed = await client.next("success");
      expect(renewed).toMatchObject({ message: "Authentication successful", userId });
      expect(Number(renewed["expiresAt"])).toBeGreaterThan(Number(expiresAt) + 1_000_000);
    };
    for (const token of [tokens.sessionToken, tokens.signedToken, tokens.sessionData]) await renew(token);
    await gateway.sleep(streamId);
    await renew(tokens.signedToken);
    const other = await gateway.signUp(`other-${streamId}@example.test`);
    client.send({ type: "auth", token: other.sessionToken });
    await client.nextError("AUTH_FAILED");
    expect(await client.closed()).toMatchObject({ code: 1008 });
  });
});

describe.concurrent("with SESSION_LIFETIME=token", () => {
  let gateway: Gateway;
  beforeAll(async () => {
    gateway = await startGateway({ SESSION_LIFETIME: "token", AUTH_GRACE_S: "0", AUTH_EXPIRING_NOTICE_S: "6" });
  });
  afterAll(() => gateway.stop());

  test.each(BOTH_SOCKETS)("%s lives to the end of its token, and of each that renews it", async (kind, open) => {
    const [streamId, userId] = [`token-${kind.length}`, `user-${kind.length}`];
    const door = doorTo(gateway);
    const client = await open(door, streamId, userId, { tokenEndsInS: 4 });
    // The session itself lasts an hour.
    const { expiresAt } = await client.register({ produces: ["chat"] });
    expect(await client.next("auth-expiring")).toEqual({ type: "auth-expiring", expiresAt });
    expect(Number(expiresAt) - Date.now()).toBeLessThanOrEqual(4000);
    client.send({ type: "auth", token: await signSession({ userId, tokenEndsInS: 12 }) });
    const renewed = await client.next("success");
    expect(Number(renewed["expiresAt"]) - Number(expiresAt)).toBeGreaterThan(7000);
    await goesOnUntil(client, Number(expiresAt) + 500);
    expect(await client.next("auth-expiring")).toMatchObject({ expiresAt: renewed["expiresAt"] });
    await client.nextError("TOKEN_EXPIRED");
    expect(Date.now()).toBeGreaterThanOrEqual(Number(renewed["expiresAt"]));
    expect(await client.closed()).toMatchObject({ code: 4401 });
  });
});

describe("with an auth server in trouble", () => {
  let gateway: Gateway;
  let answer: (response: ServerResponse) => void = () => {};
  const server = createServer((_request, response) => answer(response));
  const RAW_TOKEN = "FcY3ES1k3AIOl0VG1aWpUEpnU8VuT0m0";

  beforeAll(async () => {
    await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    gateway = await startGateway({ BETTER_AUTH_URL: `http://127.0.0.1:${port}` });
  });
  afterAll(async () => {
    server.close();
    await gateway.stop();
  });

  const renew = (client: Client): void => client.send({ type: "auth", token: RAW_TOKEN, ref: "renew" });

  test.each(BOTH_SOCKETS)("%s is told so and goes on, and renews when it has passed", async (kind, open) => {
    const [streamId, userId] = [`trouble-${kind.length}`, `user-${kind.length}`];
    const client = await open(doorTo(gateway), streamId, userId);
    await client.register({ produces: ["chat"], consumes: [] });
    answer = (response) => response.writeHead(503).end();
    renew(client);
    expect(await client.nextError("AUTH_UNAVAILABLE")).toMatchObject({ temporary: true, ref: "renew" });
    await client.caughtUp();
    const expiresAt = new Date(Date.now() + 7_200_000).toISOString();
    answer = (response) =>
      response.end(JSON.stringify({ session: { id: "s-1", userId, expiresAt }, user: { id: userId } }));
    renew(client);
    expect(await client.next("success")).toMatchObject({ userId, ref: "renew", expiresAt: Date.parse(expiresAt) });
  });

  test("an answer that takes long holds nobody up, not even who waits for it", async () => {
    const held: ServerResponse[] = [];
    answer = (response) => void held.push(response);
    const client = await doorTo(gateway).connect("slow", { userId: "slow" });
    await client.register({ produces: ["alert"], consumes: [] });
    client.send({ type: "auth", token: "A".repeat(32) });
    client.send({ type: "alert", ref: 1 });
    expect(await client.next("success")).toMatchObject({ ref: 1, offset: 1 });
    client.send({ type: "auth", token: "A".repeat(32) });
    await client.nextError("CONFLICT");
    await expect.poll(() => held.length).toBe(1);
    held[0]?.end("null");
    await client.nextError("AUTH_FAILED");
    expect(await client.closed()).toMatchObject({ code: 1008 });
  });
});
