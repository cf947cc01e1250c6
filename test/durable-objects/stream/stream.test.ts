// The life of a stream: who comes in, who is too slow, and when a connection ends.
import { describe, expect, test } from "vitest";
import { FakeStream } from "../../support/fake-stream.ts";
import { service, user } from "../../support/members.ts";

const GRACE_MS = 30_000;

function start(variables = {}) {
  const fake = new FakeStream(variables);
  const owner = fake.owner();
  const consumer = fake.member("anna", { consumes: ["*"] });
  return { fake, owner, consumer };
}

describe("admission", () => {
  test.each([
    ["the owner", user("anna"), undefined],
    ["another user", user("bob"), "UNAUTHORIZED"],
    ["a service", service("MODEL"), "UNAUTHORIZED"],
    ["a service named like the owner", service("anna"), "UNAUTHORIZED"],
  ])("A claimed stream answers %s", (_what, principal, expected) => {
    const { fake } = start();
    expect(fake.stream.entering.admission(fake.handoff("", { principal }))).toBe(expected);
  });

  test.each([user("anna"), user("bob"), service("MODEL")])("An unclaimed stream lets %j in", (principal) => {
    const fake = new FakeStream();
    expect(fake.stream.entering.admission(fake.handoff("", { principal }))).toBeUndefined();
  });

  test("A stream with all its members is full", () => {
    const { fake } = start({ MAX_MEMBERS_PER_STREAM: 2 });
    expect(fake.stream.entering.admission(fake.handoff("anna"))).toBe("STREAM_FULL");
  });

  test("A full stream has room again once a member left", () => {
    const { fake, consumer } = start({ MAX_MEMBERS_PER_STREAM: 2 });
    consumer.leave();
    expect(fake.stream.entering.admission(fake.handoff("anna"))).toBeUndefined();
  });

  // What it has not read fills memory until its connection ends; a newcomer each half minute would fill all of it.
  test("A consumer that was closed keeps its place until it has read all, or its connection ends", () => {
    const { fake, owner, consumer } = start({ MAX_MEMBERS_PER_STREAM: 2, CONSUMER_BUFFER_BYTES: 1024 });
    consumer.socket.bufferedAmount = 1024;
    owner.send({ type: "note" });
    expect(consumer.socket.closedWith?.code).toBe(4508);
    expect(fake.stream.entering.admission(fake.handoff("anna"))).toBe("STREAM_FULL");
    consumer.socket.bufferedAmount = 0;
    expect(fake.stream.entering.admission(fake.handoff("anna"))).toBeUndefined();
    consumer.socket.bufferedAmount = 1024;
    consumer.leave();
    expect(fake.stream.entering.admission(fake.handoff("anna"))).toBeUndefined();
  });

  test("Who has no right learns nothing of a stream being full", () => {
    const { fake } = start({ MAX_MEMBERS_PER_STREAM: 2 });
    expect(fake.stream.entering.admission(fake.handoff("bob"))).toBe("UNAUTHORIZED");
  });
});

describe("slow consumers", () => {
  test.each(["note", "alert"])("One that is past its bound is told and closed on the type %s", (type) => {
    const { owner, consumer } = start({ CONSUMER_BUFFER_BYTES: 1024 });
    consumer.socket.bufferedAmount = 1024;
    owner.send({ type });
    expect(consumer.socket.messages).toMatchObject([{ type: "error", code: "SLOW_CONSUMER", temporary: true }]);
    expect(consumer.socket.closedWith).toEqual({ code: 4508, reason: "SLOW_CONSUMER" });
  });

  test("One that is past its bound is not closed by frames", () => {
    const { owner, consumer } = start({ CONSUMER_BUFFER_BYTES: 1024 });
    consumer.socket.bufferedAmount = 1024;
    owner.send({ type: "video-frame" });
    expect([consumer.socket.sent, consumer.socket.closedWith]).toEqual([[], undefined]);
  });

  test("One that was closed still counts until it is gone", () => {
    const { fake, owner, consumer } = start({ CONSUMER_BUFFER_BYTES: 1024, OBJECT_BUFFER_BYTES: 4096 });
    const other = fake.member("anna", { consumes: ["video-frame"] });
    consumer.socket.bufferedAmount = 4096;
    owner.send({ type: "note" });
    other.socket.bufferedAmount = 1;
    owner.send({ type: "video-frame" });
    consumer.leave();
    owner.send({ type: "video-frame" });
    expect(other.socket.messages.map(({ dropped }) => dropped)).toEqual([1]);
  });
});

