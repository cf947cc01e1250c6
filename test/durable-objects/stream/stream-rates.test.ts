// What a message may cost: its size, and how many messages and bytes a connection may send over time.
import { describe, expect, test } from "vitest";
import { FakeStream } from "../../support/fake-stream.ts";

/** Longer than any bucket needs to be full again. */
const REST_MS = 60_000;

/** A stream whose owner has said nothing for a while, so that all of its two seconds' worth is there. */
function start(variables = {}) {
  const fake = new FakeStream(variables);
  const owner = fake.owner();
  const consumer = fake.member("anna", { consumes: ["*"] });
  fake.nowMs += REST_MS;
  return { fake, owner, consumer };
}

const EMPTY_NOTE = '{"type":"note","p":""}';

/** A live message of exactly so many bytes, made of characters of so many. */
function note(bytes: number, character = "x"): string {
  const size = Buffer.byteLength(character);
  const room = bytes - EMPTY_NOTE.length;
  const text = character.repeat(Math.floor(room / size)) + "x".repeat(room % size);
  return EMPTY_NOTE.replace('""', `"${text}"`);
}

/** Several live messages in one text. */
function batch(count: number): string {
  return Array.from({ length: count }, (_, n) => JSON.stringify({ type: "note", n })).join("\n");
}

describe("size", () => {
  test.each(["x", "ü", "警", "🎥"])("A text of the largest size in bytes goes through, written in %s", (character) => {
    const { owner, consumer } = start({ MAX_MESSAGE_BYTES: 2048 });
    owner.send(note(2048, character));
    expect(consumer.socket.ofType("note")).toHaveLength(1);
  });

  test.each(["x", "ü", "警", "🎥"])("A text of one byte more is told and closed, written in %s", (character) => {
    const { owner, consumer } = start({ MAX_MESSAGE_BYTES: 2048 });
    owner.send(note(2049, character));
    expect(owner.socket.messages).toMatchObject([{ code: "TOO_LARGE", temporary: false }]);
    expect(owner.socket.closedWith).toEqual({ code: 1009, reason: "TOO_LARGE" });
    expect(consumer.socket.sent).toEqual([]);
  });

  test("A binary message is measured too", () => {
    const { owner } = start({ MAX_MESSAGE_BYTES: 2048 });
    owner.sendBytes(new ArrayBuffer(2049));
    expect(owner.socket.closedWith?.code).toBe(1009);
  });
});

describe("messages a second", () => {
  test.each([241, 250, 256])("A text of %i messages goes through at the default rate", (count) => {
    const { owner, consumer } = start();
    owner.send(batch(count));
    expect(consumer.socket.messages.map(({ n }) => n)).toEqual(Array.from({ length: count }, (_, n) => n));
    expect(owner.socket.sent).toEqual([]);
  });

  test("What a text took beyond two seconds' worth is to be paid first", () => {
    const { owner } = start();
    owner.send(batch(256));
    owner.send({ type: "note" });
    expect(owner.socket.messages).toMatchObject([{ code: "RATE_LIMITED", temporary: true, retryAfterMs: 134 }]);
  });

  test("A message that was refused is not sent", () => {
    const { owner, consumer } = start();
    owner.send(batch(256));
    owner.send({ type: "pose" });
    expect(consumer.socket.ofType("pose")).toEqual([]);
  });

  test("A text that was refused is refused as a whole", () => {
    const { owner, consumer } = start();
    owner.send(batch(256));
    consumer.socket.forgetSent();
    owner.send(batch(2));
    expect(owner.socket.errorCodes).toEqual(["RATE_LIMITED"]);
    expect(consumer.socket.sent).toEqual([]);
  });

  test("A second after the debt is paid the next messages go through", () => {
    const { fake, owner, consumer } = start();
    owner.send(batch(256));
    fake.nowMs += 1134;
    for (let count = 0; count < 100; count += 1) owner.send({ type: "pose" });
    expect(consumer.socket.ofType("pose")).toHaveLength(100);
  });

  test("Too many messages one by one are refused", () => {
    const { owner, consumer } = start({ MAX_MESSAGES_PER_S: 2 });
    for (let count = 0; count < 9; count += 1) owner.send({ type: "note" });
    expect(new Set(owner.socket.errorCodes)).toEqual(new Set(["RATE_LIMITED"]));
    expect(consumer.socket.ofType("note").length).toBeLessThanOrEqual(4);
  });

  test("The rate of one connection is not that of another", () => {
    const { fake, owner } = start();
    const second = fake.member("anna", { produces: ["note"] });
    owner.send(batch(256));
    second.send({ type: "note" });
    expect(second.socket.sent).toEqual([]);
  });

  test("Who goes on and on is closed with the code for it", () => {
    const { owner } = start({ MAX_MESSAGES_PER_S: 1 });
    for (let count = 0; count < 20; count += 1) owner.send({ type: "note" });
    expect(owner.socket.errorCodes).toEqual(Array.from({ length: 10 }, () => "RATE_LIMITED"));
    expect(owner.socket.closedWith?.code).toBe(4429);
  });
});

