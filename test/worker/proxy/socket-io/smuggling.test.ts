// Whatever the official Socket.IO server would read as a way in, said to the gate in front of it: nobody unknown gets through.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { GatewayOnDisk, type RunningGateway } from "../../../support/gateway-on-disk.ts";
import { OpenSocketIoServer } from "../../../support/open-socket-io-server.ts";
import { PlainClient } from "../../../support/plain-client.ts";
import { SESSION_TOKEN, signSession } from "../../../support/session-token.ts";

const DOOR = "/runs/?EIO=4&transport=websocket";

// The harness of the other tests cannot open a WebSocket to a URL.
const disk = new GatewayOnDisk();
let server: OpenSocketIoServer;
let gate: RunningGateway;
let token: string;
beforeAll(async () => {
  server = await OpenSocketIoServer.start("/runs");
  const { origin } = server;
  gate = await disk.start({
    vars: { ROUTES: JSON.stringify([{ path: "/runs", upstream: origin, socketIo: true }]), QUERY_CREDENTIALS: "all" },
  });
  token = await signSession({ userId: "anna" });
});
afterAll(async () => {
  await gate.stop();
  await server.stop();
  disk.remove();
});
beforeEach(() => server.forget());

const at = (address: string, origin = gate.url.origin): URL => new URL(`${origin}${address}`);

/** What the server must never know: the whole, or the part that proves it. */
const secrets = (): readonly string[] => [token, token.split(".")[2] ?? "", SESSION_TOKEN];

function expectNoSecrets(): void {
  for (const secret of secrets()) expect(server.known).not.toContain(secret);
}

/** One that was greeted. */
async function greeted(options = {}, address = DOOR, protocols: string[] = []): Promise<PlainClient> {
  const client = await PlainClient.connect(at(address), protocols, options);
  await client.arrived(1);
  return client;
}

