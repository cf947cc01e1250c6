// Whether frames flow, told to every member: that they paused, that they came again, and nothing in between.
import { expect, test } from "vitest";
import { FakeStream, type Seat } from "../../../support/fake-stream.ts";
import { user } from "../../../support/members.ts";

function start() {
  const fake = new FakeStream();
  const camera = fake.owner();
  const viewer = fake.member("anna", { consumes: ["alert"] });
  return { fake, camera, viewer };
}

const told = ({ socket }: Seat): readonly unknown[] => socket.ofType("status").map(({ status }) => status);

function quiet(fake: FakeStream): void {
  for (let count = 0; count < 3; count += 1) {
    fake.nowMs += 5000;
    fake.stream.sweep();
  }
}

test("The first frames of a stream are news to nobody", () => {
  const { camera, viewer } = start();
  for (let count = 0; count < 5; count += 1) camera.sendFrame({ type: "video-frame" });
  expect(told(viewer)).toEqual([]);
});

test("A camera that pauses is told of once, to every member whatever it consumes, and so is its return", () => {
  const { fake, camera, viewer } = start();
  camera.sendFrame({ type: "video-frame" });
  quiet(fake);
  quiet(fake);
  camera.sendFrame({ type: "video-frame" });
  camera.sendFrame({ type: "video-frame" });
  expect(told(viewer)).toEqual(["paused", "resumed"]);
  expect(viewer.socket.ofType("status")[0]).toMatchObject({ origin: "gateway", streamId: "cam-1" });
});

test("Frames of one type that go on keep the stream from having paused", () => {
  const { fake, camera, viewer } = start();
  camera.sendFrame({ type: "video-frame" });
  for (let count = 0; count < 6; count += 1) {
    fake.nowMs += 5000;
    camera.sendFrame({ type: "audio-frame" });
    fake.stream.sweep();
  }
  expect(told(viewer)).toEqual([]);
});

test("The last camera that leaves pauses the stream at once", () => {
  const { fake, camera, viewer } = start();
  const other = fake.member(
    "anna",
    { produces: ["audio-frame"] },
    { principal: { kind: "user", userId: "anna", sessionId: "other" } },
  );
  camera.sendFrame({ type: "video-frame" });
  camera.leave();
  expect(told(viewer)).toEqual([]);
  other.leave();
  expect(told(viewer)).toEqual(["paused"]);
});

test("A viewer that leaves pauses nothing, also where frames come from a program that is no member", () => {
  const { fake, camera, viewer } = start();
  camera.leave();
  fake.post(user("anna"), { type: "video-frame" });
  fake.member("anna", { consumes: ["*"] }).leave();
  expect(told(viewer)).toEqual([]);
});

test("A stream that slept while it was paused says that frames come again", () => {
  const { fake, camera, viewer } = start();
  camera.sendFrame({ type: "video-frame" });
  quiet(fake);
  fake.sleepAndWake();
  camera.sendFrame({ type: "video-frame" });
  expect(told(viewer)).toEqual(["paused", "resumed"]);
});

test("A stream that slept while it was paused is not told of the pause again", () => {
  const { fake, camera, viewer } = start();
  camera.sendFrame({ type: "video-frame" });
  quiet(fake);
  fake.sleepAndWake();
  quiet(fake);
  expect(told(viewer)).toEqual(["paused"]);
});

test("The first frames of a stream are news to nobody either where one of the same name was deleted in a pause", () => {
  const { fake, camera } = start();
  camera.sendFrame({ type: "video-frame" });
  quiet(fake);
  fake.erase();
  const next = fake.owner(undefined, "bob");
  const viewer = fake.member("bob", { consumes: ["alert"] });
  next.sendFrame({ type: "video-frame" });
  expect(told(viewer)).toEqual([]);
});
