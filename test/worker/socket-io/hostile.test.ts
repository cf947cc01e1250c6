// Socket.IO from a client that writes what it likes: it is answered or closed, and nobody else notices.
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { CODES } from "../../../protocol/codes.ts";
import { Client } from "../../support/client.ts";
import { type Gateway, startGateway } from "../../support/gateway.ts";
import { RawEngine } from "../../support/raw-engine.ts";
import { signSession } from "../../support/session-token.ts";

const MIB = 1_048_576;
const PLACEHOLDER = '{"_placeholder":true,"num":0}';
const BROKEN = { code: 4400, reason: "BAD_MESSAGE" };

let gateway: Gateway;
let camera: Client;
let viewer: RawEngine;
let frames = 0;

beforeAll(async () => {
  gateway = await startGateway({ MAX_MESSAGES_PER_S: "2000", MAX_BYTES_PER_S: "100000000" });
  camera = await Client.connect(new URL(`/streams/hall?token=${await signSession()}`, gateway.url));
  await camera.register({ produces: ["video-frame"] });
  viewer = await RawEngine.connect(gateway.url, await signSession(), { runId: "hall" });
});

afterEach(() => expectNobodyNoticed());

afterAll(() => gateway.stop());

/** Who was there before goes on as if nothing had happened. */
async function expectNobodyNoticed(): Promise<void> {
  frames += 1;
  camera.sendFrame({ type: "video-frame" }, new Uint8Array([frames]));
  expect([...(await viewer.nextBytes())]).toEqual([frames]);
}

/** A member of the same stream. */
async function member(): Promise<RawEngine> {
  return RawEngine.connect(gateway.url, await signSession(), { runId: "hall" });
}

async function stranger(): Promise<RawEngine> {
  return RawEngine.open(gateway.url);
}

/** Whether it is still heard, and answered in its turn. */
async function expectWell(client: RawEngine): Promise<void> {
  client.send('42999["ping"]');
  expect(await client.acknowledgementOf(999)).toEqual([{ type: "pong" }]);
  client.close();
}

describe("broken is", () => {
  test.each([
    '42["connect"]',
    '42["connect_error"]',
    '42["disconnect"]',
    '42["disconnecting"]',
    '42["newListener"]',
    '42["removeListener"]',
    '42["\\u0064isconnect"]',
    `4511-["x",${PLACEHOLDER}]`,
    `4599-["x",${PLACEHOLDER}]`,
    `451e9-["x",${PLACEHOLDER}]`,
    '451-["x",{"_placeholder":true,"num":1}]',
    '451-["x",{"_placeholder":true,"num":"splice"}]',
    '451-["x",{"a":[{"_placeholder":true,"num":-1}]}]',
    '461-1[{"_placeholder":true,"num":"length"}]',
    '429007199254740992["chat"]',
    '42/elsewhere,["chat"]',
    '40{"token":"again"}',
    '44{"message":"x"}',
    "2",
    "2probe",
    "5",
    "bAQID",
    "",
    "nonsense",
  ])("%s", async (message) => {
    const client = await member();
    client.send(message, "3", "42[]");
    expect(await client.closed()).toEqual(BROKEN);
  });

  test("an attachment that nobody announced, and a text where one is due", async () => {
    const [one, other] = await Promise.all([member(), member()]);
    one.send(new Uint8Array(3));
    other.send(`452-["x",${PLACEHOLDER}]`, new Uint8Array(3), '42["chat"]');
    expect([await one.closed(), await other.closed()]).toEqual([BROKEN, BROKEN]);
  });

  test("whatever is said before CONNECT", async () => {
    for (const message of ['42["chat"]', "41", new Uint8Array(3)]) {
      const client = await stranger();
      client.send(message);
      expect(await client.closed()).toEqual(BROKEN);
    }
  });
});

