// S3's server as clients reach it directly: the hole is real, and what the same server asks for behind the gate.
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type ClientOptions, RunsClient } from "../support/runs-client.ts";
import { CLIENTS_TOKEN, type RunsServer, startRunsServer } from "../support/runs-server.ts";

let servers: Record<"exposed" | "gated", RunsServer>;
beforeAll(async () => {
  servers = { exposed: await startRunsServer("exposed"), gated: await startRunsServer("gated") };
  servers.gated.runs.start("annas", "anna");
});
afterAll(() => Promise.all(Object.values(servers).map((server) => server.stop())));

const clients: RunsClient[] = [];
afterEach(() => {
  for (const client of clients.splice(0)) client.close();
});

async function enter(kind: "exposed" | "gated", options: ClientOptions): Promise<RunsClient> {
  const client = await RunsClient.enter(servers[kind].url, options);
  clients.push(client);
  return client;
}

describe("the exposed server", () => {
  test("tells what happens in a run to a listener that showed no token", async () => {
    const stranger = await enter("exposed", { query: { runId: "annas" } });
    const told = stranger.next("run-event");
    servers.exposed.runs.publish("annas", { text: "a secret" });
    expect(await told).toEqual([{ runId: "annas", text: "a secret" }]);
  });

  test("asks for the token as soon as somebody says something", async () => {
    const stranger = await enter("exposed", { query: { runId: "annas", token: "wrong" } });
    const answers = Promise.all([stranger.next("error"), stranger.next("disconnect")]);
    stranger.socket.emit("artifact", { name: "log", bytes: new Uint8Array(1) });
    expect(await answers).toEqual([["unauthorized"], ["io server disconnect", undefined]]);
  });

  test.each<[string, ClientOptions]>([
    ["header", { extraHeaders: { Authorization: `Bearer ${CLIENTS_TOKEN}` } }],
    ["query", { query: { runId: "annas", token: CLIENTS_TOKEN } }],
    ["payload", { auth: { token: CLIENTS_TOKEN } }],
  ])("takes the token from the %s", async (_place, options) => {
    const client = await enter("exposed", { query: { runId: "annas" }, ...options });
    const artifact = { name: "log", bytes: new Uint8Array([1, 2, 3]) };
    expect(await client.socket.emitWithAck("artifact", artifact)).toEqual({ stored: true, size: 3 });
  });
});

describe("the server behind the gate, asked in the gate's place", () => {
  /** As the gate opens a connection for somebody. */
  const as = (userId: string): ClientOptions => ({ extraHeaders: { "X-Auth-User-Id": userId } });

  test.each<[string, ClientOptions]>([
    ["nobody", {}],
    ["two users at once", as("anna, ben")],
    ["the token of the other server", { auth: { token: CLIENTS_TOKEN } }],
  ])("refuses %s before there is a connection", async (_who, options) => {
    const { client, error } = await RunsClient.refused(servers.gated.url, options);
    clients.push(client);
    expect(error.message).toBe("unauthorized");
    expect(client.socket.active).toBe(false);
  });

  test("tells what happens in a run to whose it is, and to nobody else", async () => {
    const anna = await enter("gated", { ...as("anna"), query: { runId: "annas" } });
    const ben = RunsClient.open(servers.gated.url, { ...as("ben"), query: { runId: "annas" } });
    clients.push(ben);
    expect(await Promise.all([ben.next("error"), ben.next("disconnect")])).toEqual([
      ["forbidden"],
      ["io server disconnect", undefined],
    ]);
    const told = anna.next("run-event");
    servers.gated.runs.publish("annas", { text: "a secret" });
    expect(await told).toEqual([{ runId: "annas", text: "a secret" }]);
    expect(ben.events).toEqual([]);
  });

  test("gives a run to who starts it first", async () => {
    const anna = await enter("gated", as("anna"));
    const ben = await enter("gated", as("ben"));
    expect(await ben.socket.emitWithAck("start-run", { runId: "bens" })).toEqual({ started: true });
    expect(await anna.socket.emitWithAck("start-run", { runId: "bens" })).toEqual({ started: false });
    const told = ben.next("run-event");
    servers.gated.runs.publish("bens", { text: "a step" });
    expect(await told).toEqual([{ runId: "bens", text: "a step" }]);
    expect(anna.events).toEqual([]);
  });

  test.each([undefined, "text", {}, { name: "log" }, { name: "log", bytes: "text" }])(
    "stores nothing that is no artifact: %j",
    async (message) => {
      const anna = await enter("gated", { ...as("anna"), query: { runId: "annas" } });
      expect(await anna.socket.emitWithAck("artifact", message)).toEqual({ stored: false });
    },
  );
});
