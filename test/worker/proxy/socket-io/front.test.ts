// The machine in front of a Socket.IO server, each state and each packet: what reaches the server, in which order, and how it ends.
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { Code } from "../../../../protocol/codes.ts";
import { installFromBase64 } from "../../../support/from-base64.ts";
import { FrontedServer } from "../../../support/fronted-server.ts";

const AUTH_TIMEOUT_MS = 10_000;
const REFUSED = { code: "AUTH_FAILED" } as const;
const BAD_MESSAGE = { code: 1008, reason: "BAD_MESSAGE" };
const BYTES = new Uint8Array([1, 2, 3]).buffer;

// Node 24 cannot decode base64 with `Uint8Array.fromBase64`, which the runtime of the gateway has.
beforeAll(installFromBase64);
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const error = (namespace: string, code: Code): string =>
  expect.stringMatching(new RegExp(`^44${namespace}\\{"message":"unauthorized","data":\\{"code":"${code}"`)) as string;

/** Nothing is left of a connection that is over: no timer, nothing that counts. */
function expectNothingLeft(fronted: FrontedServer): void {
  const { memory } = fronted;
  fronted.answerCloses();
  expect([vi.getTimerCount(), memory.bytes]).toEqual([0, 0]);
}

describe("before a first CONNECT was let in", () => {
  test("a client hears the gate's own heartbeat and nothing else", () => {
    const { client } = new FrontedServer({ vars: { AUTH_TIMEOUT_S: "300" } });
    vi.advanceTimersByTime(24_999);
    expect(client.sent).toEqual([]);
    vi.advanceTimersByTime(1);
    expect([client.sent, client.closedWith]).toEqual([["2"], undefined]);
  });

  test.each<[string, string | ArrayBuffer]>([
    ["an event", '42["a"]'],
    ["an event of another namespace", '42/other,["a"]'],
    ["a DISCONNECT", "41"],
    ["an acknowledgement", "431[]"],
    ["a CONNECT_ERROR", '44{"message":"x"}'],
    ["an event with an attachment", '451-["a",{"_placeholder":true,"num":0}]'],
    ["bytes", BYTES],
    ["bytes that read as a CONNECT", new TextEncoder().encode("40").buffer],
    ["no packet", "4"],
    ["a blank, which the official parser reads as CONNECT", '4 {"token":"123456"}'],
    ["a tab, which it does too", '4\t{"token":"123456"}'],
    ["a line's end, which it does too", "4\n{}"],
    ["a space without a break, which it does too", "4\u00a0{}"],
    ["a mark of byte order, which it does too", "4\ufeff{}"],
    ["an unknown type", "47"],
    ["a CONNECT with a list", "40[]"],
    ["a CONNECT with a text", '40"token"'],
    ["a CONNECT with broken JSON", '40{"token":'],
    ["a CONNECT with a blank before its JSON", "40 {}"],
    ["two packets in one", "40{}\u001e42[]"],
    ["a CONNECT that is too large", `40{"token":"${"x".repeat(16_384)}"}`],
    ["a ping of its own", "2"],
    ["a probe", "2probe"],
    ["an upgrade", "5"],
    ["an opening", "0{}"],
    ["bytes as text that read as CONNECT", "bNDA="],
    ["bytes as text that is none", "b!"],
    ["nothing", ""],
  ])("%s ends it, and nobody is asked", (_what, message) => {
    const fronted = new FrontedServer();
    fronted.client.says(message);
    expect(fronted.client.closedWith).toEqual(BAD_MESSAGE);
    expect([fronted.opens, fronted.server.sent]).toEqual([[], []]);
    fronted.client.closes(1008);
    expectNothingLeft(fronted);
  });

  test.each(["3", "6", "3probe"])("%j is no message of it", (text) => {
    const { client, opens } = new FrontedServer();
    for (let count = 0; count < 1000; count += 1) client.says(text);
    expect([opens, client.sent, client.closedWith]).toEqual([[], [], undefined]);
  });

  test.each(["closes", "says that it closes", "is lost"])("a client that %s is gone, and nothing is left", (how) => {
    const fronted = new FrontedServer();
    const { client } = fronted;
    if (how === "closes") client.closes(1000);
    else if (how === "is lost") client.isLost();
    else client.says("1");
    client.says("40");
    expect([fronted.opens, client.closedWith?.code]).toEqual([[], 1000]);
    expectNothingLeft(fronted);
  });

  test("a client that never says CONNECT is closed in the time for it, so that it comes back", () => {
    const fronted = new FrontedServer();
    vi.advanceTimersByTime(AUTH_TIMEOUT_MS - 1);
    expect(fronted.client.closedWith).toBeUndefined();
    vi.advanceTimersByTime(1);
    expect(fronted.client.closedWith).toEqual({ code: 4408, reason: "AUTH_TIMEOUT" });
    expectNothingLeft(fronted);
  });

  test("a client that answers no ping is closed, so that it comes back", () => {
    const fronted = new FrontedServer({ vars: { AUTH_TIMEOUT_S: "300" } });
    vi.advanceTimersByTime(45_000);
    expect(fronted.client.closedWith).toEqual({ code: 4408, reason: "IDLE" });
    expectNothingLeft(fronted);
  });
});

