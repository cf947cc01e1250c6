// S3's server behind the gate, for the real socket.io-client: who shows no good token does not get as far as the server.
import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Socket as ServerSocket } from "socket.io";
import { Manager } from "socket.io-client";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { type GatewayInDev, startGatewayInDev } from "../support/gateway-in-dev.ts";
import { type Line, startLine } from "../support/line.ts";
import { type ClientOptions, RunsClient } from "../support/runs-client.ts";
import { type RunsServer, startRunsServer } from "../support/runs-server.ts";
import { SESSION_TOKEN, signSession } from "../support/session-token.ts";

const RUN_ID = "run-7";
const RUN = { query: { runId: RUN_ID } };

let server: RunsServer;
/** To the server, at an address that is known before there is one, and that the next one has, too. */
let line: Line;
let gate: GatewayInDev;
let token: string;
/** All that came to the server since the test began: handshakes, in any namespace. */
let arrived: ServerSocket["handshake"][] = [];
/** The same below Socket.IO: the addresses of all requests and upgrades. */
let asked: string[] = [];
const clients: RunsClient[] = [];

const addressOfServer = (): string => `http://127.0.0.1:${line.port}`;

async function startServer(): Promise<void> {
  const audience = addressOfServer();
  server = await startRunsServer({ kind: "gated", gate: { origin: gate.url.origin, audience } });
  server.runs.start(RUN_ID, "anna");
  for (const name of ["/", "/other"]) {
    server.runs.server.of(name).use(({ handshake }, next) => (arrived.push(handshake), next()));
  }
  for (const event of ["request", "upgrade"]) {
    server.runs.server.httpServer.prependListener(event, ({ url = "" }: IncomingMessage) => asked.push(url));
  }
}

async function enter(options: ClientOptions): Promise<RunsClient> {
  const client = await RunsClient.enter(gate.url, options);
  clients.push(client);
  return client;
}

async function refused(options: ClientOptions): Promise<{ client: RunsClient; message: string }> {
  const { client, error } = await RunsClient.refused(gate.url, options);
  clients.push(client);
  return { client, message: error.message };
}

/** Publishes, and waits until somebody who may listen was told: by then a listener who may not would have been, too. */
async function publishAndWait(text: string): Promise<void> {
  const listener = await enter({ ...RUN, auth: { token } });
  const told = listener.next("run-event");
  server.runs.publish(RUN_ID, { text });
  await told;
}

/** Says CONNECT where it may, and resolves once that, or the upgrade, was refused. */
function answered(socket: WebSocket): Promise<void> {
  return new Promise((resolve) => {
    socket.on("message", (data: Buffer) => {
      if (data.toString().startsWith("0")) socket.send("40");
      else socket.close();
    });
    // Behind `error` comes `close`.
    socket.on("error", () => {});
    socket.on("close", () => resolve());
  });
}

