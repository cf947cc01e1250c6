// Opaque session tokens, looked up at the auth server: a real Better Auth for what it says, a broken one for its troubles.
import { createHmac, randomBytes } from "node:crypto";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { Client, Refused } from "../support/client.ts";
import { type FullGateway, startFullGateway } from "../support/full-gateway.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { TEST_SECRET } from "../support/session-token.ts";

describe("with a real Better Auth", () => {
  let gateway: FullGateway;
  beforeAll(async () => {
    gateway = await startFullGateway();
  });
  afterAll(() => gateway.stop());

  const connect = (token: string): Promise<Client> =>
    Client.connect(new URL("/ws", gateway.url), [], { headers: { Authorization: `Bearer ${token}` } });

  test("a raw token, a signed one and its cookie are the same user", async () => {
    const { userId, sessionToken, signedToken } = await gateway.signUp("kinds@example.test");
    for (const token of [sessionToken, signedToken, decodeURIComponent(signedToken)]) {
      const client = await connect(token);
      expect(await client.register({ streamId: "kinds" })).toMatchObject({ userId });
    }
    const headers = { Cookie: `better-auth.session_token=${signedToken}` };
    const browser = await Client.connect(new URL("/ws", gateway.url), [], { headers });
    expect(await browser.register({ streamId: "kinds" })).toMatchObject({ userId });
  });

  test("a signed token in a query is itself, percent-encoded or not", async () => {
    // Signatures that hold a `+` are what an unencoded query garbles; one in two does.
    let signed: string;
    do
      signed = decodeURIComponent(
        (await gateway.signUp(`plus-${randomBytes(4).toString("hex")}@example.test`)).signedToken,
      );
    while (!signed.includes("+"));
    for (const token of [signed, encodeURIComponent(signed)]) {
      const client = await Client.connect(new URL(`${gateway.url.href}ws?token=${token}`));
      expect(await client.register({ streamId: "plus" })).toMatchObject({ type: "success" });
    }
  });

  test("the socket lives to the session's own end", async () => {
    const { sessionToken } = await gateway.signUp("life@example.test");
    const client = await connect(sessionToken);
    const { expiresAt } = await client.register({ streamId: "life" });
    const sixDays = 6 * 24 * 3600 * 1000;
    expect(Number(expiresAt)).toBeGreaterThan(Date.now() + sixDays);
  });

  test("a token that Better Auth never gave out is refused", async () => {
    await expect(connect("FcY3ES1k3AIOl0VG1aWpUEpnU8VuT0m0")).rejects.toEqual(new Refused(401));
  });

  test("a token of another instance with the same secret has a good signature and no session", async () => {
    const token = "uCDp1qsRThZSozgD5QydWPHzahZqoWpc";
    const signature = createHmac("sha256", TEST_SECRET).update(token).digest("base64");
    await expect(connect(`${token}.${signature}`)).rejects.toEqual(new Refused(401));
  });

  test("after a sign-out the token opens nothing any more", async () => {
    const { cookie, sessionToken } = await gateway.signUp("out@example.test");
    await connect(sessionToken);
    const headers = { Cookie: cookie, Origin: gateway.url.origin, "Content-Type": "application/json" };
    const signOut = await fetch(new URL("/api/auth/sign-out", gateway.url), { method: "POST", headers, body: "{}" });
    expect(signOut.status).toBe(200);
    // The answer of the first look-up is taken for true for five seconds.
    await expect
      .poll(() => connect(sessionToken).catch((error: unknown) => error), { timeout: 10_000, interval: 200 })
      .toEqual(new Refused(401));
  });
});

