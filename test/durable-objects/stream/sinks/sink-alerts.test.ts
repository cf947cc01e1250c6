// What a model may return as an alert: its limits, its stamps, and what is refused.
import { expect, test } from "vitest";
import { FakeStream } from "../../../support/fake-stream.ts";
import { user } from "../../../support/members.ts";

function start(variables: Record<string, unknown> = {}) {
  const fake = new FakeStream({ FRAME_SINKS: "MODEL", MODEL: {}, ...variables });
  const owner = fake.owner();
  const consumer = fake.member("anna", { consumes: ["*"] });
  /** A frame goes out, the model answers this; the frame itself is of no interest. */
  const answer = async (value: unknown): Promise<void> => {
    const { length } = fake.sinks.calls;
    owner.sendFrame({ type: "video-frame" });
    await fake.sinks.callAt(length).answer(value);
  };
  return { fake, owner, consumer, answer };
}

const EMPTY_ALERT = '{"type":"alert","message":""}';

/** The message of an alert of exactly so many bytes, made of characters of so many. */
function messageFor(bytes: number, character: string): string {
  const size = Buffer.byteLength(character);
  const room = bytes - EMPTY_ALERT.length;
  return character.repeat(Math.floor(room / size)) + "x".repeat(room % size);
}

test("A sink's own stamps are removed and ours stand once", async () => {
  const { consumer, answer } = start();
  await answer([{ userId: "bob", senderKind: "user", offset: 99, epoch: "e", seq: 0, origin: "gateway" }]);
  const text = String(consumer.socket.texts.at(-1));
  expect(JSON.parse(text)).toMatchObject({ userId: "svc:MODEL", senderKind: "service", offset: 1, seq: 2 });
  for (const name of ["userId", "senderKind", "offset", "epoch", "seq"]) {
    expect(text.split(`"${name}":`)).toHaveLength(2);
  }
  expect(JSON.parse(text)).not.toHaveProperty("origin");
});

test("The same id twice from a sink is sent once, and is no trouble", async () => {
  const { consumer, answer } = start();
  await answer([{ id: "a" }, { id: "a" }]);
  expect(consumer.socket.ofType("alert")).toMatchObject([{ id: "a", offset: 1 }]);
  expect(consumer.socket.ofType("status")).toEqual([]);
});

test("A sink may use an id that a user used for something else", async () => {
  const { owner, consumer, answer } = start();
  owner.send({ type: "alert", id: "a", message: "mine" });
  await answer([{ id: "a", message: "the model's" }]);
  expect(consumer.socket.ofType("alert").map(({ userId, id, offset }) => [userId, id, offset])).toEqual([
    ["anna", "a", 1],
    ["svc:MODEL", "a", 2],
  ]);
});

test("A durable type beside `alert` may be named", async () => {
  const { consumer, answer } = start({ DURABLE_TYPES: "alert,order" });
  await answer([{ type: "order" }]);
  expect(consumer.socket.ofType("order")).toMatchObject([{ offset: 1 }]);
});

test.each(["x", "ü", "警", "🎥"])("An alert may have as many bytes as a message, written in %s", async (character) => {
  const { consumer, answer } = start({ MAX_MESSAGE_BYTES: 2048 });
  await answer([2048, 2049].map((bytes) => ({ message: messageFor(bytes, character) })));
  expect(consumer.socket.ofType("alert")).toMatchObject([{ message: messageFor(2048, character) }]);
});

const loop: Record<string, unknown> = {};
loop["self"] = loop;

test.each([
  ["of a type that is not durable", { type: "note" }],
  ["of a type that is a frame", { type: "video-frame" }],
  ["of a control word", { type: "success" }],
  ["whose type is not a text", { type: 5 }],
  ["that is too large", { message: "x".repeat(2048) }],
  ["that is too large in UTF-8, though short in characters", { message: "警".repeat(700) }],
  ["whose id is too long", { id: "x".repeat(129) }],
  ["whose id is not a text", { id: 5 }],
  ["that holds itself", loop],
  ["that holds a number which JSON does not know", { count: 1n }],
  ["that turns itself into a text", { toJSON: () => "smoke" }],
  ["that turns itself into a list", { toJSON: () => [{ message: "smoke" }] }],
  ["that turns itself into null", { toJSON: () => null }],
  ["that turns itself into nothing", { toJSON: () => undefined }],
  ["that turns itself into an object without fields", { toJSON: () => ({}) }],
  ["that throws when it is turned into JSON", { toJSON: () => JSON.parse("{") as unknown }],
  ["that is a text", "smoke"],
  ["that is a list", [{ message: "smoke" }]],
  ["that is null", null],
])("An alert %s is not published but told as a sink error", async (_what, alert) => {
  const { consumer, answer } = start({ MAX_MESSAGE_BYTES: 2048 });
  await answer([alert]);
  expect(consumer.socket.messages).toEqual([
    {
      type: "status",
      status: "sink-error",
      sink: "MODEL",
      reason: "invalid-alert",
      origin: "gateway",
      streamId: "cam-1",
    },
  ]);
});

test("What turned itself into something else leaves nothing in the log", async () => {
  const { fake, answer } = start();
  await answer([{ toJSON: () => "smoke" }, { toJSON: () => [1] }, { toJSON: () => 5 }, { message: "fire" }]);
  expect(fake.storage.rows("SELECT offset, fields FROM alerts")).toEqual([
    { offset: 1, fields: '{"type":"alert","message":"fire"}' },
  ]);
});

test("Beside what turned itself into something else the log is replayed as valid JSON", async () => {
  const { fake, answer } = start();
  await answer([{ toJSON: () => "smoke" }, { message: "fire" }]);
  const seat = fake.join("anna");
  seat.register({ consumes: ["alert"], resume: { epoch: "", offset: 0 } });
  expect(seat.socket.ofType("alert")).toMatchObject([{ message: "fire", userId: "svc:MODEL" }]);
});

test("Two bodies under one id are a sink error, and the first stands", async () => {
  const { consumer, answer } = start();
  await answer([
    { id: "a", n: 1 },
    { id: "a", n: 2 },
  ]);
  expect(consumer.socket.ofType("alert")).toMatchObject([{ n: 1, offset: 1 }]);
  expect(consumer.socket.ofType("status")).toMatchObject([{ reason: "invalid-alert" }]);
});

test("An alert that cannot be stored is a sink error, and is not sent", async () => {
  const { fake, consumer, answer } = start();
  fake.storage.refuseAlerts();
  await answer([{}]);
  expect(consumer.socket.messages).toMatchObject([{ type: "status", reason: "failed" }]);
});

test("An object that says itself what its JSON is stays out of the log", async () => {
  const { fake, answer } = start();
  await answer([{ toJSON: () => ({ type: "alert", userId: "eve", seq: 0 }) }]);
  expect(fake.storage.rows("SELECT * FROM alerts")).toEqual([]);
});

test("An alert about a frame of a deleted stream does not reach its next owner", async () => {
  const { fake, owner } = start();
  owner.sendFrame({ type: "video-frame" });
  owner.sendFrame({ type: "video-frame" });
  await fake.stream.managing.erase(user("anna"), "cam-1");
  const next = fake.member("bob", { produces: ["video-frame"], consumes: ["*"] });
  await fake.sinks.callAt(0).answer([{ message: "about the first owner" }]);
  expect(next.socket.ofType("alert")).toEqual([]);
  expect(next.socket.ofType("status")).toEqual([]);
  expect(fake.sinks.calls).toHaveLength(1);
});