describe("a CONNECT that is let in", () => {
  test.each([
    ["40", "40"],
    ["40{}", "40{}"],
    ['40{"token":"t"}', "40{}"],
    ['40{"token":"t","theme":"dark"}', '40{"theme":"dark"}'],
    ['40{"token":"s","theme":"dark","token":"t"}', '40{"theme":"dark"}'],
    ['40{"\\u0074oken":"t"}', "40{}"],
    ['40{"token":{"token":"t"}}', "40{}"],
    ['40{"pid":"p","offset":"o","token":"t"}', '40{"pid":"p","offset":"o"}'],
    ["40/", "40"],
    ["40/,{}", "40{}"],
    ["40/other", "40/other,"],
    ['40/other,{"token":"t"}', "40/other,{}"],
    ["40/other?page=2,{}", "40/other?page=2,{}"],
    ["40/{}", "40/{},"],
    // An id means nothing in a CONNECT.
    ["4012{}", "40{}"],
    ["40/other,12", "40/other,"],
  ])("as %j reaches the server as %j", async (said, heard) => {
    const fronted = new FrontedServer();
    await fronted.letIn(said);
    expect(fronted.server.sent).toEqual([heard]);
    expect(fronted.client.closedWith).toBeUndefined();
  });

  test("is judged by its payload", () => {
    const { client, opens } = new FrontedServer();
    client.says('40/other,{"token":"t","theme":"dark"}');
    expect(opens.map(({ auth }) => auth)).toEqual([{ token: "t", theme: "dark" }]);
  });

  test("is answered by the server, and from then on all passes as it is, in both directions", async () => {
    const fronted = new FrontedServer();
    await fronted.letIn();
    const { client, server } = fronted;
    server.forgetSent();
    const said = [
      '42["a"]',
      '451-["b",{"_placeholder":true,"num":0}]',
      BYTES,
      "431[]",
      '461-7[{"_placeholder":true,"num":0}]',
      BYTES,
      "41/other,",
      '44{"message":""}',
    ];
    for (const message of said) client.says(message);
    for (const message of ['40{"sid":"s"}', ...said]) server.says(message);
    expect(server.sent).toEqual(said);
    expect(client.sent).toEqual(['40{"sid":"s"}', ...said]);
    expect(server.sent[2]).toBe(BYTES);
  });

  test("has all the time that it needs from then on, as long as both are there", async () => {
    const fronted = new FrontedServer();
    await fronted.letIn();
    for (let minute = 0; minute < 60; minute += 1) {
      vi.advanceTimersByTime(20_000);
      fronted.client.says("3");
      fronted.server.says("2");
    }
    expect(fronted.codes).toEqual([undefined, undefined]);
    // Each heartbeat ends at the gate.
    expect([new Set(fronted.client.sent), new Set(fronted.server.sent)]).toEqual([
      new Set(["2"]),
      new Set(["40", "3"]),
    ]);
  });
});

