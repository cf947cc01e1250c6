// What is counted: names by themselves, messages with their bytes, and how long the object was awake for them.
import { describe, expect, test } from "vitest";
import { Counters } from "../../../../durable-objects/stream/delivery/counters.ts";
import { FakeStream, type Seat, STREAM_ID } from "../../../support/fake-stream.ts";
import { user } from "../../../support/members.ts";

const NOTHING = {
  messagesIn: 0,
  bytesIn: 0,
  calls: 0,
  messagesOut: 0,
  framesDropped: 0,
  stored: 0,
  sinkErrors: 0,
  connections: 0,
  alarms: 0,
};

test("A count begins at nothing, at the time at which it began", () => {
  const counters = new Counters(1000);
  expect(counters).toMatchObject({ counts: NOTHING, sinceMs: 1000, activeMs: 0 });
});

test("Each name is counted by itself, by one or by more", () => {
  const counters = new Counters(0);
  counters.add("stored");
  counters.add("stored");
  counters.add("messagesOut", 5);
  counters.add("messagesOut", 0);
  expect(counters.counts).toEqual({ ...NOTHING, stored: 2, messagesOut: 5 });
});

test("What was handed out does not go on counting", () => {
  const counters = new Counters(0);
  const { counts } = counters;
  counters.add("alarms");
  expect(counts).toEqual(NOTHING);
});

test("A message counts with its bytes", () => {
  const counters = new Counters(0);
  for (const bytes of [10, 32]) counters.noteMessage(bytes, 0);
  expect(counters.counts).toEqual({ ...NOTHING, messagesIn: 2, bytesIn: 42 });
});

test.each([
  ["of a steady flow, is all of it", [1000, 2000, 3000], 3000],
  ["between two that are just near enough, is all of it", [10_000], 10_000],
  ["between two that are far apart, ends where the object may sleep", [10_001], 10_000],
  ["of several far apart, is that of each", [60_000, 120_000], 20_000],
  ["of a clock that went back, is none", [-5000], 0],
  ["of a clock that went back, goes on from there", [-5000, -4000], 1000],
])("The time awake %s", (_how, times, expected) => {
  const counters = new Counters(0);
  for (const nowMs of times) counters.noteMessage(1, nowMs);
  expect(counters.activeMs).toBe(expected);
});

describe("in a stream", () => {
  function start(variables = {}) {
    const fake = new FakeStream(variables);
    return { fake, owner: fake.owner() };
  }

  function countsOf(fake: FakeStream): Record<string, unknown> {
    const status = fake.stream.requesting.readStatus(user("anna"), STREAM_ID);
    if (!("counters" in status)) throw new Error("the status was refused");
    return { ...status.counters };
  }

  /** By how much something changes the counts; what it leaves as it is is left out. */
  function change(fake: FakeStream, work: () => void): Record<string, number> {
    const before = countsOf(fake);
    work();
    const changes = Object.entries(countsOf(fake)).map(([name, count]) => [name, Number(count) - Number(before[name])]);
    return Object.fromEntries(changes.filter(([, difference]) => difference !== 0)) as Record<string, number>;
  }

  function consumers(fake: FakeStream, count: number): readonly Seat[] {
    return Array.from({ length: count }, () => fake.member("anna", { consumes: ["*"] }));
  }

  test("A frame counts once in, and once out for each who got it", () => {
    const { fake, owner } = start();
    consumers(fake, 3);
    const frame = '{"type":"video-frame"}';
    expect(change(fake, () => owner.send(frame))).toEqual({
      messagesIn: 1,
      bytesIn: frame.length,
      messagesOut: 3,
    });
  });

  test("A frame that gave way counts for each who missed it", () => {
    const { fake, owner } = start();
    for (const { socket } of consumers(fake, 2)) socket.bufferedAmount = 600_000;
    consumers(fake, 1);
    const frame = { type: "video-frame" };
    // The first waits for room; it has given way once the second takes its place.
    expect(change(fake, () => owner.send(frame))).not.toHaveProperty("framesDropped");
    expect(change(fake, () => owner.send(frame))).toMatchObject({ messagesOut: 1, framesDropped: 2 });
  });

  test("An alert counts as stored, and a duplicate does not again", () => {
    const { fake, owner } = start();
    const alert = { type: "alert", id: "a" };
    expect(change(fake, () => owner.send(alert))).toMatchObject({ messagesIn: 1, stored: 1 });
    expect(change(fake, () => owner.send(alert))).not.toHaveProperty("stored");
  });

  test("A posted alert is stored, and is no message of a socket", () => {
    const { fake } = start();
    consumers(fake, 1);
    const post = () => fake.post(user("anna"), { type: "alert" });
    expect(change(fake, post)).toEqual({ calls: 1, bytesIn: '{"type":"alert"}'.length, stored: 1, messagesOut: 1 });
  });

  test("Who connects counts at once, and going takes nothing back", () => {
    const { fake } = start();
    const comeAndGo = () => fake.join("anna").leave();
    expect(change(fake, comeAndGo)).toEqual({ connections: 1 });
  });

  test("An alarm counts when it rings", () => {
    const { fake } = start();
    expect(change(fake, () => fake.stream.sweep())).toEqual({ alarms: 1 });
  });

  test("Several messages in one text are the one message that is billed", () => {
    const { fake, owner } = start();
    consumers(fake, 1);
    const text = '{"type":"note"}\n{"type":"note"}';
    expect(change(fake, () => owner.send(text))).toEqual({ messagesIn: 1, bytesIn: text.length, messagesOut: 2 });
  });

  test("A message that was refused for its rate does not count", () => {
    const { fake, owner } = start({ MAX_MESSAGES_PER_S: "1" });
    const flood = () => {
      for (let count = 0; count < 5; count += 1) owner.send({ type: "note" });
    };
    // A burst of two seconds, of which `register` was one.
    expect(change(fake, flood)).toMatchObject({ messagesIn: 1 });
  });

  test("Messages that wait behind a claim count once", async () => {
    const fake = new FakeStream();
    fake.users.room = undefined;
    const owner = fake.join("anna");
    owner.send({ type: "register", produces: ["*"] });
    owner.send({ type: "note" });
    await fake.users.asked[0]?.answer("room");
    expect(countsOf(fake)).toMatchObject({ messagesIn: 2, connections: 1 });
  });

  test("A sleep begins a new count, and writes nothing for it", () => {
    const { fake, owner } = start();
    owner.send({ type: "note" });
    const { rowsWritten } = fake.storage;
    fake.nowMs += 60_000;
    fake.sleepAndWake();
    expect(countsOf(fake)).toEqual(NOTHING);
    expect(fake.storage.rowsWritten).toBe(rowsWritten);
  });
});