describe("bytes a second", () => {
  test("Too many bytes are refused like too many messages", () => {
    const { owner } = start({ MAX_BYTES_PER_S: 1024 });
    owner.send(note(1900));
    owner.send(note(1172));
    owner.send(note(100));
    expect(owner.socket.messages.at(-1)).toMatchObject({ code: "RATE_LIMITED", retryAfterMs: 1001 });
  });

  test.each(["x", "ü", "警", "🎥"])(
    "Bytes are those of UTF-8: what is written in %s is paid for exactly",
    (character) => {
      const { owner } = start({ MAX_BYTES_PER_S: 1024 });
      owner.send(note(5 * 1024, character));
      owner.send({ type: "note" });
      expect(owner.socket.messages.at(-1)).toMatchObject({ code: "RATE_LIMITED", retryAfterMs: 3001 });
    },
  );

  test("The bytes of binary messages count alike", () => {
    const { owner } = start({ MAX_BYTES_PER_S: 1024 });
    owner.sendBytes(new ArrayBuffer(3072));
    owner.send({ type: "note" });
    expect(owner.socket.messages.at(-1)).toMatchObject({ code: "RATE_LIMITED", retryAfterMs: 1001 });
  });
});

test("Two seconds' worth of messages go through one by one", () => {
  const { owner, consumer } = start();
  for (let count = 0; count < 241; count += 1) owner.send({ type: "note" });
  expect(consumer.socket.ofType("note")).toHaveLength(240);
  expect(owner.socket.messages).toMatchObject([{ code: "RATE_LIMITED", retryAfterMs: 1 }]);
});

test("After the time to wait the next message goes through", () => {
  const { fake, owner, consumer } = start();
  for (let count = 0; count < 241; count += 1) owner.send({ type: "note" });
  fake.nowMs += Number(owner.socket.messages[0]?.["retryAfterMs"]);
  owner.send({ type: "note" });
  expect(consumer.socket.ofType("note")).toHaveLength(241);
});

test("After the time to wait the next text of many messages goes through", () => {
  const { fake, owner, consumer } = start();
  const text = Array.from({ length: 200 }, () => '{"type":"note"}').join("\n");
  for (let count = 0; count < 3; count += 1) owner.send(text);
  fake.nowMs += Number(owner.socket.messages[0]?.["retryAfterMs"]);
  owner.send(text);
  expect(consumer.socket.ofType("note")).toHaveLength(600);
});

test("A message of more than two seconds' worth of bytes goes through", () => {
  const { owner, consumer } = start({ MAX_BYTES_PER_S: 1024 });
  owner.send({ type: "note", text: "x".repeat(5000) });
  expect(consumer.socket.ofType("note")).toHaveLength(1);
});