describe("after it was let in", () => {
  test.each<[string, string]>([
    ["no packet", "4"],
    ["a blank, which the official parser reads as CONNECT", '4 {"token":"123456"}'],
    ["a tab, which it does too", "4\t/123456,"],
    ["a vertical one, which it does too", "4\v{}"],
    ["an unknown type", "47[]"],
    ["a letter", "4x"],
    ["a CONNECT that cannot be read", "40[]"],
    ["a CONNECT that is too large", `40/other,{"token":"${"x".repeat(16_384)}"}`],
    ["a ping of its own", "2"],
    ["bytes as text that is none", "b!"],
    ["an opening", "0"],
  ])("%s ends it, and does not reach the server", async (_what, message) => {
    const fronted = new FrontedServer();
    await fronted.letIn();
    fronted.server.forgetSent();
    fronted.client.says(message);
    expect(fronted.server.sent).toEqual([]);
    expect(fronted.client.sent).toEqual(["41"]);
    expect(fronted.codes).toEqual([1008, 1001]);
    expect(fronted.over).toHaveBeenCalledOnce();
    expectNothingLeft(fronted);
  });

  test("bytes as text reach the server as bytes, though they read as CONNECT", async () => {
    const fronted = new FrontedServer();
    await fronted.letIn();
    fronted.server.forgetSent();
    fronted.client.says("bNDA=");
    expect(fronted.server.sent).toEqual([new Uint8Array([52, 48]).buffer]);
  });
});