describe("through the gate", () => {
  beforeAll(async () => {
    // Either has to know the other's address before it starts.
    line = await startLine(() => server.url);
    const route = { path: "/runs", upstream: addressOfServer(), auth: "required", socketIo: true };
    gate = await startGatewayInDev("examples/nestjs-behind-the-gate/wrangler.toml", {
      ROUTES: JSON.stringify([route]),
    });
    await startServer();
    token = await signSession({ userId: "anna" });
  });
  afterAll(async () => {
    await Promise.all([gate.stop(), server.stop()]);
    line.stop();
  });
  beforeEach(() => void ([arrived, asked] = [[], []]));
  afterEach(() => {
    for (const client of clients.splice(0)) client.close();
  });

  test.each<[string, () => ClientOptions | Promise<ClientOptions>]>([
    ["no token", () => ({})],
    ["a header that only the gate may write", () => ({ extraHeaders: { "X-Auth-User-Id": "anna" } })],
    ["a token that nobody signed", () => ({ auth: { token: `${token.slice(0, -8)}AAAAAAAA` } })],
    [
      "a token that is over",
      async () => ({ auth: { token: await signSession({ userId: "anna", tokenEndsInS: -60 }) } }),
    ],
    ["a token that is no text", () => ({ auth: { token: { $ne: null } } })],
  ])("a listener with %s is refused, is told nothing, and the server never hears of it", async (_what, options) => {
    const { client, message } = await refused({ ...RUN, ...(await options()) });
    expect([message, client.socket.active, asked]).toEqual(["unauthorized", false, []]);
    await publishAndWait("a secret");
    expect(client.events).toEqual([]);
  });

  // The server takes all of these for its own, or stumbles over them.
  test.each([
    "/runs?EIO=4&transport=websocket",
    "/runs/below?EIO=4&transport=websocket",
    "/runs/?EIO=3&transport=websocket",
    "/runs/?EIO=4&EIO=3&transport=websocket",
    "/runs/?EIO=4&transport=websocket&transport=polling",
    "/runs/?EIO=4&transport=websocket&sid=some-session",
    "/runs/?transport=websocket",
  ])("nobody gets to the server without a token by an upgrade of %s", async (address) => {
    await answered(new WebSocket(new URL(address, gate.url), { perMessageDeflate: false }));
    expect(asked).toEqual([]);
  });

  test.each(["/runs/?EIO=4&transport=polling", "/runs/", "/runs", "/runs/below"])(
    "nobody gets to the server without a token by a request for %s",
    async (address) => {
      const { status } = await fetch(new URL(address, gate.url));
      expect([status >= 400, status < 500, asked]).toEqual([true, true, []]);
    },
  );

  test.each<[string, () => ClientOptions]>([
    ["payload", () => ({ ...RUN, auth: { token, theme: "dark" } })],
    ["query", () => ({ query: { ...RUN.query, token } })],
    ["header", () => ({ ...RUN, extraHeaders: { Authorization: `Bearer ${token}` } })],
    ["cookie", () => ({ ...RUN, extraHeaders: { Cookie: `theme=dark; better-auth.session_data=${token}` } })],
  ])(
    "with a token in the %s a listener is told, and the server sees who it is and no token",
    async (_place, options) => {
      const anna = await enter(options());
      const told = anna.next("run-event");
      server.runs.publish(RUN_ID, { text: "a step" });
      expect(await told).toEqual([{ runId: RUN_ID, text: "a step" }]);
      const [handshake, ...others] = arrived;
      expect(others).toEqual([]);
      expect(handshake?.headers).toMatchObject({
        "x-auth-user-id": "anna",
        "x-auth-session-id": "session-of-anna",
        "x-auth-kind": "user",
      });
      expect(handshake?.query).toMatchObject({ runId: RUN_ID, EIO: "4", transport: "websocket" });
      const all = JSON.stringify(handshake);
      for (const secret of [token, token.split(".")[2] ?? "", SESSION_TOKEN]) expect(all).not.toContain(secret);
    },
  );

  test("what stands beside the token in the payload and in cookies arrives", async () => {
    await enter({ ...RUN, auth: { token, theme: "dark" }, extraHeaders: { Cookie: "theme=dark" } });
    expect(arrived).toMatchObject([{ auth: { theme: "dark" }, headers: { cookie: "theme=dark" } }]);
    expect(arrived[0]?.auth).not.toHaveProperty("token");
  });

  test.each(["X-Auth-User-Id", "x_auth_user_id", "X-AUTH-USER-ID"])(
    "a client that names itself in %s is not believed",
    async (name) => {
      const bens = await signSession({ userId: "ben" });
      const ben = RunsClient.open(gate.url, { ...RUN, auth: { token: bens }, extraHeaders: { [name]: "anna" } });
      clients.push(ben);
      // The server's own answer: the run is not his.
      expect(await ben.next("error")).toEqual(["forbidden"]);
      expect(arrived.map(({ headers }) => headers["x-auth-user-id"])).toEqual(["ben"]);
      expect(JSON.stringify(arrived)).not.toContain("anna");
    },
  );

  test.each([
    ["as they were", {}],
    ["as text, where the client says so", { forceBase64: true }],
  ])("200 kB go up and come back %s, with an acknowledgement", async (_how, options) => {
    const anna = await enter({ ...RUN, ...options, auth: { token } });
    const bytes = randomBytes(200_000);
    const told = anna.next("run-event");
    expect(await anna.socket.emitWithAck("artifact", { name: "log", bytes })).toEqual({ stored: true, size: 200_000 });
    const [event] = (await told) as [{ readonly bytes: Uint8Array }];
    expect(Buffer.compare(event.bytes, bytes)).toBe(0);
  });

  test("a client can acknowledge what the server asks", async () => {
    const anna = await enter({ ...RUN, auth: { token } });
    anna.socket.on("confirm", (step: unknown, answer: (said: unknown) => void) => answer({ confirmed: step }));
    expect(await server.runs.server.to(`run:${RUN_ID}`).timeout(5000).emitWithAck("confirm", 7)).toEqual([
      { confirmed: 7 },
    ]);
  });

  test("who is disconnected by the server stays away", async () => {
    const anna = await enter({ ...RUN, auth: { token } });
    const gone = anna.next("disconnect");
    server.runs.server.disconnectSockets();
    expect(await gone).toEqual(["io server disconnect", undefined]);
    expect(anna.socket.active).toBe(false);
  });

  describe("further namespaces of one connection", () => {
    /** One connection, as Socket.IO shares it between namespaces. */
    async function connected(): Promise<Manager> {
      const manager = new Manager(gate.url.origin, { path: "/runs", transports: ["websocket"], ...RUN });
      const client = new RunsClient(manager.socket("/", { auth: { token } }));
      clients.push(client);
      await client.next("connect");
      return manager;
    }
    const join = (manager: Manager, name: string, auth: Record<string, unknown>): RunsClient => {
      const client = new RunsClient(manager.socket(name, { auth }));
      clients.push(client);
      return client;
    };

    test("one is joined with a token of its own, which the server does not see either", async () => {
      const other = join(await connected(), "/other", { token });
      await other.next("connect");
      expect(arrived).toHaveLength(2);
      expect(JSON.stringify(arrived)).not.toContain(token);
    });

    test("one is not joined without a token, and the server does not hear of it", async () => {
      const other = join(await connected(), "/other", {});
      expect(await other.next("connect_error")).toMatchObject([{ message: "unauthorized" }]);
      expect(arrived).toHaveLength(1);
    });

    test("one is never joined as the user who opened the connection by somebody else", async () => {
      const other = join(await connected(), "/other", { token: await signSession({ userId: "ben" }) });
      await Promise.race([other.next("connect"), other.next("connect_error")]);
      expect(arrived.slice(1).filter(({ headers }) => headers["x-auth-user-id"] !== "ben")).toEqual([]);
    });

    test("one that the server does not have is refused as the server refuses it", async () => {
      const nowhere = join(await connected(), "/nowhere", { token });
      expect(await nowhere.next("connect_error")).toMatchObject([{ message: "Invalid namespace" }]);
    });

    test("the first one may be another than the server's own", async () => {
      const manager = new Manager(gate.url.origin, { path: "/runs", transports: ["websocket"] });
      await join(manager, "/other", { token }).next("connect");
      expect(arrived.map(({ headers }) => headers["x-auth-user-id"])).toEqual(["anna"]);
    });
  });

  test("while the server is down a client comes back again and again, and is let in once it is up", async () => {
    const anna = await enter({ ...RUN, auth: { token } });
    const lost = anna.next("disconnect");
    await server.stop();
    expect((await lost)[0]).toBe("transport close");
    // Neither a refusal, which would be for good, nor one attempt and no more.
    for (let attempt = 1; attempt <= 2; attempt += 1) {
      await new Promise((resolve) => anna.socket.io.once("reconnect_attempt", resolve));
    }
    expect(anna.socket.active).toBe(true);
    const again = anna.next("connect");
    await startServer();
    await again;
    expect(arrived.map(({ headers }) => headers["x-auth-user-id"])).toEqual(["anna", "anna"]);
  });
});