describe("the end of a session", () => {
  const ENDS_IN_MS = 60_000;

  test("Until the grace is over a sender's messages go through", () => {
    const { fake, consumer } = start();
    const sender = fake.member("anna", { produces: ["note"] }, { endsInMs: ENDS_IN_MS });
    fake.nowMs += ENDS_IN_MS + GRACE_MS - 1;
    sender.send({ type: "note" });
    expect(consumer.socket.ofType("note")).toHaveLength(1);
  });

  test("After the grace a sender's message closes its connection and is not sent", () => {
    const { fake, consumer } = start();
    const sender = fake.member("anna", { produces: ["note"] }, { endsInMs: ENDS_IN_MS });
    fake.nowMs += ENDS_IN_MS + GRACE_MS;
    sender.send({ type: "note" });
    expect(sender.socket.messages).toMatchObject([{ code: "TOKEN_EXPIRED", reauth: true }]);
    expect(sender.socket.closedWith).toEqual({ code: 4401, reason: "TOKEN_EXPIRED" });
    expect(consumer.socket.sent).toEqual([]);
  });

  test("After the grace a silent consumer gets nothing more, though no alarm rang", () => {
    const { fake, owner } = start();
    const silent = fake.member("anna", { consumes: ["*"] }, { endsInMs: ENDS_IN_MS });
    fake.nowMs += ENDS_IN_MS + GRACE_MS;
    fake.sleepAndWake();
    owner.send({ type: "video-frame" });
    expect(silent.socket.errorCodes).toEqual(["TOKEN_EXPIRED"]);
    expect(silent.socket.ofType("video-frame")).toEqual([]);
    expect(silent.socket.closedWith?.code).toBe(4401);
  });

  test("The sweep ends what is over and nothing else", () => {
    const { fake, owner } = start();
    const brief = fake.member("anna", { consumes: ["*"] }, { endsInMs: ENDS_IN_MS });
    fake.nowMs += ENDS_IN_MS + GRACE_MS;
    fake.stream.sweep();
    expect([brief, owner].map(({ socket }) => socket.closedWith?.code)).toEqual([4401, undefined]);
  });

  test("A connection asks to be woken at its end, rounded up", () => {
    const fake = new FakeStream({ AUTH_EXPIRING_NOTICE_S: 0 });
    fake.join("anna", { endsInMs: ENDS_IN_MS + 1 });
    expect(fake.alarms).toEqual([fake.nowMs + ENDS_IN_MS + GRACE_MS + 5000]);
  });

  test("After a sweep the next end is asked for", () => {
    const fake = new FakeStream({ AUTH_EXPIRING_NOTICE_S: 0 });
    for (const endsInMs of [ENDS_IN_MS, 3 * ENDS_IN_MS, 2 * ENDS_IN_MS]) fake.join("anna", { endsInMs });
    const startMs = fake.nowMs;
    fake.nowMs += ENDS_IN_MS + GRACE_MS;
    fake.stream.sweep();
    expect(fake.alarms.at(-1)).toBe(startMs + 2 * ENDS_IN_MS + GRACE_MS);
  });

  test("A sweep of an empty stream asks for nothing", () => {
    const fake = new FakeStream();
    fake.stream.sweep();
    expect(fake.alarms).toEqual([]);
  });

  test("The grace is configured", () => {
    const fake = new FakeStream({ AUTH_GRACE_S: 0 });
    const owner = fake.member("anna", { produces: ["*"] }, { endsInMs: 1000 });
    fake.nowMs += 1000;
    owner.send({ type: "note" });
    expect(owner.socket.closedWith?.code).toBe(4401);
  });

  test("A key, which has no end, asks for no alarm but that which looks whether it is still there", () => {
    const fake = new FakeStream();
    fake.join("anna", { endsInMs: "never" });
    fake.join("anna", { endsInMs: "never", hop: "bridged" });
    expect(fake.alarms).toEqual([fake.nowMs + 120_000]);
  });

  test("A key, which has no end, outlives every sweep and goes on sending", () => {
    const { fake, consumer } = start();
    const principal = service("robot", { operations: ["read", "write"], streams: ["*"] });
    const key = fake.member("robot", { produces: ["note"] }, { endsInMs: "never", principal });
    const reader = fake.member("robot", { consumes: ["note"] }, { endsInMs: "never", principal });
    fake.sleepAndWake();
    fake.nowMs += 100 * 365 * 24 * 3_600_000;
    fake.stream.sweep();
    key.send({ type: "note" });
    expect(reader.socket.ofType("note")).toHaveLength(1);
    expect(consumer.socket.closedWith?.code).toBe(4401);
  });
});