describe("behind a CONNECT that is being decided", () => {
  test("all waits, and follows it in its order once it is let in", async () => {
    const { client, server, opens, opened } = new FrontedServer();
    client.says('40{"token":"t"}');
    const said = ['42["a"]', '451-["b",{"_placeholder":true,"num":0}]', BYTES, "431[]"];
    for (const message of said) client.says(message);
    await vi.advanceTimersByTimeAsync(1000);
    expect(server.sent).toEqual([]);
    await opens[0]?.answer(opened);
    expect(server.sent).toEqual(["40{}", ...said]);
  });

  test("CONNECTs wait for one another, and all for each", async () => {
    const fronted = new FrontedServer();
    const { client, server, opens, checks } = fronted;
    for (const message of ["40", '42["a"]', "40/b", '42/b,["b"]', "40/c", '42["c"]']) client.says(message);
    expect([opens.length, checks.length]).toEqual([1, 0]);
    await opens[0]?.answer(fronted.opened);
    expect([server.sent, checks.length]).toEqual([["40", '42["a"]'], 1]);
    client.says('42["d"]');
    await checks[0]?.answer(undefined);
    expect([server.sent.slice(2), checks.length]).toEqual([["40/b,", '42/b,["b"]'], 2]);
    await checks[1]?.answer(undefined);
    expect(server.sent.slice(4)).toEqual(["40/c,", '42["c"]', '42["d"]']);
    expect(fronted.memory.bytes).toBe(0);
  });

  test("a second one takes the place of a first one that was refused", async () => {
    const fronted = new FrontedServer();
    for (const message of ["40/a", "40/b", '42/b,["b"]']) fronted.client.says(message);
    await fronted.opens[0]?.answer(REFUSED);
    expect(fronted.client.sent).toEqual([error("/a,", "AUTH_FAILED")]);
    await fronted.opens[1]?.answer(fronted.opened);
    expect(fronted.server.sent).toEqual(["40/b,", '42/b,["b"]']);
  });

  test("what waited behind one that is refused does not reach the server, and ends it", async () => {
    const fronted = new FrontedServer();
    fronted.client.says("40");
    fronted.client.says('42["a"]');
    await fronted.opens[0]?.answer(REFUSED);
    expect(fronted.client.closedWith).toEqual(BAD_MESSAGE);
    expect(fronted.server.sent).toEqual([]);
    expectNothingLeft(fronted);
  });

  test("no more than 64 messages wait", async () => {
    const fronted = new FrontedServer();
    fronted.client.says("40");
    for (let count = 0; count < 64; count += 1) fronted.client.says("42[]");
    expect(fronted.client.closedWith).toBeUndefined();
    fronted.client.says("42[]");
    expect(fronted.client.closedWith).toEqual({ code: 1009, reason: "TOO_LARGE" });
    await fronted.opens[0]?.answer(fronted.opened);
    expect([fronted.server.sent, fronted.abandoned.mock.calls.length]).toEqual([[], 1]);
    expectNothingLeft(fronted);
  });

  test("no more than 64 KiB wait as long as nobody knows who it is, counted as they are sent", () => {
    const fronted = new FrontedServer();
    fronted.client.says("40");
    fronted.client.says(`4${"ä".repeat(32_000)}`);
    fronted.client.says(new ArrayBuffer(1536));
    expect([fronted.client.closedWith, fronted.memory.bytes]).toEqual([undefined, 65_536]);
    fronted.client.says("42");
    expect(fronted.client.closedWith).toEqual({ code: 1009, reason: "TOO_LARGE" });
    expectNothingLeft(fronted);
  });

  test("no more than PROXY_BUFFER_BYTES wait once it was let in", async () => {
    const fronted = new FrontedServer({ vars: { PROXY_BUFFER_BYTES: "100000" } });
    await fronted.letIn();
    fronted.client.says("40/other");
    fronted.client.says(new ArrayBuffer(100_000));
    expect([fronted.codes, fronted.memory.bytes]).toEqual([[undefined, undefined], 100_000]);
    fronted.client.says("42");
    expect([fronted.client.closedWith, fronted.client.sent]).toEqual([{ code: 1009, reason: "TOO_LARGE" }, ["41"]]);
    expect(fronted.codes).toEqual([1009, 1001]);
    expectNothingLeft(fronted);
  });

  test("nothing waits where all that waits in the isolate is too much", () => {
    const fronted = new FrontedServer();
    const others = {};
    fronted.memory.report(others, 32 * 1_048_576 - 10);
    fronted.client.says("40");
    fronted.client.says(new ArrayBuffer(10));
    expect(fronted.client.closedWith).toBeUndefined();
    fronted.client.says(new ArrayBuffer(1));
    expect(fronted.client.closedWith).toEqual({ code: 1013, reason: "OVERLOADED" });
    fronted.memory.report(others, 0);
    expectNothingLeft(fronted);
  });

  test.each([
    ["closes", 1000],
    ["is lost", 1001],
  ])("a client that %s has the server closed as soon as it is open, once", async (how) => {
    const fronted = new FrontedServer();
    fronted.client.says("40");
    if (how === "closes") fronted.client.closes(1000);
    else fronted.client.isLost();
    await fronted.opens[0]?.answer(fronted.opened);
    expect([fronted.server.sent, fronted.abandoned.mock.calls.length]).toEqual([[], 1]);
    expect([fronted.server.closedWith === undefined, fronted.over.mock.calls.length]).toEqual([false, 0]);
    expectNothingLeft(fronted);
  });

  test("a client that is gone is refused nothing more", async () => {
    const fronted = new FrontedServer();
    fronted.client.says("40");
    fronted.client.isLost();
    await fronted.opens[0]?.answer(REFUSED);
    expect(fronted.client.sent).toEqual([]);
    expectNothingLeft(fronted);
  });

  test("a bug ends it, and says nothing of itself", async () => {
    const log = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const fronted = new FrontedServer();
    fronted.client.says("40");
    await fronted.opens[0]?.fail(new Error("a secret"));
    expect(fronted.client.closedWith).toEqual({ code: 1011, reason: "INTERNAL" });
    expect(log).toHaveBeenCalledOnce();
    log.mockRestore();
    expectNothingLeft(fronted);
  });

  test("the time to say CONNECT does not run, since it is not the client who is slow", async () => {
    const fronted = new FrontedServer();
    fronted.client.says("40");
    await vi.advanceTimersByTimeAsync(AUTH_TIMEOUT_MS + 5000);
    expect(fronted.client.closedWith).toBeUndefined();
    await fronted.opens[0]?.answer(REFUSED);
    expect(fronted.client.sent).toEqual([error("", "AUTH_FAILED")]);
    await vi.advanceTimersByTimeAsync(AUTH_TIMEOUT_MS);
    expect(fronted.client.closedWith).toEqual({ code: 4408, reason: "AUTH_TIMEOUT" });
    expectNothingLeft(fronted);
  });
});

