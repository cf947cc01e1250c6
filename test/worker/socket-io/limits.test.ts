// How much a client of Socket.IO may do: connections, failures, messages, and what becomes of who does more.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Refused } from "../../support/client.ts";
import { openEngine } from "../../support/engine-client.ts";
import { type Gateway, startGateway } from "../../support/gateway.ts";
import { gatewaysByVariables } from "../../support/held-phones.ts";
import { signSession } from "../../support/session-token.ts";
import { openSocketIo } from "../../support/socket-io-client.ts";

const start = gatewaysByVariables();

describe("connections of one user", () => {
  test("above the limit are refused by closing the transport, so that the client tries again until there is room", async () => {
    const { url } = await start({ MAX_CONNECTIONS_PER_USER: "2" });
    const open = async (sessionId: string) =>
      openSocketIo(url, { token: await signSession({ userId: "many", sessionId }), query: { runId: "many" } });
    const [first, second] = [await open("one"), await open("two")];
    await Promise.all([first.connected(), second.connected()]);
    await Promise.all([first.next("success"), second.next("success")]);
    const third = await open("three");
    for (let time = 0; time < 2; time += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      expect(await third.disconnected()).toMatchObject({ reason: "transport close", active: true });
    }
    first.socket.disconnect();
    await third.connectedAtLast();
  });

  test("take the place of the oldest of the same session", async () => {
    const { url } = await start({ MAX_CONNECTIONS_PER_USER: "2" });
    const token = await signSession({ userId: "tabs" });
    const first = await openSocketIo(url, { token, query: { runId: "tabs" }, reconnection: false }).connected();
    await openSocketIo(url, { token, query: { runId: "tabs" } }).connected();
    await openSocketIo(url, { token, query: { runId: "tabs" } }).connected();
    expect(await first.nextError("CONNECTION_LIMIT")).toMatchObject({ temporary: true });
    expect(await first.disconnected()).toMatchObject({ reason: "transport close" });
  });

  test("that were refused at their stream take none", async () => {
    const { url } = await start({ MAX_CONNECTIONS_PER_USER: "2" });
    const owner = await openSocketIo(url, { token: await signSession({ userId: "owner" }) }).connected();
    await owner.ask("register", { streamId: "owned", produces: ["chat"] });
    const token = await signSession({ userId: "guest" });
    for (let time = 0; time < 3; time += 1) {
      const refused = openSocketIo(url, { token, query: { runId: "owned" } });
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      expect(await refused.refused()).toMatchObject({ data: { code: "UNAUTHORIZED" } });
    }
    const another = await signSession({ userId: "guest", sessionId: "another" });
    await openSocketIo(url, { token: another, query: { runId: "free" } }).connected();
  });
});

test("Connections that are lost at any moment of their CONNECT take no place in the end", async () => {
  const { url } = await start({ MAX_CONNECTIONS_PER_USER: "2" });
  const tokenOf = (sessionId: string): Promise<string> => signSession({ userId: "lost", sessionId });
  for (let time = 0; time < 8; time += 1) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    const client = await openEngine(url, time % 2 === 0 ? "&runId=lost" : "");
    // oxlint-disable-next-line no-await-in-loop -- as above
    client.send(`40${JSON.stringify({ token: await tokenOf(`s-${time}`) })}`);
    if (time % 4 < 2) client.send("1");
    client.cut();
  }
  const client = openSocketIo(url, { token: await tokenOf("last"), query: { runId: "lost" } });
  await client.connectedAtLast();
  await client.next("success");
});

describe("messages above the rate", () => {
  test("are refused in their acknowledgements, with the time to wait", async () => {
    const { url } = await start({ MAX_MESSAGES_PER_S: "10" });
    const client = await openSocketIo(url, { token: await signSession() }).connected();
    await client.ask("register", { streamId: "fast", produces: ["chat"] });
    // Each as two: it is asked whether it was refused.
    const answers = await Promise.all(Array.from({ length: 12 }, (_, ref) => client.ask("chat", { ref })));
    expect(answers.map(({ ref }) => ref)).toEqual(Array.from({ length: 12 }, (_, ref) => ref));
    const refused = answers.filter(({ type }) => type === "error");
    expect(refused.length).toBeGreaterThanOrEqual(4);
    for (const answer of refused) {
      expect(answer).toMatchObject({ code: "RATE_LIMITED", retryAfterMs: expect.any(Number) });
    }
    expect([client.unread, client.socket.connected]).toEqual([[], true]);
  });

  test("close the transport where they go on", async () => {
    const { url } = await start({ MAX_MESSAGES_PER_S: "10" });
    const client = openSocketIo(url, { token: await signSession(), query: { runId: "flood" }, reconnection: false });
    await client.connected();
    for (let index = 0; index < 60; index += 1) client.send("ping");
    await client.nextError("RATE_LIMITED");
    expect(await client.disconnected()).toMatchObject({ reason: "transport close" });
  });
});

test("Errors without end end the connection, and its client does not come back by itself", async () => {
  const { url } = await start();
  const client = await openSocketIo(url, { token: await signSession(), query: { runId: "wrong" } }).connected();
  for (let index = 0; index < 12; index += 1) client.send("gossip", {});
  expect(await client.disconnected()).toMatchObject({ reason: "io server disconnect", active: false });
});

describe("of one address, in production,", () => {
  const LIMIT = 60;
  let gateway: Gateway;
  beforeAll(async () => {
    gateway = await startGateway({}, undefined, "production");
  });
  afterAll(() => gateway.stop());

  /** Fails as often as one transport lets it, and says how that ended. */
  async function failUntilClosed(address: string): Promise<{ readonly failures: number; readonly reason: string }> {
    const client = await openEngine(gateway.url, "", { "CF-Connecting-IP": address });
    const closed = client.closed();
    for (let failures = 0; ; failures += 1) {
      client.send('40{"token":"bad"}');
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const answer = await Promise.race([client.next("44"), closed]);
      if (typeof answer !== "string") return { failures, reason: answer.reason };
    }
  }

  test("upgrades above the limit are refused by status, and the client goes on trying", async () => {
    const headers = { "CF-Connecting-IP": "192.0.2.8" };
    let upgrades = 0;
    const outcome = async (): Promise<unknown> => {
      for (; upgrades <= 2 * LIMIT; upgrades += 1) {
        try {
          // oxlint-disable-next-line no-await-in-loop -- one after the other is what is counted
          await openEngine(gateway.url, "", headers);
        } catch (error) {
          return error;
        }
      }
      return undefined;
    };
    expect(await outcome()).toEqual(new Refused(429));
    expect(upgrades).toBeGreaterThanOrEqual(LIMIT);
    const client = openSocketIo(gateway.url, { headers });
    expect(await client.refused()).toMatchObject({ message: "websocket error", active: true });
  });

  test("failed credentials above the limit close it out, good ones with them, and its clients go on trying", async () => {
    let failures = 0;
    for (let reason = ""; reason !== "RATE_LIMITED";) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other is what is counted
      const ended = await failUntilClosed("192.0.2.7");
      failures += ended.failures;
      reason = ended.reason;
      expect(failures).toBeLessThan(2 * LIMIT + 10);
    }
    expect(failures).toBeGreaterThanOrEqual(LIMIT);
    const options = { token: await signSession(), query: { runId: "r" } };
    const client = openSocketIo(gateway.url, { ...options, headers: { "CF-Connecting-IP": "192.0.2.7" } });
    expect(await client.disconnected()).toMatchObject({ reason: "transport close", active: true });
    await openSocketIo(gateway.url, options).connected();
  });
});
