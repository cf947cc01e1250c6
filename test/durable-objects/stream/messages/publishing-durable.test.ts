// What a durable message does: stored before anyone sees it, once, and confirmed to whoever asked.
import { expect, test } from "vitest";
import { FakeStream } from "../../../support/fake-stream.ts";

function start(variables = {}) {
  const fake = new FakeStream(variables);
  const owner = fake.owner();
  const consumer = fake.member("anna", { consumes: ["alert"] });
  const head = (): unknown => fake.storage.rows("SELECT head FROM stream")[0]?.["head"];
  return { fake, owner, consumer, head };
}

test("An alert is stored before it is sent", () => {
  const { fake, owner, consumer } = start();
  const storedAtSend: unknown[] = [];
  consumer.socket.onSend = () => storedAtSend.push(...fake.storage.rows("SELECT offset, id FROM alerts"));
  owner.send({ type: "alert", id: "a" });
  expect(storedAtSend).toEqual([{ offset: 1, id: "a" }]);
});

test("An alert is stored before it is confirmed", () => {
  const { fake, owner } = start();
  const storedAtSend: unknown[] = [];
  owner.socket.onSend = () => storedAtSend.push(...fake.storage.rows("SELECT offset, id FROM alerts"));
  owner.send({ type: "alert", id: "a", ref: 1 });
  expect(storedAtSend).toEqual([{ offset: 1, id: "a" }]);
});

test("Offsets rise by one", () => {
  const { owner, consumer } = start();
  for (const type of ["alert", "video-frame", "alert", "note", "alert"]) owner.send({ type });
  expect(consumer.socket.messages.map(({ offset }) => offset)).toEqual([1, 2, 3]);
});

test("An alert without an id gets one of its own", () => {
  const { owner, consumer } = start();
  owner.send({ type: "alert" });
  owner.send({ type: "alert" });
  const [first, second] = consumer.socket.messages.map(({ id }) => id);
  expect(first).toEqual(expect.any(String));
  expect(second).not.toBe(first);
});

test("An alert keeps the id of its sender", () => {
  const { owner, consumer } = start();
  owner.send({ type: "alert", id: "a" });
  expect(consumer.socket.messages[0]?.["id"]).toBe("a");
});

test("A member receives its own alerts where it consumes them", () => {
  const both = new FakeStream().owner({ produces: ["alert"], consumes: ["alert"] });
  both.send({ type: "alert" });
  expect(both.socket.messages).toMatchObject([{ type: "alert", offset: 1 }]);
});

test("An alert that carried `ref` is confirmed with its id, offset and epoch", () => {
  const { fake, owner } = start();
  owner.send({ type: "alert", id: "a", ref: "r1" });
  const epoch = fake.storage.rows("SELECT epoch FROM stream")[0]?.["epoch"];
  expect(owner.socket.messages).toEqual([{ type: "success", message: "Stored", ref: "r1", id: "a", offset: 1, epoch }]);
});

test("An alert without `ref` is not confirmed", () => {
  const { owner } = start();
  owner.send({ type: "alert" });
  expect(owner.socket.sent).toEqual([]);
});

test("A duplicate is answered with the offset that it had", () => {
  const { owner } = start();
  owner.send({ type: "alert", id: "a" });
  owner.send({ type: "alert", id: "b" });
  owner.send({ type: "alert", id: "a", ref: 1 });
  expect(owner.socket.messages).toMatchObject([{ type: "success", ref: 1, id: "a", offset: 1, duplicate: true }]);
});

test("A duplicate is not sent again", () => {
  const { owner, consumer } = start();
  for (const ref of [1, 2, 3]) owner.send({ type: "alert", id: "a", ref });
  expect(consumer.socket.messages.map(({ offset }) => offset)).toEqual([1]);
});

test("A duplicate takes no offset", () => {
  const { owner, consumer } = start();
  for (const id of ["a", "a", "b"]) owner.send({ type: "alert", id });
  expect(consumer.socket.messages.map(({ offset }) => offset)).toEqual([1, 2]);
});

test("A duplicate is known after a restart", () => {
  const { fake, owner, consumer } = start();
  owner.send({ type: "alert", id: "a" });
  fake.sleepAndWake();
  owner.send({ type: "alert", id: "a", ref: 1 });
  expect(owner.socket.messages).toMatchObject([{ offset: 1, duplicate: true }]);
  expect(consumer.socket.sent).toHaveLength(1);
});

test("Another body under the same id is a conflict, and is not sent", () => {
  const { owner, consumer } = start();
  owner.send({ type: "alert", id: "a" });
  owner.send({ type: "alert", id: "a", severity: "high", ref: 1 });
  expect(owner.socket.messages).toMatchObject([{ type: "error", code: "CONFLICT", ref: 1 }]);
  expect(consumer.socket.sent).toHaveLength(1);
});

test("A conflict leaves the connection open", () => {
  const { owner } = start();
  owner.send({ type: "alert", id: "a" });
  owner.send({ type: "alert", id: "a", severity: "high" });
  expect(owner.socket.closedWith).toBeUndefined();
});

test.each(["", "x".repeat(129), 5, null, true, ["a"]])("An alert with the id %j is a bad message", (id) => {
  const { owner, consumer } = start();
  owner.send({ type: "alert", id, ref: 1 });
  expect(owner.socket.messages).toMatchObject([{ code: "BAD_MESSAGE", ref: 1 }]);
  expect(consumer.socket.sent).toEqual([]);
});

test("An id may be 128 characters long", () => {
  const { owner, consumer } = start();
  owner.send({ type: "alert", id: "x".repeat(128) });
  expect(consumer.socket.messages).toMatchObject([{ id: "x".repeat(128), offset: 1 }]);
});

test("A binary alert is a bad message, and nothing is stored", () => {
  const { owner, head } = start();
  owner.sendFrame({ type: "alert", ref: 1 });
  expect(owner.socket.messages).toMatchObject([{ code: "BAD_MESSAGE", ref: 1 }]);
  expect(head()).toBe(0);
});

test("An alert that cannot be stored is neither sent nor confirmed", () => {
  const { fake, owner, consumer } = start();
  fake.storage.refuseAlerts();
  expect(() => owner.send({ type: "alert", ref: 1 })).toThrow("disk full");
  expect([...owner.socket.sent, ...consumer.socket.sent]).toEqual([]);
});

test("An alert that cannot be stored leaves the head unchanged and no gap behind", () => {
  const { fake, owner, consumer, head } = start();
  owner.send({ type: "alert" });
  fake.storage.refuseAlerts();
  expect(() => owner.send({ type: "alert" })).toThrow("disk full");
  expect(head()).toBe(1);
  fake.storage.acceptAlerts();
  owner.send({ type: "alert" });
  expect(consumer.socket.messages.map(({ offset }) => offset)).toEqual([1, 2]);
});

test("Which types are durable is configured", () => {
  const { fake, owner } = start({ DURABLE_TYPES: "order" });
  owner.send({ type: "alert" });
  owner.send({ type: "order" });
  expect(fake.storage.rows("SELECT offset, type FROM alerts")).toEqual([{ offset: 1, type: "order" }]);
});

test("A frame and a live message are not stored", () => {
  const { owner, head } = start();
  owner.send({ type: "video-frame" });
  owner.send({ type: "note", id: "a" });
  expect(head()).toBe(0);
});
