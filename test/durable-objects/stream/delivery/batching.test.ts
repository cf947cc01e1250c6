// A consumer that takes batches: notes leave together within milliseconds, alerts and answers at once and in order.
import { describe, expect, test } from "vitest";
import { FakeStream, type Seat } from "../../../support/fake-stream.ts";

function start(variables = {}) {
  const fake = new FakeStream(variables);
  const owner = fake.owner();
  const viewer = fake.member("anna", { consumes: ["*"], batch: true });
  const plain = fake.member("anna", { consumes: ["*"] });
  return { fake, owner, viewer, plain };
}

/** The types of what each text holds. */
const textsOf = ({ socket }: Seat): readonly (readonly unknown[])[] =>
  socket.texts.map((text) => text.split("\n").map((line) => (JSON.parse(line) as { type: unknown }).type));

test("Messages that come together leave in one text, after five milliseconds", () => {
  const { fake, owner, viewer } = start();
  for (const type of ["a", "b", "c"]) owner.send({ type });
  expect([textsOf(viewer), fake.timers.due.includes(5)]).toEqual([[], true]);
  fake.timers.ring();
  expect(textsOf(viewer)).toEqual([["a", "b", "c"]]);
});

test("Who did not ask for it gets each by itself and at once", () => {
  const { owner, plain } = start();
  for (const type of ["a", "b"]) owner.send({ type });
  expect(textsOf(plain)).toEqual([["a"], ["b"]]);
});

test("An alert goes at once, with what was gathered before it", () => {
  const { owner, viewer } = start();
  owner.send({ type: "a" });
  owner.send({ type: "alert" });
  expect(textsOf(viewer)).toEqual([["a", "alert"]]);
});

test("An answer goes at once", () => {
  const { viewer } = start();
  viewer.send({ type: "ping", ref: 1 });
  expect(textsOf(viewer)).toEqual([["pong"]]);
});

test("A binary frame is no part of a text, and overtakes nothing", () => {
  const { owner, viewer } = start();
  owner.send({ type: "a" });
  owner.sendFrame({ type: "video-frame" });
  expect([textsOf(viewer), viewer.socket.sent.at(-1) instanceof ArrayBuffer]).toEqual([[["a"]], true]);
});

test("No text holds more messages than a receiver takes", () => {
  const { fake, owner, viewer } = start();
  for (let count = 0; count < 150; count += 1) owner.send({ type: "a" });
  fake.nowMs += 2000;
  for (let count = 0; count < 150; count += 1) owner.send({ type: "a" });
  fake.timers.ring();
  expect(textsOf(viewer).map((types) => types.length)).toEqual([256, 44]);
});

test("A consumer that sleeps and wakes still takes batches", () => {
  const { fake, owner, viewer } = start();
  fake.sleepAndWake();
  owner.send({ type: "a" });
  owner.send({ type: "b" });
  fake.timers.ring();
  expect(textsOf(viewer)).toEqual([["a", "b"]]);
});

test("A binary frame leaves at once where nothing was gathered", () => {
  const { owner, viewer } = start();
  owner.sendFrame({ type: "video-frame" });
  expect(viewer.socket.sent).toHaveLength(1);
});

test("What left with an alert is not missed when its time comes", () => {
  const { fake, owner, viewer } = start();
  owner.send({ type: "a" });
  owner.send({ type: "alert" });
  fake.timers.ring();
  owner.send({ type: "b" });
  fake.timers.ring();
  expect(textsOf(viewer)).toEqual([["a", "alert"], ["b"]]);
});

test("What is gathered stays within what may wait for a consumer", () => {
  const { owner, viewer, plain } = start({ CONSUMER_BUFFER_BYTES: "4096", BATCH_DELAY_MS: "50" });
  // One that reads nothing: what leaves early waits all the same.
  viewer.socket.stalled = true;
  for (let count = 0; count < 4; count += 1) owner.send({ type: "a", pad: "x".repeat(1000) });
  expect([viewer.socket.closedWith?.code, plain.socket.closedWith]).toEqual([4508, undefined]);
});

// Nobody has sent it yet: that it waits is not the consumer's doing.
test("A consumer that reads all at once is not closed for what was gathered for it", () => {
  const { fake, owner, viewer, plain } = start({ CONSUMER_BUFFER_BYTES: "4096" });
  for (let count = 0; count < 10; count += 1) owner.send({ type: "a", pad: "x".repeat(1000) });
  fake.timers.ring();
  expect([viewer, plain].map(({ socket }) => socket.closedWith)).toEqual([undefined, undefined]);
  expect(textsOf(viewer).flat()).toHaveLength(10);
});

describe("a frame that waited, for a consumer that takes batches", () => {
  const other = { kind: "user", userId: "anna", sessionId: "another" } as const;
  const numbers = ({ socket }: Seat): readonly unknown[] =>
    socket.texts.flatMap((text) => text.split("\n")).map((line) => (JSON.parse(line) as { n: unknown }).n);

  test("leaves with the acknowledgement, though nothing else is sent", () => {
    const fake = new FakeStream();
    const owner = fake.owner();
    const viewer = fake.member("anna", { consumes: ["video-frame"], window: 1, batch: true }, { principal: other });
    owner.send({ type: "video-frame", n: 1 });
    fake.timers.ring();
    owner.send({ type: "video-frame", n: 2 });
    viewer.send({ type: "frame-ack", seq: viewer.socket.messages[0]?.["seq"] });
    expect(numbers(viewer)).toEqual([1, 2]);
  });

  test("leaves with the first look that finds room", () => {
    const fake = new FakeStream({ CONSUMER_BUFFER_BYTES: "2048" });
    const owner = fake.owner();
    const viewer = fake.member("anna", { consumes: ["video-frame"], batch: true }, { principal: other });
    viewer.socket.stalled = true;
    for (const n of [1, 2]) {
      owner.send({ type: "video-frame", n, data: "x".repeat(900) });
      fake.timers.ring();
    }
    viewer.socket.bufferedAmount = 0;
    fake.timers.ring();
    expect(numbers(viewer)).toEqual([1, 2]);
  });
});

test("A consumer that takes batches and reads nothing is closed, though messages go on being gathered for it", () => {
  const fake = new FakeStream({ CONSUMER_STALL_S: "2" });
  const owner = fake.owner();
  const viewer = fake.member(
    "bob",
    { consumes: ["note"], batch: true },
    { principal: { kind: "user", userId: "anna", sessionId: "v" } },
  );
  viewer.socket.stalled = true;
  for (let second = 0; second < 10; second += 1) {
    for (const n of [1, 2]) owner.send({ type: "note", n });
    fake.timers.ring();
    fake.nowMs += 1000;
  }
  expect(viewer.socket.closedWith?.code).toBe(4508);
});

test("What was gathered is sent before the word that ends a connection", () => {
  const fake = new FakeStream();
  const owner = fake.owner();
  const principal = { kind: "user", userId: "anna", sessionId: "another" } as const;
  const viewer = fake.member("anna", { consumes: ["note"], produces: ["video-frame"], batch: true }, { principal });
  owner.send({ type: "note" });
  fake.member("anna", { produces: ["video-frame"] }, { principal });
  expect(viewer.socket.messages.map(({ type, code }) => code ?? type)).toEqual(["note", "REPLACED"]);
});
