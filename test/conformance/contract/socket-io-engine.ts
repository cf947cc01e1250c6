// The contract of Engine.IO: how a connection is opened, and what no real client sends.
import { describe, expect, test } from "vitest";
import { type EngineClient, openEngine } from "../../support/engine-client.ts";
import { openSocketIo } from "../../support/socket-io-client.ts";
import { type Contract, newStream, newUser } from "./contract.ts";

export function socketIoEngine(contract: Contract): void {
  const open = (query?: string): Promise<EngineClient> => openEngine(contract.url(), query);

  describe.concurrent.each(["/socket.io/", "/socket.io", "/runs/"])("the path %s", (path) => {
    test.each([
      ["polling", "EIO=4&transport=polling", { code: 0, message: "Transport unknown" }],
      ["another transport", "EIO=4&transport=webtransport", { code: 0, message: "Transport unknown" }],
      ["no transport", "EIO=4", { code: 0, message: "Transport unknown" }],
      ["an older protocol", "EIO=3&transport=websocket", { code: 5, message: "Unsupported protocol version" }],
      ["no protocol", "transport=websocket", { code: 5, message: "Unsupported protocol version" }],
      ["two protocols", "EIO=4&EIO=3&transport=websocket", { code: 3, message: "Bad request" }],
      ["two transports", "EIO=4&transport=websocket&transport=polling", { code: 3, message: "Bad request" }],
      ["a session", "EIO=4&transport=websocket&sid=abc", { code: 1, message: "Session ID unknown" }],
    ])("answers an upgrade for %s with 400 and the official server's words", async (_what, query, body) => {
      const refusal = await contract.refusal(new URL(`${path}?${query}`, contract.url()));
      expect(refusal).toMatchObject({ status: 400, ...body, headers: { "cache-control": "no-store" } });
    });

    test.each([
      ["GET", "polling", { code: 0, message: "Transport unknown" }],
      ["POST", "polling", { code: 0, message: "Transport unknown" }],
      ["GET", "websocket", { code: 3, message: "Bad request" }],
    ])("answers %s without an upgrade, for %s, with 400", async (method, transport, body) => {
      const response = await fetch(new URL(`${path}?EIO=4&transport=${transport}`, contract.url()), { method });
      expect([response.status, await response.json()]).toEqual([400, body]);
    });
  });

  test.concurrent("A client that begins with polling and tries all transports gets in by WebSocket", async () => {
    const token = await contract.signSession({ userId: newUser() });
    const client = openSocketIo(contract.url(), {
      token,
      query: { runId: newStream() },
      transports: ["polling", "websocket"],
      tryAllTransports: true,
    });
    await client.connected();
    await client.next("success");
  });

  test.concurrent("A client that begins with polling and tries no other reads in its error what it should do", async () => {
    const client = openSocketIo(contract.url(), { transports: ["polling"] });
    expect(await client.refused()).toMatchObject({ message: "xhr poll error" });
  });

  test.concurrent("The first packet says how long a message may be, and when pings come", async () => {
    const { first } = await open();
    expect(JSON.parse(first.slice(1))).toEqual({
      sid: expect.any(String),
      upgrades: [],
      pingInterval: 25_000,
      pingTimeout: 20_000,
      maxPayload: 1_048_576,
    });
  });

  describe.concurrent("over one transport", () => {
    test("whoever is refused five times is closed", async () => {
      const client = await open();
      for (let time = 0; time < 5; time += 1) {
        client.send('40{"token":"bad"}');
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        expect(await client.next("44")).toContain('"message":"unauthorized"');
      }
      expect(await client.closed()).toMatchObject({ code: 1008 });
    });

    test("whoever was refused may come with a better token", async () => {
      const client = await open(`&runId=${newStream()}`);
      client.send("40");
      await client.next("44");
      client.send(`40${JSON.stringify({ token: await contract.signSession({ userId: newUser() }) })}`);
      await client.next('40{"sid"');
      await client.next('42["success"');
    });

    test("whoever has left may come back", async () => {
      const connect = `40${JSON.stringify({ token: await contract.signSession({ userId: newUser() }) })}`;
      const client = await open(`&runId=${newStream()}`);
      for (let time = 0; time < 2; time += 1) {
        client.send(connect);
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        await client.next('42["success"');
        client.send("41");
      }
      client.send(connect);
      await client.next('42["success"');
    });
  });

  describe.concurrent("what no client sends closes the connection:", () => {
    test.each([
      ["an event before CONNECT", ['42["chat",{}]']],
      ["bytes before CONNECT", [new Uint8Array([1])]],
      ["text that is no packet", ["nonsense"]],
      ["nothing at all", [""]],
      ["a ping of its own", ["2"]],
      ["an upgrade of the transport", ["5"]],
      ["a message that is no packet", ["4x"]],
      ["a CONNECT whose payload is a list", ["40[]"]],
      ["an event of another namespace", ['42/admin,["chat",{}]']],
    ])("%s", async (_what, packets) => {
      const client = await open();
      for (const packet of packets) client.send(packet);
      expect(await client.closed()).toMatchObject({ code: 4400, reason: "BAD_MESSAGE" });
    });

    test.each([
      ["a second CONNECT", ["40{}"]],
      ["text where an attachment is due", ['451-["chat",{"_placeholder":true,"num":0}]', '42["chat",{}]']],
      ["bytes that belong to nothing", [new Uint8Array([1])]],
      ["an event of a reserved name", ['42["connect",{}]']],
    ])("behind CONNECT, %s", async (_what, packets) => {
      const client = await open();
      client.send(`40${JSON.stringify({ token: await contract.signSession({ userId: newUser() }) })}`);
      await client.next("40{");
      for (const packet of packets) client.send(packet);
      expect(await client.closed()).toMatchObject({ code: 4400, reason: "BAD_MESSAGE" });
    });
  });

  test.concurrent("More than a token before it is known who it is closes the connection", async () => {
    const client = await open();
    client.send(`40{"token":"${"x".repeat(17_000)}"}`);
    expect(await client.closed()).toMatchObject({ code: 1009 });
  });

  test.concurrent("Events right behind CONNECT wait for its answer, and are handled in order", async () => {
    const client = await open();
    const streamId = newStream();
    client.send(`40${JSON.stringify({ token: await contract.signSession({ userId: newUser() }) })}`);
    client.send(`421["register",{"streamId":"${streamId}","produces":["alert"]}]`);
    for (const id of [2, 3]) client.send(`42${id}["alert",{"message":"early"}]`);
    await client.next("40{");
    expect(await client.next("431")).toContain(`"streamId":"${streamId}"`);
    for (const id of [2, 3]) {
      // oxlint-disable-next-line no-await-in-loop -- in order
      expect(await client.next("43")).toMatch(new RegExp(`^43${id}.*"offset":${id - 1}`));
    }
  });

  test.concurrent("A client that says that it closes is closed", async () => {
    const client = await open();
    client.send("1");
    await client.closed();
  });
}
