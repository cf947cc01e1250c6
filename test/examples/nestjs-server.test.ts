// S3's server without the gate: reached by strangers it has a hole, and in its other form it lets in nobody but the gate.
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type ClientOptions, RunsClient } from "../support/runs-client.ts";
import { type RunsServer, startRunsServer } from "../support/runs-server.ts";
import { type StandInGate, startStandInGate } from "../support/stand-in-gate.ts";

const TOKEN = "tests-only-token-of-all-clients";
const AUDIENCE = "https://runs.example.test";
const RUN_ID = "run-7";
const RUN = { query: { runId: RUN_ID } };

let exposed: RunsServer;
let gated: RunsServer;
let gate: StandInGate;
beforeAll(async () => {
  gate = await startStandInGate(AUDIENCE);
  exposed = await startRunsServer({ kind: "exposed", token: TOKEN });
  gated = await startRunsServer({ kind: "gated", gate: { origin: gate.origin, audience: AUDIENCE } });
  gated.runs.start(RUN_ID, "anna");
});
afterAll(async () => {
  await Promise.all([exposed.stop(), gated.stop()]);
  gate.stop();
});

const clients: RunsClient[] = [];
afterEach(() => {
  for (const client of clients.splice(0)) client.close();
});

async function enter({ url }: RunsServer, options: ClientOptions): Promise<RunsClient> {
  const client = await RunsClient.enter(url, options);
  clients.push(client);
  return client;
}

describe("the exposed server", () => {
  test("tells what happens in a run to a listener that showed no token", async () => {
    const stranger = await enter(exposed, RUN);
    const told = stranger.next("run-event");
    exposed.runs.publish(RUN_ID, { text: "a secret" });
    expect(await told).toEqual([{ runId: RUN_ID, text: "a secret" }]);
  });

  test("asks for the token as soon as somebody says something", async () => {
    const stranger = await enter(exposed, { query: { runId: RUN_ID, token: "wrong" } });
    const answers = Promise.all([stranger.next("error"), stranger.next("disconnect")]);
    stranger.socket.emit("artifact", { name: "log", bytes: new Uint8Array(1) });
    expect(await answers).toEqual([["unauthorized"], ["io server disconnect", undefined]]);
  });

  test.each<[string, ClientOptions]>([
    ["header", { ...RUN, extraHeaders: { Authorization: `Bearer ${TOKEN}` } }],
    ["query", { query: { runId: RUN_ID, token: TOKEN } }],
    ["payload", { ...RUN, auth: { token: TOKEN } }],
  ])("takes the token from the %s", async (_place, options) => {
    const client = await enter(exposed, options);
    const artifact = { name: "log", bytes: new Uint8Array([1, 2, 3]) };
    expect(await client.socket.emitWithAck("artifact", artifact)).toEqual({ stored: true, size: 3 });
  });
});

describe("the server behind the gate, asked in the gate's place", () => {
  /** As the gate opens a connection for somebody. */
  const as = async (userId: string, query = {}): Promise<ClientOptions> => ({
    query,
    extraHeaders: { "X-Auth-User-Id": userId, "X-Auth-Assertion": await gate.assert({ sub: userId }) },
  });

  test.each<[string, () => Promise<Record<string, string>>]>([
    ["nobody", async () => ({})],
    ["a name alone", async () => ({ "X-Auth-User-Id": "anna" })],
    ["the gate's word to another server", () => word({ sub: "anna", aud: "https://other.example.test" })],
    ["another gate's word", () => word({ sub: "anna", iss: "https://gate.example.test" })],
    ["a word of two minutes ago", () => word({ sub: "anna", iat: secondsFromNow(-120), exp: secondsFromNow(-60) })],
    ["a word about nobody", () => word({})],
    ["another kind of token", () => word({ sub: "anna" }, { typ: "JWT" })],
  ])("refuses %s before there is a connection", async (_what, headers) => {
    const { client, error } = await RunsClient.refused(gated.url, { extraHeaders: await headers() });
    clients.push(client);
    expect(error.message).toBe("websocket error");
    expect([...gated.runs.server.sockets.sockets]).toEqual([]);
  });

  const secondsFromNow = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds;
  const word = async (claims: Record<string, unknown>, header?: { typ: string }): Promise<Record<string, string>> => ({
    "X-Auth-Assertion": await gate.assert(claims, header),
  });

  test("tells what happens in a run to whose it is, and to nobody else", async () => {
    const anna = await enter(gated, await as("anna", RUN.query));
    const ben = RunsClient.open(gated.url, await as("ben", RUN.query));
    clients.push(ben);
    expect(await Promise.all([ben.next("error"), ben.next("disconnect")])).toEqual([
      ["forbidden"],
      ["io server disconnect", undefined],
    ]);
    const told = anna.next("run-event");
    gated.runs.publish(RUN_ID, { text: "a secret" });
    expect(await told).toEqual([{ runId: RUN_ID, text: "a secret" }]);
    expect(ben.events).toEqual([]);
  });

  test("gives a run to who starts it first", async () => {
    const anna = await enter(gated, await as("anna"));
    const ben = await enter(gated, await as("ben"));
    expect(await ben.socket.emitWithAck("start-run", { runId: "run-8" })).toEqual({ started: true });
    expect(await anna.socket.emitWithAck("start-run", { runId: "run-8" })).toEqual({ started: false });
    const told = ben.next("run-event");
    gated.runs.publish("run-8", { text: "a step" });
    expect(await told).toEqual([{ runId: "run-8", text: "a step" }]);
    expect(anna.events).toEqual([]);
  });

  test.each([undefined, "text", {}, { name: "log" }, { name: "log", bytes: "text" }])(
    "stores nothing that is no artifact: %j",
    async (message) => {
      const anna = await enter(gated, await as("anna", RUN.query));
      expect(await anna.socket.emitWithAck("artifact", message)).toEqual({ stored: false });
    },
  );
});