describe("too large is", () => {
  test("a message of one byte more than one may have, and one of as many is not", async () => {
    const client = await member();
    const text = (bytes: number): string => `42["chat","${"x".repeat(bytes - '2["chat",""]'.length)}"]`;
    client.send(text(MIB + 1));
    expect(await client.closed()).toEqual({ code: 1009, reason: "TOO_LARGE" });
  });

  test("ten attachments of a megabyte each, none of which is kept", async () => {
    const client = await member();
    client.send(`4510-["x",${PLACEHOLDER}]`, ...Array.from({ length: 10 }, () => new Uint8Array(1_000_000)));
    expect(await client.closed()).toEqual({ code: 1009, reason: "TOO_LARGE" });
  });

  test("a namespace of a megabyte, known or not, and a pong of two", async () => {
    const [known, unknown, answering] = await Promise.all([member(), stranger(), member()]);
    known.send(`40/${"x".repeat(1_000_000)},`);
    unknown.send(`40/${"x".repeat(1_000_000)},`);
    answering.send(`3${"x".repeat(2 * MIB)}`);
    for (const client of [known, unknown, answering]) {
      expect(await client.closed()).toEqual({ code: 1009, reason: "TOO_LARGE" });
    }
  });

  test("a CONNECT that no credential is long enough for", async () => {
    const client = await stranger();
    client.send(`40{"token":"${"x".repeat(20_000)}"}`);
    expect(await client.closed()).toEqual({ code: 1009, reason: "TOO_LARGE" });
  });
});

describe("a flood", () => {
  test.each(["3", "6", "431[]"])("of %s is told to slow down, then closed", async (message) => {
    const client = await member();
    for (let count = 0; count < 20_000; count += 1) client.send(message);
    expect(await client.closed()).toEqual({ code: 4429, reason: "RATE_LIMITED" });
  });

  test("of CONNECTs that are refused ends with the fifth", async () => {
    const client = await stranger();
    for (let count = 0; count < 5; count += 1) {
      client.send('40{"token":"bad"}');
      const refusal = await client.next((text) => text.startsWith("44"));
      expect(refusal).toContain('"code":"AUTH_FAILED"');
    }
    client.send('40{"token":"bad"}');
    expect(await client.closed()).toEqual({ code: 1008, reason: "AUTH_REQUIRED" });
  });

  test("of CONNECTs to namespaces that are not there ends with the fifth as well", async () => {
    const client = await stranger();
    for (let count = 0; count < 100; count += 1) client.send(`40/${count},`);
    expect(await client.closed()).toEqual({ code: 1008, reason: "AUTH_REQUIRED" });
  });

  test("of CONNECTs before the first is answered is broken", async () => {
    const client = await stranger();
    const connect = `40${JSON.stringify({ token: await signSession() })}`;
    client.send(connect, connect, connect);
    expect(await client.closed()).toEqual(BROKEN);
  });

  test("of connections that come and go while they are let in leaves no member behind", async () => {
    const token = await signSession();
    for (let round = 0; round < 5; round += 1) {
      const client = await RawEngine.open(gateway.url, { runId: "revolving-door" });
      client.send(`40${JSON.stringify({ token })}`);
      client.socket.terminate();
    }
    const last = await RawEngine.connect(gateway.url, token, { runId: "revolving-door" });
    await expectWell(last);
  });
});

describe("acknowledgements", () => {
  test("of a thousand events are each given, in order", async () => {
    const client = await member();
    for (let id = 0; id < 1000; id += 1) client.send(`42${id}["ping"]`);
    for (let id = 0; id < 1000; id += 1) expect(await client.acknowledgementOf(id)).toEqual([{ type: "pong" }]);
    client.close();
  });

  test("of the largest number there is, and of a ref that cannot be repeated, are given", async () => {
    const client = await member();
    client.send(`42${Number.MAX_SAFE_INTEGER}["ping"]`);
    expect(await client.acknowledgementOf(Number.MAX_SAFE_INTEGER)).toEqual([{ type: "pong" }]);
    client.send(`425["chat",{"ref":${"[".repeat(50_000)}${"]".repeat(50_000)}}]`);
    expect(await client.acknowledgementOf(5)).toMatchObject([{ code: "BAD_MESSAGE" }]);
    await expectWell(client);
  });
});

