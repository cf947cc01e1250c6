// Sockets whose connection broke without a word: sending to them throws, and nobody else must notice.
import { expect, test } from "vitest";
import { FakeStream } from "../../../support/fake-stream.ts";

const TYPES = ["video-frame", "alert", "note"] as const;

/** A stream with a consumer that is broken, between two that are not. */
function start(variables = {}) {
  const fake = new FakeStream(variables);
  const owner = fake.owner();
  const join = () => fake.member("anna", { consumes: ["*"] });
  const [before, broken, after] = [join(), join(), join()];
  broken.socket.broken = true;
  return { fake, owner, before, broken, after };
}

test.each(TYPES)("A %s reaches the consumers before and after one whose socket throws", (type) => {
  const { owner, before, after } = start();
  owner.send({ type });
  expect([before, after].map(({ socket }) => socket.ofType(type).length)).toEqual([1, 1]);
});

test.each(TYPES)("Who sent a %s is told nothing of a consumer whose socket throws", (type) => {
  const { owner } = start();
  owner.send({ type });
  expect([owner.socket.sent, owner.socket.closedWith]).toEqual([[], undefined]);
});

test("A binary frame reaches the others too", () => {
  const { owner, before, after } = start();
  owner.sendFrame({ type: "video-frame" });
  expect([before, after].map(({ socket }) => socket.frames.length)).toEqual([1, 1]);
});

test("A socket that threw is forgotten, and gets nothing more", () => {
  const { owner, broken } = start();
  owner.send({ type: "note" });
  broken.socket.broken = false;
  for (const type of TYPES) owner.send({ type });
  expect(broken.socket.sent).toEqual([]);
});

test("What a socket that threw still sends is ignored", () => {
  const { fake, owner, after } = start();
  const broken = fake.member("anna", { produces: ["note"], consumes: ["note"] });
  broken.socket.broken = true;
  owner.send({ type: "note", n: 1 });
  broken.send({ type: "note", n: 2 });
  expect(after.socket.messages.map(({ n }) => n)).toEqual([1]);
});

test("A socket that threw does not fill the stream", () => {
  const { fake, owner } = start({ MAX_MEMBERS_PER_STREAM: 4 });
  expect(fake.stream.entering.admission(fake.handoff("anna"))).toBe("STREAM_FULL");
  owner.send({ type: "note" });
  expect(fake.stream.entering.admission(fake.handoff("anna"))).toBeUndefined();
});

test("A socket that threw may be told gone afterwards", () => {
  const { owner, broken, after } = start();
  owner.send({ type: "note" });
  broken.leave();
  owner.send({ type: "note" });
  expect(after.socket.ofType("note")).toHaveLength(2);
});

test("An alert is stored though a consumer's socket throws", () => {
  const { fake, owner } = start();
  owner.send({ type: "alert" });
  expect(fake.storage.rows("SELECT offset FROM alerts")).toEqual([{ offset: 1 }]);
});

test("An answer to a socket that throws is lost, and what was asked is done", () => {
  const { fake, owner, after } = start();
  owner.socket.broken = true;
  expect(() => owner.send({ type: "alert", ref: 1 })).not.toThrow();
  expect(after.socket.ofType("alert")).toHaveLength(1);
  owner.socket.broken = false;
  owner.send({ type: "alert" });
  expect(fake.storage.rows("SELECT offset FROM alerts")).toHaveLength(1);
});

test("A notice reaches the others though a member's socket throws", async () => {
  const { fake, owner, before, after } = start({ FRAME_SINKS: "MODEL", MODEL: {} });
  const broken = fake.member("anna", {});
  const last = fake.member("anna", {});
  broken.socket.broken = true;
  owner.sendFrame({ type: "video-frame" });
  await fake.sinks.callAt(0).fail();
  expect([before, after, last].map(({ socket }) => socket.ofType("status").length)).toEqual([1, 1, 1]);
});

test("A message reaches the others though a consumer is broken whose session is over", () => {
  const fake = new FakeStream();
  const owner = fake.owner();
  const broken = fake.member("anna", { consumes: ["*"] }, { endsInMs: 1000 });
  const after = fake.member("anna", { consumes: ["*"] });
  broken.socket.broken = true;
  fake.nowMs += 31_000;
  owner.send({ type: "note" });
  expect(after.socket.ofType("note")).toHaveLength(1);
});

test("A message reaches the others though a consumer is broken that is too slow", () => {
  const fake = new FakeStream({ CONSUMER_BUFFER_BYTES: 1024 });
  const owner = fake.owner();
  const broken = fake.member("anna", { consumes: ["*"] });
  const after = fake.member("anna", { consumes: ["*"] });
  broken.socket.broken = true;
  broken.socket.bufferedAmount = 1024;
  owner.send({ type: "note" });
  expect(after.socket.ofType("note")).toHaveLength(1);
});

test("A sweep ends the other sessions that are over though a socket throws", () => {
  const fake = new FakeStream();
  const [broken, after] = [fake.join("anna", { endsInMs: 1000 }), fake.join("anna", { endsInMs: 1000 })];
  broken.socket.broken = true;
  fake.nowMs += 31_000;
  fake.stream.sweep();
  expect(after.socket.closedWith?.code).toBe(4401);
});

test("A stream wakes though a socket that it lets go throws", () => {
  const fake = new FakeStream();
  const owner = fake.owner();
  const broken = fake.join("anna");
  const after = fake.member("anna", { consumes: ["*"] });
  broken.socket.serializeAttachment("unreadable");
  broken.socket.broken = true;
  fake.sleepAndWake();
  owner.send({ type: "note" });
  expect(after.socket.ofType("note")).toHaveLength(1);
});