describe("a token in the name of a namespace", () => {
  test.each(['40/other?token=t,{"token":"t"}', "40/other?page=2&auth_id=t,{}", "40/?%74oken=t", "40/other?ToKeN=t"])(
    "as in %j opens nothing and does not reach the server",
    async (said) => {
      const fronted = new FrontedServer();
      const { client, server, opens, checks } = fronted;
      client.says(said);
      expect(client.sent).toEqual([expect.stringMatching(/^44\/.*"The namespace holds a credential".*"BAD_REQUEST"/)]);
      await fronted.letIn();
      client.says(said);
      client.says('42["a"]');
      expect(client.sent).toHaveLength(2);
      expect([server.sent, opens.length, checks.length]).toEqual([["40", '42["a"]'], 1, 0]);
      client.closes(1000);
      expect(vi.getTimerCount()).toBe(1); // until the server answers the close
      server.closes(1000);
      expectNothingLeft(fronted);
    },
  );
});

describe("a CONNECT that is refused", () => {
  test("leaves the client its connection, over which it may try again", async () => {
    const fronted = new FrontedServer();
    fronted.client.says("40");
    await fronted.opens[0]?.answer({ code: "AUTH_REQUIRED" });
    expect([fronted.client.sent, fronted.server.sent]).toEqual([[error("", "AUTH_REQUIRED")], []]);
    await fronted.letIn('40{"token":"fresh"}');
    expect(fronted.server.sent).toEqual(["40{}"]);
  });

  test.each<[string, { refusal?: "nestjs"; texts?: Record<"missing" | "invalid" | "forbidden", string> }, string[]]>([
    [
      "in the words of its entry",
      { texts: { missing: "m", invalid: "go away", forbidden: "f" } },
      ['44{"message":"go away","data":{"code":"AUTH_FAILED","temporary":false,"reauth":true}}'],
    ],
    ["as NestJS does", { refusal: "nestjs" }, ['40{"sid":"an-id"}', '42["error","unauthorized"]', "41"]],
  ])("is told %s", async (_how, path, told) => {
    const fronted = new FrontedServer({ path });
    fronted.client.says("40");
    await fronted.opens[0]?.answer(REFUSED);
    expect(fronted.client.texts.map((text) => text.replace(/"message":"[^"]*","temporary"/, '"temporary"'))).toEqual(
      told,
    );
  });

  test("for the fifth time is the last one", async () => {
    const fronted = new FrontedServer();
    for (let count = 0; count < 5; count += 1) {
      expect(fronted.client.closedWith).toBeUndefined();
      fronted.client.says("40");
      await fronted.opens[count]?.answer(REFUSED);
    }
    expect(fronted.client.sent).toHaveLength(5);
    expect(fronted.client.closedWith).toEqual({ code: 1008, reason: "AUTH_REQUIRED" });
    fronted.client.says("40");
    expect(fronted.opens).toHaveLength(5);
    expectNothingLeft(fronted);
  });

  test.each<[number, number]>([
    [0, 1000],
    [0.5, 3000],
    [0.999_75, 4999],
  ])("for a time is told nothing, and closed after a while of its own (%d)", async (random, afterMs) => {
    const fronted = new FrontedServer({ random });
    fronted.client.says("40");
    await fronted.opens[0]?.answer({ code: "UPSTREAM_UNAVAILABLE" });
    fronted.client.says("42[]");
    await vi.advanceTimersByTimeAsync(afterMs - 1);
    expect([fronted.client.sent, fronted.client.closedWith]).toEqual([[], undefined]);
    await vi.advanceTimersByTimeAsync(1);
    expect(fronted.client.closedWith).toEqual({ code: 1013, reason: "UPSTREAM_UNAVAILABLE" });
    expect([fronted.client.sent, fronted.server.sent, fronted.opens.length]).toEqual([[], [], 1]);
    expectNothingLeft(fronted);
  });

  test("is waited for until a client that does not read has read why it was closed, or for a while", async () => {
    const fronted = new FrontedServer();
    fronted.client.stalled = true;
    for (let count = 0; count < 5; count += 1) {
      fronted.client.says("40");
      await fronted.opens[count]?.answer(REFUSED);
    }
    const unread = fronted.client.bufferedAmount;
    expect([unread > 0, fronted.memory.bytes, fronted.cut.mock.calls.length]).toEqual([true, unread, 0]);
    vi.advanceTimersByTime(30_000);
    expect([fronted.memory.bytes, fronted.cut.mock.calls.length]).toEqual([0, 1]);
  });

  test("is waited for no longer by who closes without having read it", async () => {
    const fronted = new FrontedServer();
    fronted.client.stalled = true;
    fronted.client.says("40");
    await fronted.opens[0]?.answer(REFUSED);
    fronted.client.says("42[]");
    expect(fronted.memory.bytes).toBeGreaterThan(0);
    fronted.client.isLost();
    expect(fronted.cut).not.toHaveBeenCalled();
    expectNothingLeft(fronted);
  });

  test("for a time is waited for by nobody where the client goes before", async () => {
    const fronted = new FrontedServer();
    fronted.client.says("40");
    await fronted.opens[0]?.answer({ code: "AUTH_UNAVAILABLE" });
    fronted.client.closes(1000);
    expect([fronted.client.sent, fronted.server.sent]).toEqual([[], []]);
    expectNothingLeft(fronted);
  });
});

describe("a CONNECT to a further namespace", () => {
  async function joined(options?: ConstructorParameters<typeof FrontedServer>[0]): Promise<FrontedServer> {
    const fronted = new FrontedServer(options);
    await fronted.letIn();
    fronted.server.forgetSent();
    return fronted;
  }

  test("is judged by a payload of its own, which the server sees without its token", async () => {
    const { client, server, checks, opens } = await joined();
    client.says('40/other,{"token":"t","theme":"dark"}');
    expect([checks.map(({ auth }) => auth), server.sent]).toEqual([[{ token: "t", theme: "dark" }], []]);
    await checks[0]?.answer(undefined);
    expect([server.sent, opens.length]).toEqual([['40/other,{"theme":"dark"}'], 1]);
  });

  test("is refused in that namespace alone, and the server does not hear of it", async () => {
    const fronted = await joined();
    const { client, server, checks } = fronted;
    client.says('40/other,{"token":"of somebody else"}');
    client.says('42["a"]');
    await checks[0]?.answer(REFUSED);
    expect(client.sent).toEqual([error("/other,", "AUTH_FAILED")]);
    expect([server.sent, fronted.codes]).toEqual([['42["a"]'], [undefined, undefined]]);
    vi.advanceTimersByTime(AUTH_TIMEOUT_MS);
    expect(fronted.codes).toEqual([undefined, undefined]);
  });

  test("is not answered as if it were the main one where NestJS's words are spoken", async () => {
    const { client, checks } = await joined({ path: { refusal: "nestjs" } });
    client.says("40/other");
    await checks[0]?.answer(REFUSED);
    expect(client.sent).toEqual([error("/other,", "AUTH_FAILED")]);
  });

  test("that is refused for the fifth time is the end of all, for good", async () => {
    const fronted = await joined();
    for (let count = 0; count < 5; count += 1) {
      expect(fronted.client.closedWith).toBeUndefined();
      fronted.client.says("40/other");
      await fronted.checks[count]?.answer(REFUSED);
    }
    expect(fronted.client.sent.at(-1)).toBe("41");
    expect(fronted.codes).toEqual([1008, 1001]);
    expectNothingLeft(fronted);
  });

  test("that nobody can judge now ends the connection after a while, without a DISCONNECT that would end it for good", async () => {
    const fronted = await joined();
    fronted.client.says("40/other");
    await fronted.checks[0]?.answer({ code: "AUTH_UNAVAILABLE" });
    vi.advanceTimersByTime(999);
    expect(fronted.codes).toEqual([undefined, undefined]);
    vi.advanceTimersByTime(1);
    expect([fronted.codes, fronted.client.sent, fronted.server.sent]).toEqual([[1013, 1001], [], []]);
    expectNothingLeft(fronted);
  });

  test("may be said 64 times over one connection, the first one included", async () => {
    const fronted = await joined();
    for (let count = 1; count < 64; count += 1) {
      fronted.client.says(`40/${count}`);
      await fronted.checks.at(-1)?.answer(undefined);
    }
    expect([fronted.server.sent.length, fronted.client.closedWith]).toEqual([63, undefined]);
    fronted.client.says("40/64");
    expect([fronted.server.sent.length, fronted.client.closedWith]).toEqual([63, BAD_MESSAGE]);
  });

  test("that meets a bug ends it on both sides", async () => {
    const log = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const fronted = await joined();
    fronted.client.says("40/other");
    await fronted.checks[0]?.fail(new Error("a secret"));
    expect([fronted.codes, fronted.client.sent]).toEqual([[1011, 1001], []]);
    log.mockRestore();
    expectNothingLeft(fronted);
  });

  test.each<[string, (fronted: FrontedServer) => void, number]>([
    ["the server closes", ({ server }) => server.closes(1001), 1001],
    ["the server is lost", ({ server }) => server.isLost(), 1013],
    ["the server stops its heartbeat", () => vi.advanceTimersByTime(45_000), 1013],
    ["the server says that it closes", ({ server }) => server.says("1"), 1000],
    ["the session ends", () => vi.advanceTimersByTime(60_000), 4401],
  ])("that is being decided when %s is decided for nobody", async (_what, happen, code) => {
    for (const word of [undefined, REFUSED, { code: "AUTH_UNAVAILABLE" } as const]) {
      const log = vi.spyOn(console, "error").mockImplementation(() => undefined);
      const fronted = await joined({ endsAtMs: Date.now() + 60_000 });
      const { client, server, checks } = fronted;
      const alive = setInterval(() => (client.says("3"), code === 4401 && server.says("2")), 10_000);
      client.says("40/other");
      client.says(new ArrayBuffer(1000));
      happen(fronted);
      clearInterval(alive);
      expect(client.closedWith?.code).toBe(code);
      client.forgetSent();
      server.forgetSent();
      await checks[0]?.answer(word);
      expect([client.sent, server.sent, log.mock.calls]).toEqual([[], [], []]);
      server.isLost();
      log.mockRestore();
      expectNothingLeft(fronted);
    }
  });
});

describe("the end of the session", () => {
  async function inNamespaces(): Promise<FrontedServer> {
    const fronted = new FrontedServer({ endsAtMs: Date.now() + 60_000 });
    await fronted.letIn();
    fronted.client.says("40/other");
    await fronted.checks[0]?.answer(undefined);
    fronted.client.forgetSent();
    return fronted;
  }

  test("that was revoked is told in each namespace, so that the client stays away", async () => {
    const fronted = await inNamespaces();
    fronted.front.end("SESSION_REVOKED");
    expect(fronted.client.sent).toEqual(["41", "41/other,"]);
    expect(fronted.client.closedWith).toEqual({ code: 4410, reason: "SESSION_REVOKED" });
    expect(fronted.server.closedWith).toEqual({ code: 1001, reason: "SESSION_REVOKED" });
    expect(fronted.over.mock.calls).toEqual([[{ reason: "gateway", closeCode: 4410, code: "SESSION_REVOKED" }]]);
    expectNothingLeft(fronted);
  });

  test("that has come closes the transport alone, so that the client comes back with a fresh token", async () => {
    const fronted = await inNamespaces();
    const alive = setInterval(() => (fronted.client.says("3"), fronted.server.says("2")), 10_000);
    vi.advanceTimersByTime(60_000);
    clearInterval(alive);
    expect(new Set(fronted.client.sent)).toEqual(new Set(["2"]));
    expect(fronted.client.closedWith).toEqual({ code: 4401, reason: "TOKEN_EXPIRED" });
    expect(fronted.server.closedWith).toEqual({ code: 1001, reason: "TOKEN_EXPIRED" });
    expectNothingLeft(fronted);
  });

  test("while the server is opened ends it at once, and the server hears nothing", async () => {
    const fronted = new FrontedServer();
    fronted.client.says("40");
    fronted.front.end("SESSION_REVOKED");
    expect(fronted.client.closedWith).toEqual({ code: 4410, reason: "SESSION_REVOKED" });
    await fronted.opens[0]?.answer(fronted.opened);
    expect([fronted.server.sent, fronted.abandoned.mock.calls.length]).toEqual([[], 1]);
    expectNothingLeft(fronted);
  });

  test("comes once, whatever follows, and nothing passes after it", async () => {
    const fronted = await inNamespaces();
    fronted.front.end("SESSION_REVOKED");
    fronted.client.forgetSent();
    fronted.server.forgetSent();
    fronted.client.says('42["a"]');
    fronted.client.says("40/third");
    fronted.client.says("x");
    fronted.server.says('42["b"]');
    fronted.server.says("2");
    fronted.front.end("SESSION_REVOKED");
    fronted.client.closes(4410);
    fronted.server.closes(1001);
    expect([fronted.client.sent, fronted.server.sent, fronted.checks.length]).toEqual([[], [], 1]);
    expect([fronted.client.closedWith?.code, fronted.over.mock.calls.length]).toEqual([4410, 1]);
    expectNothingLeft(fronted);
  });

  test("of a client whose connection broke a moment ago is told to the server all the same", async () => {
    const fronted = await inNamespaces();
    fronted.client.broken = true;
    fronted.front.end("SESSION_REVOKED");
    expect(fronted.server.closedWith).toEqual({ code: 1001, reason: "SESSION_REVOKED" });
    fronted.client.isLost();
    expectNothingLeft(fronted);
  });

  test("is waited for until a client that does not read has read why, or for a while", async () => {
    const fronted = await inNamespaces();
    fronted.client.stalled = true;
    fronted.server.says(`4${"x".repeat(500)}`);
    fronted.front.end("SESSION_REVOKED");
    expect([fronted.memory.bytes, fronted.cut.mock.calls.length]).toEqual([501 + "4141/other,".length, 0]);
    vi.advanceTimersByTime(31_000);
    expect([fronted.memory.bytes, fronted.cut.mock.calls.length]).toEqual([0, 1]);
  });
});

describe("either side that goes", () => {
  test.each<[string, (fronted: FrontedServer) => void, readonly unknown[]]>([
    ["the client closes", ({ client }) => client.closes(1000), [1000, 1000]],
    ["the client says that it closes", ({ client }) => client.says("1"), [1000, 1000]],
    ["the client is lost", ({ client }) => client.isLost(), [1000, 1001]],
    [
      "the client answers no ping",
      ({ server }) => (vi.advanceTimersByTime(40_000), server.says("2"), vi.advanceTimersByTime(5000)),
      [4408, 1001],
    ],
    ["the server closes", ({ server }) => server.closes(1001), [1001, undefined]],
    ["the server is lost", ({ server }) => server.isLost(), [1013, 1005]],
    ["the server breaks", ({ server }) => server.isLost("error"), [1013, 1005]],
  ])("%s: the other one learns it, and nothing is left", async (_what, happen, codes) => {
    const fronted = new FrontedServer();
    await fronted.letIn();
    happen(fronted);
    expect(fronted.codes).toEqual(codes);
    fronted.client.closes(1000);
    fronted.server.closes(1000);
    expect(fronted.over).toHaveBeenCalledOnce();
    expectNothingLeft(fronted);
  });

  test("a server that does not read ends both where more than the bound would wait", async () => {
    const fronted = new FrontedServer({ vars: { PROXY_BUFFER_BYTES: "2000" } });
    await fronted.letIn();
    fronted.server.stalled = true;
    for (const size of [1000, 1000, 1]) fronted.client.says(new ArrayBuffer(size));
    expect([fronted.codes, fronted.client.sent]).toEqual([[1013, 1001], []]);
  });

  test("a client that does not read ends both where more than the bound would wait", async () => {
    const fronted = new FrontedServer({ vars: { PROXY_BUFFER_BYTES: "2000" } });
    await fronted.letIn();
    fronted.client.stalled = true;
    for (const size of [1000, 1000, 1]) fronted.server.says(new ArrayBuffer(size));
    expect([fronted.codes, fronted.client.sent.length]).toEqual([[1013, 1001], 2]);
    vi.advanceTimersByTime(31_000);
    expect([fronted.memory.bytes, fronted.cut.mock.calls.length]).toEqual([0, 1]);
  });

  test("a client whose connection broke a moment ago is refused without a bug", async () => {
    const log = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const fronted = new FrontedServer();
    fronted.client.says("40");
    fronted.client.broken = true;
    await fronted.opens[0]?.answer(REFUSED);
    expect(log).not.toHaveBeenCalled();
    log.mockRestore();
    fronted.client.isLost();
    expectNothingLeft(fronted);
  });
});