describe("an answer that its client may go on after", () => {
  test.each<[string, string, keyof typeof CODES]>([
    ["a number for a name", "421[7]", "UNKNOWN_TYPE"],
    ["a word of the protocol's own", '421["success",{}]', "UNKNOWN_TYPE"],
    ["a name with a quote", '421["x\\",\\"type\\":\\"alert",{"a":1}]', "UNKNOWN_TYPE"],
    ["a type that it does not produce", '421["video-frame"]', "NOT_A_PRODUCER"],
    ["such a type within another", '421["chat",{"type":"video-frame"}]', "UNKNOWN_TYPE"],
    ["two arguments", '421["chat",1,2]', "BAD_MESSAGE"],
    ["a second registration", '421["register",{"streamId":"hall"}]', "ALREADY_REGISTERED"],
  ])("is given to %s", async (_name, message, code) => {
    const client = await member();
    client.send(message);
    expect(await client.acknowledgementOf(1)).toMatchObject([{ type: "error", code }]);
    await expectWell(client);
  });

  // Whether what is nested so deep can be written is the runtime's business: it is refused for that, or for its type.
  test("is given to nesting without end", async () => {
    const client = await member();
    const deep = "[".repeat(100_000) + "]".repeat(100_000);
    client.send(`421["chat",${deep}]`, `422["chat",{"a":${deep}}]`);
    for (const id of [1, 2]) expect(await client.acknowledgementOf(id)).toMatchObject([{ type: "error" }]);
    await expectWell(client);
  });

  test("is given to one attachment too many, and to none in its place", async () => {
    const client = await member();
    client.send(`452-1["x",${PLACEHOLDER}]`, new Uint8Array(3), new Uint8Array(3));
    expect(await client.acknowledgementOf(1)).toMatchObject([{ code: "BAD_MESSAGE" }]);
    client.send('451-2["x",{}]', new Uint8Array(3));
    expect(await client.acknowledgementOf(2)).toMatchObject([{ code: "BAD_MESSAGE" }]);
    client.send(`451-3["${"x".repeat(5000)}",${PLACEHOLDER}]`, new Uint8Array(3));
    expect(await client.acknowledgementOf(3)).toMatchObject([{ code: "BAD_MESSAGE" }]);
    await expectWell(client);
  });
});

test("A client that never sends the attachments it announced holds up nobody, itself included", async () => {
  const client = await member();
  expect([...(await client.nextBytes())]).toEqual([frames]); // the newest that there was
  client.send(`4510-["x",${PLACEHOLDER}]`, new Uint8Array(1));
  frames += 1;
  camera.sendFrame({ type: "video-frame" }, new Uint8Array([frames]));
  expect([...(await client.nextBytes())]).toEqual([frames]);
  expect([...(await viewer.nextBytes())]).toEqual([frames]);
  expect(client.isOpen).toBe(true);
  client.close();
});

test("A producer's tricks with attachments reach no consumer", async () => {
  const trick = { a: { _placeholder: true, num: 5 }, _placeholder: true, num: "splice" };
  camera.sendFrame({ type: "video-frame", ...trick }, new Uint8Array([200]));
  const text = await viewer.next((message) => message.startsWith("451-"));
  expect(text.split("_placeholder")).toHaveLength(2);
  expect([...(await viewer.nextBytes())]).toEqual([200]);
});

test("Who says CLOSE and goes on talking is not heard", async () => {
  const client = await member();
  client.send("1", '421["ping"]', "junk");
  expect(await client.closed()).toEqual({ code: 1000, reason: "" });
});

// An exception that nobody caught would have closed its socket with 1006; what a promise rejects with is not in this log.
test("Of all this the log tells who came and went, and of no bug", () => {
  expect(gateway.harness.getLogs().filter(({ level }) => level !== "log")).toEqual([]);
});