describe("with an auth server in trouble", () => {
  /** With little room for what waits, which only the test of that room fills. */
  let gateway: Gateway;
  let url: URL;
  let requests: string[] = [];
  const held: ServerResponse[] = [];
  let answer: (response: ServerResponse) => void = () => {};
  const server = createServer((request, response) => {
    requests.push(`${request.url ?? ""} ${request.headers.authorization ?? ""} ${request.headers.cookie ?? ""}`);
    answer(response);
  });

  beforeAll(async () => {
    await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    gateway = await startGateway({ BETTER_AUTH_URL: `http://127.0.0.1:${port}`, EDGE_BUFFER_BYTES: "1048576" });
    ({ url } = gateway);
  });
  afterAll(async () => {
    server.close();
    await gateway.stop();
  });
  afterEach(() => {
    for (const response of held.splice(0)) response.destroy();
  });

  /** From now on the auth server answers so; returns a token that nobody has asked about. */
  function answering(respond: (response: ServerResponse) => void): string {
    requests = [];
    answer = respond;
    return randomBytes(16).toString("hex");
  }

  const connect = (token: string): Promise<Client> => Client.connect(new URL(`/ws?token=${token}`, url));
  const session = (expiresInMs = 60_000): string =>
    JSON.stringify({
      session: { id: "s-1", userId: "u-1", expiresAt: new Date(Date.now() + expiresInMs).toISOString() },
      user: { id: "u-1" },
    });

  test.each([
    ["says 429", (response: ServerResponse) => response.writeHead(429).end("null")],
    ["says 500", (response: ServerResponse) => response.writeHead(500).end("null")],
    ["says 404", (response: ServerResponse) => response.writeHead(404).end("{}")],
    ["redirects", (response: ServerResponse) => response.writeHead(302, { Location: "http://127.0.0.1:9/" }).end()],
    ["says what is not JSON", (response: ServerResponse) => response.writeHead(200).end("<html>")],
    ["hangs up", (response: ServerResponse) => response.destroy()],
  ])("that %s nobody gets in, and the client is told to come back", async (_name, respond) => {
    const token = answering(respond);
    await expect(connect(token)).rejects.toEqual(new Refused(503));
    const phone = await Client.connect(new URL("/streams/register", url));
    phone.send({ type: "auth", token });
    expect(await phone.nextError("AUTH_UNAVAILABLE")).toMatchObject({ temporary: true, reauth: false });
    expect(await phone.closed()).toMatchObject({ code: 1013 });
  });

  test("trouble is not remembered: the next client gets in when it has passed", async () => {
    const token = answering((response) => response.writeHead(503).end());
    await expect(connect(token)).rejects.toEqual(new Refused(503));
    answer = (response) => response.end(session());
    const client = await connect(token);
    expect(await client.register({ streamId: "cam" })).toMatchObject({ userId: "u-1" });
  });

  test("clients who come at once with one token share one question, and those of the next seconds its answer", async () => {
    const token = answering((response) => void held.push(response));
    const clients = [connect(token), connect(token), connect(token)];
    await expect.poll(() => held.length).toBe(1);
    held[0]?.end(session());
    await Promise.all(clients);
    await connect(token);
    expect(requests).toHaveLength(1);
    expect(requests[0]).toContain("/api/auth/get-session?disableCookieCache=true&disableRefresh=true");
    expect(requests[0]).toContain(`Bearer ${token}`);
  });

  test("who shares a question gets its answer though the one who asked is gone", async () => {
    const token = answering((response) => void held.push(response));
    const first = await Client.connect(new URL("/streams/register", url));
    first.send({ type: "auth", token });
    await expect.poll(() => held.length).toBe(1);
    const second = connect(token);
    first.cut();
    held[0]?.end(session());
    const client = await second;
    expect(await client.register({ streamId: "cam" })).toMatchObject({ userId: "u-1" });
  });

  test("what waits for it is bounded: a socket too many is told to come back, and the others still get in", async () => {
    const token = answering((response) => void held.push(response));
    const phones = await Promise.all(
      Array.from({ length: 20 }, () => Client.connect(new URL("/streams/register", url))),
    );
    for (const phone of phones) {
      phone.send({ type: "auth", token });
      phone.send({ type: "chat", text: "x".repeat(60_000) });
      await phone.sent();
    }
    const tooMany = await Promise.any(phones.map(async (phone) => (await phone.nextError("OVERLOADED"), phone)));
    expect(await tooMany.closed()).toMatchObject({ code: 1013 });
    held[0]?.end(session());
    const greeting = await Promise.any(
      phones.filter((phone) => phone !== tooMany).map((phone) => phone.next("success")),
    );
    expect(greeting).toMatchObject({ userId: "u-1" });
  });

  test("a token with a bad signature is refused without a question", async () => {
    const token = answering((response) => response.end(session()));
    const signature = createHmac("sha256", "another secret of thirty-two characters").update(token).digest("base64");
    await expect(connect(encodeURIComponent(`${token}.${signature}`))).rejects.toEqual(new Refused(401));
    expect(requests).toEqual([]);
  });

  test("null is a refusal, and so is a session that is over or of a user who is banned", async () => {
    const token = answering((response) => response.end("null"));
    await expect(connect(token)).rejects.toEqual(new Refused(401));
    answer = (response) => response.end(session(-1000));
    await expect(connect("A".repeat(32))).rejects.toEqual(new Refused(401));
    answer = (response) => response.end(session().replace('"user":{', '"user":{"banned":true,'));
    await expect(connect("B".repeat(32))).rejects.toEqual(new Refused(401));
  });
});