/** One that the server let into its main namespace, known by the token in its payload. */
async function joined(): Promise<PlainClient> {
  const client = await greeted();
  client.send(`40${JSON.stringify({ token })}`);
  expect((await client.arrived(2))[1]).toMatch(/^40\{"sid"/);
  return client;
}

/** Blanks of all kinds that `Number` reads as 0, which is the type of a CONNECT. */
const BLANKS = [" ", "\t", "\n", "\v", "\f", "\r", "\u00a0", "\u1680", "\u2003", "\u2028", "\u3000", "\ufeff"];

describe("what the official server reads as CONNECT without the digit", () => {
  test.each(BLANKS)("%j in its place: it does, so this is worth trying", async (blank) => {
    const direct = await PlainClient.connect(at(DOOR, server.origin));
    await direct.arrived(1);
    direct.send(`4${blank}{"token":"t"}`);
    expect((await direct.arrived(2))[1]).toMatch(/^40\{"sid"/);
    expect(server.namespaces).toEqual(["/"]);
    direct.socket.terminate();
  });

  test.each(BLANKS)("%j in its place does not pass the gate, before or after a CONNECT", async (blank) => {
    for (const client of [await greeted(), await joined()]) {
      client.send(`4${blank}/secret,{"token":"${token}"}`);
      expect(await client.closed()).toEqual({ code: 1008, reason: "BAD_MESSAGE" });
    }
    expect(server.namespaces).toEqual(["/"]);
    expectNoSecrets();
  });
});

describe("nobody without a token gets to the server", () => {
  test.each<[string, (string | Buffer)[]]>([
    ["an event", ['42["a"]']],
    ["an event with an attachment, and one", ['451-["a",{"_placeholder":true,"num":0}]', Buffer.from("x")]],
    ["bytes that read as CONNECT", [Buffer.from("40")]],
    ["base64 that reads as CONNECT", [`b${Buffer.from("40").toString("base64")}`]],
    ["two packets in one", ["40\u001e40"]],
    ["an opening, as if it were the server", ['0{"sid":"x"}']],
    ["a probe and an upgrade", ["2probe", "5"]],
    ["an upgrade", ["5"]],
    ["pongs without end, and a message", [...Array.from({ length: 500 }, () => "3"), "42[]"]],
    ["nothings without end, and a message", [...Array.from({ length: 500 }, () => "6"), "42[]"]],
    ["no packet", [""]],
    ["CONNECT with a blank before its payload", ["40 {}"]],
    ["CONNECT with a list", ['40["token"]']],
    ["CONNECTs until it is enough", Array.from({ length: 6 }, () => "40{}")],
    ["CONNECTs to many namespaces", Array.from({ length: 6 }, (_, index) => `40/${index},{}`)],
    ["CONNECT, and behind it what it would be allowed to say", ["40", '42["a"]', "40/secret", "41"]],
    ["CONNECT with a token that nobody signed", ['40{"token":"a.b.c"}', "42[]"]],
    ["CONNECT with the token of a prototype", ['40{"__proto__":{"token":"t"},"constructor":{}}', "42[]"]],
  ])("with %s", async (_what, messages) => {
    const client = await greeted();
    for (const message of messages) client.send(message);
    expect((await client.closed()).code).toBe(1008);
    expect([server.asked, server.packets]).toEqual([[], []]);
  });
});

describe("who was let in with a payload gets into no other namespace without one", () => {
  test.each<[string, (string | Buffer)[]]>([
    ["two packets in one, which the server does not split", ['42["a"]\u001e40/secret,{}']],
    ["a packet behind a line's end", ['42["a"]\n40/secret,{}']],
    [
      "a CONNECT while an attachment is awaited",
      ['451-["a",{"_placeholder":true,"num":0}]', "40/secret,{}", "42[]", "4x"],
    ],
    [
      "an attachment that reads as CONNECT",
      ['451-["a",{"_placeholder":true,"num":0}]', Buffer.from("40/secret,{}"), "4x"],
    ],
    ["bytes that nobody awaits", [Buffer.from("40/secret,{}")]],
    ["base64 that reads as CONNECT", [`b${Buffer.from("0/secret,{}").toString("base64")}`]],
    ["a CONNECT with attachments", ["401-/secret,{}"]],
    ["an id before the namespace", ["4012/secret,{}"]],
    ["a type in another script", ["4\uff10/secret,{}"]],
    ["a packet that names it without a CONNECT", ['42/secret,["a"]']],
    ["a CONNECT_ERROR", ['44/secret,{"message":"x"}']],
    ["an acknowledgement of nothing", ["43/secret,1[]"]],
    ["an unknown type", ["49/secret,{}"]],
    ["no token at all, again and again", Array.from({ length: 5 }, () => "40/secret,{}")],
  ])("%s", async (_what, messages) => {
    const client = await joined();
    for (const message of messages) client.send(message);
    await client.closed();
    expect(server.namespaces).toEqual(["/"]);
    expectNoSecrets();
  });

  test("with the token of somebody else", async () => {
    const client = await joined();
    client.send(`40/secret,${JSON.stringify({ token: await signSession({ userId: "ben" }) })}`);
    const heard = await client.arrived(3);
    expect(heard.find((text) => String(text).startsWith("44"))).toContain('"AUTH_FAILED"');
    client.socket.close();
    await client.closed();
    expect(server.namespaces).toEqual(["/"]);
  });

  test("with a token in the namespace's own name, which the server would read", async () => {
    const client = await joined();
    client.send(`40/secret?token=${token},{}`);
    client.send(`40/secret?page=2,${JSON.stringify({ token })}`);
    await expect.poll(() => server.namespaces).toEqual(["/", "/secret?page=2"]);
    expect(client.messages.filter((text) => String(text).startsWith("44/secret?token"))).toHaveLength(1);
    expectNoSecrets();
    client.socket.close();
  });
});

describe("no address but the door's own leads to the server", () => {
  const OTHER_SPELLINGS = [
    "/runs/below?EIO=4&transport=websocket",
    "/runs/below/?EIO=4&transport=websocket",
    "/runs/socket.io.js",
    "/runs//?EIO=4&transport=websocket",
    "//runs/?EIO=4&transport=websocket",
    "/RUNS/?EIO=4&transport=websocket",
    "/%72uns/?EIO=4&transport=websocket",
    "/runs%2f?EIO=4&transport=websocket",
    "/runs%5c?EIO=4&transport=websocket",
    "/runs;x=1/?EIO=4&transport=websocket",
    "/runs/;x=1?EIO=4&transport=websocket",
    "/runs%20/?EIO=4&transport=websocket",
    "/runs./?EIO=4&transport=websocket",
    "/runs%00/?EIO=4&transport=websocket",
    "/runs/%2e%2e%2fruns/?EIO=4&transport=websocket",
    "/runs/%3fEIO=4&transport=websocket",
    "/runs/%23?EIO=4&transport=websocket",
    "/runs?EIO=3&transport=websocket",
    "/runs?EIO=4",
    "/runs?transport=websocket",
    "/runs?EIO=4&transport=polling",
    "/runs?EIO=4&EIO=3&transport=websocket",
    "/runs?EIO=4&%45IO=3&transport=websocket",
    "/runs?EIO=4&transport=websocket&transport=polling",
    "/runs?EIO=4&transport=websocket&t%72ansport=polling",
    "/runs?EIO=4&transport=websocket&sid=",
    "/runs?EIO=4&transport=websocket&s%69d=x",
    "/runs?EIO=4&transport=webtransport",
    "/runs?EIO=4%00&transport=websocket",
    "/runs?eio=4&transport=websocket",
    "/runs?EIO=4;EIO=3&transport=websocket",
  ];

  test.each(OTHER_SPELLINGS)("for an upgrade: %s, whoever asks", async (address) => {
    for (const headers of [{}, { Authorization: `Bearer ${token}` }]) {
      const answer = await PlainClient.knock(at(address), [], { headers });
      expect(answer instanceof PlainClient ? "let in" : answer.status >= 400 && answer.status < 500).toBe(true);
    }
    expect([server.asked, server.handshakes]).toEqual([[], []]);
  });

  test.each([...OTHER_SPELLINGS, DOOR, "/runs", "/runs/", "/runs/?EIO=4&transport=polling&sid=x"])(
    "for a request of any method: %s, whoever asks",
    async (address) => {
      const statuses: number[] = [];
      for (const method of ["GET", "POST", "PUT", "DELETE", "OPTIONS"]) {
        const body = method === "POST" || method === "PUT" ? "40" : null;
        const { status } = await fetch(at(address), { method, body, headers: { Authorization: `Bearer ${token}` } });
        statuses.push(status);
      }
      expect([server.asked, server.handshakes]).toEqual([[], []]);
      expect(statuses.every((status) => status >= 200 && status < 500)).toBe(true);
    },
  );
});

describe("who the server takes a client for", () => {
  const SPELLINGS = ["X-Auth-User-Id", "x_auth_user_id", "X-AUTH_USER-ID", "X-Auth.User.Id", "X-Authenticated-User"];

  test.each([...SPELLINGS, "X-Auth-Assertion", "X-Auth-Kind", "X-Auth-Session-Id", "X-Forwarded-User"])(
    "is the gate's word, whatever the client writes into %s, and however it has it taken away",
    async (name) => {
      for (const headers of [
        { [name]: "mallory" },
        { Connection: `Upgrade, X-Auth-Assertion, X-Auth-User-Id, ${name}`, [name]: "mallory" },
      ]) {
        server.forget();
        const client = await greeted({ headers });
        client.send(`40${JSON.stringify({ token })}`);
        await client.arrived(2);
        expect(server.handshakes).toMatchObject([
          { headers: { "x-auth-user-id": "anna", "x-auth-kind": "user", "x-auth-assertion": expect.any(String) } },
        ]);
        expect(server.known).not.toContain("mallory");
        client.socket.close();
      }
    },
  );

  test("does not hang on where the token stood: it never sees one, be it shown in all places at once", async () => {
    const Cookie = `a=1; better-auth.session_data=${token}; __Secure-better-auth.session_token=${SESSION_TOKEN}.sig; b=2`;
    const Referer = `https://app.example/?token=${token}&page=2`;
    const headers = { Authorization: `Bearer ${token}`, "x-api-key": token, Cookie, Referer };
    const query = `&token=${token}&%74oken=${token}&auth_id=${token}&page=2`;
    const client = await greeted({ headers }, `${DOOR}${query}`, ["chat.v1", "sluice.v1", `bearer.${token}`]);
    expect(client.socket.protocol).toBe("sluice.v1");
    client.send(`40${JSON.stringify({ token, theme: "dark" })}`);
    client.send(`40/other,${JSON.stringify({ token })}`);
    await expect.poll(() => server.namespaces).toEqual(["/", "/other"]);
    expect(server.handshakes[0]).toMatchObject({
      auth: { theme: "dark" },
      query: { page: "2" },
      headers: { cookie: "a=1; b=2" },
    });
    expect(server.handshakes[1]?.auth).toEqual({});
    expect(server.asked[0]?.headers).toContain("chat.v1");
    expectNoSecrets();
    client.socket.close();
  });

  test("is nobody but who was let in, on each connection of its own", async () => {
    const names = ["anna", "ben", "cleo"];
    const clients = await Promise.all(
      names.map(async (userId) => {
        const client = await greeted();
        client.send(`40${JSON.stringify({ token: await signSession({ userId }), userId })}`);
        await client.arrived(2);
        return client;
      }),
    );
    const taken = server.handshakes.map(
      ({ headers, auth }) => `${String(headers["x-auth-user-id"])} as ${String(auth["userId"])}`,
    );
    expect(new Set(taken)).toEqual(new Set(names.map((name) => `${name} as ${name}`)));
    expect(taken).toHaveLength(names.length);
    for (const client of clients) client.socket.close();
  });
});

describe("a subprotocol that the client's own server would choose", () => {
  test("is chosen by the gate as well, or the client would hang up", async () => {
    const client = await greeted({}, DOOR, ["chat.v1", "chat.v2"]);
    expect(client.socket.protocol).toBe("chat.v1");
    client.socket.close();
  });
});

describe("the heartbeats of both legs", () => {
  test("are the gate's own: the server's is answered, and the client hears none of it", async () => {
    const client = await joined();
    const pings = (): number => server.packets.filter((packet) => (packet as { type: string }).type === "pong").length;
    await expect.poll(pings, { timeout: 5000 }).toBeGreaterThan(4);
    client.send("3");
    client.send('42["still here"]');
    expect((await client.arrived(3)).slice(2)).toEqual(['42["still here"]']);
    client.socket.close();
  });
});
