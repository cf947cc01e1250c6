// The contract of the doors for Socket.IO: who gets in, by which place, and what the others are told.
import { createHash, randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import { openEngine } from "../../support/engine-client.ts";
import { openSocketIo, type SocketIoClient, type SocketIoOptions } from "../../support/socket-io-client.ts";
import { type Contract, newStream, newUser } from "./contract.ts";

export function socketIo(contract: Contract): void {
  const open = (options?: SocketIoOptions): SocketIoClient => openSocketIo(contract.url(), options);
  const tokenOf = (userId: string): Promise<string> => contract.signSession({ userId });
  const runId = (): { readonly runId: string } => ({ runId: newStream() });

  /** Each place where a token may stand, the first that decides first. */
  const PLACES: readonly (readonly [string, (token: string) => SocketIoOptions])[] = [
    ["the header Authorization", (token) => ({ headers: { Authorization: `Bearer ${token}` } })],
    ["the query", (token) => ({ query: { token } })],
    ["the cookie", (token) => ({ headers: { Cookie: `better-auth.session_data=${token}` } })],
    ["the payload", (token) => ({ auth: { token } })],
  ];

  describe.concurrent("a client of Socket.IO that has a token", () => {
    test.each([
      ...PLACES,
      ["what its `auth` function says", (token: string) => ({ auth: (say: (it: object) => void) => say({ token }) })],
    ] as const)("in %s gets in", async (_place, put) => {
      const userId = newUser();
      const client = await open(both(put(await tokenOf(userId)), { query: runId() })).connected();
      expect(await client.next("success")).toMatchObject({ userId });
    });

    const PAIRS = PLACES.flatMap(([one, put], index) =>
      PLACES.slice(index + 1).map(([other, putOther]) => ({ one, other, put, putOther })),
    );

    test.each(PAIRS)("in $one is nobody else, whatever is in $other", async ({ put, putOther }) => {
      const userId = newUser();
      const options = both(put(await tokenOf(userId)), putOther(await tokenOf(newUser())));
      const client = await open(both(options, { query: runId() })).connected();
      expect(await client.next("success")).toMatchObject({ userId });
    });

    test.each(PAIRS.filter(({ one }) => one !== "the cookie"))(
      "in $other does not get in where the one in $one is bad",
      async ({ put, putOther }) => {
        const client = open(both(put("bad"), putOther(await tokenOf(newUser()))));
        expect(await client.refused()).toMatchObject({ message: "unauthorized", data: { code: "AUTH_FAILED" } });
      },
    );

    test("in its payload gets in beside a cookie that is no good any more", async () => {
      const userId = newUser();
      const headers = { Cookie: "better-auth.session_data=bad" };
      const client = await open({ query: runId(), headers, token: await tokenOf(userId) }).connected();
      expect(await client.next("success")).toMatchObject({ userId });
    });

    test("in the cookie of a page of another site has none", async () => {
      const userId = newUser();
      const Cookie = `better-auth.session_data=${await tokenOf(newUser())}`;
      const headers = { Cookie, Origin: "https://elsewhere.example" };
      expect(await open({ headers }).refused()).toMatchObject({ data: { code: "AUTH_REQUIRED" } });
      const client = await open({ query: runId(), headers, token: await tokenOf(userId) }).connected();
      expect(await client.next("success")).toMatchObject({ userId });
    });

    test("twice in the query, and different, is told what is wrong", async () => {
      const [one, other] = [await tokenOf(newUser()), await tokenOf(newUser())];
      const client = await openEngine(contract.url(), `&token=${one}&token=${other}`);
      client.send("40");
      expect(await client.next("44")).toContain('"code":"BAD_REQUEST"');
    });
  });

  describe.concurrent("a client of Socket.IO that is not let in", () => {
    test.each([
      ["without a token", {}, { code: "AUTH_REQUIRED" }],
      ["with an empty one", { token: "" }, { code: "AUTH_REQUIRED" }],
      ["with one that is no token", { token: "devtoken" }, { code: "AUTH_FAILED" }],
      ["with one that is no text", { auth: { token: 5 } }, { code: "AUTH_FAILED" }],
      ["with one that is far too long", { token: "x".repeat(9000) }, { code: "AUTH_FAILED" }],
    ])("%s is told so, and does not come back by itself", async (_what, options, data) => {
      const client = open({ query: runId(), ...options });
      expect(await client.refused()).toMatchObject({
        message: "unauthorized",
        data: { temporary: false, reauth: true, ...data },
        active: false,
      });
    });

    test("since its session is over is told that, and gets in with a fresh token over a second transport", async () => {
      const userId = newUser();
      const token = await contract.signSession({ userId, sessionEndsInMs: -1000 });
      const client = open({ query: runId(), token });
      expect(await client.refused()).toMatchObject({
        message: "unauthorized",
        data: { code: "AUTH_FAILED", reason: "expired", reauth: true },
        active: false,
      });
      client.socket.auth = { token: await tokenOf(userId) };
      client.socket.connect();
      await client.connected();
      expect(await client.next("success")).toMatchObject({ userId });
      expect(client.opened).toBe(2);
    });

    test("is told nothing of its token but that it is none", async () => {
      const secret = createHash("sha256").update(randomUUID()).digest("hex");
      const { data, message } = await open({ query: runId(), token: secret }).refused();
      expect(JSON.stringify([message, data])).not.toContain(secret.slice(0, 8));
    });

    test("to a namespace that there is none of is told so", async () => {
      const client = open({ query: runId(), token: await tokenOf(newUser()) });
      await client.connected();
      const { promise, resolve } = Promise.withResolvers<string>();
      const elsewhere = client.socket.io.socket("/admin", { auth: { token: "any" } });
      elsewhere.on("connect_error", ({ message }) => resolve(message));
      elsewhere.connect();
      expect(await promise).toBe("Invalid namespace");
      await client.caughtUp();
    });
  });
}

function both(one: SocketIoOptions, other: SocketIoOptions): SocketIoOptions {
  const [query, headers] = [
    { ...other.query, ...one.query },
    { ...other.headers, ...one.headers },
  ];
  return { ...other, ...one, query, headers };
}
