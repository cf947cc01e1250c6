// What a consumer that is behind missed of a type: counted while the object is awake, told with the next message.
import { expect, test } from "vitest";
import { FakeStream } from "../../../support/fake-stream.ts";

const MUCH = 1024 * 1024;

function start(variables = {}) {
  const fake = new FakeStream(variables);
  const owner = fake.owner();
  const consumer = fake.member("anna", { consumes: ["*"] });
  return { fake, owner, consumer };
}

test("What a consumer missed is counted and told once", () => {
  const { owner, consumer } = start();
  consumer.socket.bufferedAmount = MUCH;
  for (let count = 0; count < 4; count += 1) owner.send({ type: "video-frame" });
  consumer.socket.bufferedAmount = 0;
  for (let count = 0; count < 2; count += 1) owner.send({ type: "video-frame" });
  expect(consumer.socket.messages.map(({ dropped }) => dropped)).toEqual([4, 0]);
});

test("What one consumer missed is not told to another", () => {
  const { fake, owner, consumer } = start();
  const quick = fake.member("anna", { consumes: ["video-frame"] });
  consumer.socket.bufferedAmount = MUCH;
  owner.send({ type: "video-frame" });
  consumer.socket.bufferedAmount = 0;
  owner.send({ type: "video-frame" });
  expect(quick.socket.messages.map(({ dropped }) => dropped)).toEqual([0, 0]);
  expect(consumer.socket.messages.map(({ dropped }) => dropped)).toEqual([1]);
});

test("After a wake `dropped` is omitted once", () => {
  const { fake, owner, consumer } = start();
  owner.send({ type: "video-frame" });
  fake.sleepAndWake();
  for (let count = 0; count < 2; count += 1) owner.send({ type: "video-frame" });
  expect(consumer.socket.messages.map(({ dropped }) => dropped)).toEqual([0, undefined, 0]);
});

test("After a wake a frame that gave way leaves `dropped` unknown, and it is omitted with the next one", () => {
  const { fake, owner, consumer } = start();
  fake.sleepAndWake();
  consumer.socket.bufferedAmount = MUCH;
  owner.send({ type: "video-frame" });
  consumer.socket.bufferedAmount = 0;
  for (let count = 0; count < 2; count += 1) owner.send({ type: "video-frame" });
  expect(consumer.socket.messages.map(({ dropped }) => dropped)).toEqual([undefined, 0]);
});

test("After a wake any number of frames that gave way stays unknown", () => {
  const { fake, owner, consumer } = start();
  fake.sleepAndWake();
  consumer.socket.bufferedAmount = MUCH;
  for (let count = 0; count < 5; count += 1) owner.send({ type: "video-frame" });
  consumer.socket.bufferedAmount = 0;
  owner.sendFrame({ type: "video-frame" });
  expect(consumer.socket.frames[0]?.header).not.toHaveProperty("dropped");
});

test("After a wake one type that is known again leaves another unknown", () => {
  const { fake, owner, consumer } = start();
  fake.sleepAndWake();
  for (const type of ["video-frame", "audio-frame", "video-frame"]) owner.send({ type });
  expect(consumer.socket.messages.map(({ type, dropped }) => [type, dropped])).toEqual([
    ["video-frame", undefined],
    ["audio-frame", undefined],
    ["video-frame", 0],
  ]);
});

test("To a bridge, which counts for itself, what gave way in the object after a wake is told", () => {
  const { fake, owner } = start();
  const bridge = fake.member("anna", { consumes: ["video-frame"] }, { hop: "bridged" });
  fake.sleepAndWake();
  bridge.socket.bufferedAmount = MUCH;
  owner.send({ type: "video-frame" });
  bridge.socket.bufferedAmount = 0;
  owner.send({ type: "video-frame" });
  expect(bridge.socket.messages.map(({ dropped }) => dropped)).toEqual([1]);
});
