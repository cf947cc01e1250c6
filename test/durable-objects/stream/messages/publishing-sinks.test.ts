// Frames that go to models, the alerts that come back, and who is told of a model in trouble.
import { beforeAll, expect, test } from "vitest";
import { microtasksDone } from "../../../support/fake-sinks.ts";
import { FakeStream } from "../../../support/fake-stream.ts";
import { installFromBase64 } from "../../../support/from-base64.ts";

// Node 24 cannot decode base64 with `Uint8Array.fromBase64`, which the runtime of the gateway has.
beforeAll(installFromBase64);

function start(variables: Record<string, unknown> = {}) {
  const fake = new FakeStream({ FRAME_SINKS: "MODEL", MODEL: {}, ...variables });
  const owner = fake.owner();
  const consumer = fake.member("anna", { consumes: ["*"] });
  const { sinks } = fake;
  /** A frame goes out, the model answers this. */
  const answer = async (value: unknown): Promise<void> => {
    const { length } = sinks.calls;
    owner.sendFrame({ type: "video-frame" });
    await sinks.callAt(length).answer(value);
  };
  return { fake, owner, consumer, sinks, answer };
}

test("A sink is told which frame of which stream it gets", () => {
  const { fake, owner, sinks } = start();
  owner.sendFrame({ type: "video-frame", timestamp: 123, contentType: "image/png" }, [7, 8]);
  const epoch = fake.storage.rows("SELECT epoch FROM stream")[0]?.["epoch"];
  expect(sinks.calls).toMatchObject([
    {
      binding: "MODEL",
      meta: { streamId: "cam-1", seq: 1, timestamp: 123, contentType: "image/png", ownerId: "anna", epoch },
      bytes: [7, 8],
    },
  ]);
});

test.each([undefined, "123", null])("A frame with the timestamp %j gets the time of its arrival", (timestamp) => {
  const { fake, owner, sinks } = start();
  owner.sendFrame({ type: "video-frame", timestamp });
  expect(sinks.callAt(0).meta.timestamp).toBe(fake.nowMs);
});

test.each([
  ["base64", "AQID", "image/jpeg"],
  ["a data: URL", "data:image/png;base64,AQID", "image/png"],
])("A frame as %s is decoded for sinks", (_what, data, contentType) => {
  const { owner, sinks } = start();
  owner.send({ type: "video-frame", data });
  expect(sinks.calls).toMatchObject([{ meta: { contentType }, bytes: [1, 2, 3] }]);
});

test("A frame as base64 is relayed as it came", () => {
  const { owner, consumer } = start();
  owner.send({ type: "video-frame", data: "data:image/png;base64,AQID" });
  expect(consumer.socket.messages).toMatchObject([{ data: "data:image/png;base64,AQID" }]);
});

test.each(["no base64!", 5, undefined])("A frame with the data %j is not sent to sinks but relayed", (data) => {
  const { owner, consumer, sinks } = start();
  owner.send({ type: "video-frame", data });
  expect(sinks.calls).toEqual([]);
  expect(consumer.socket.messages).toMatchObject([{ type: "video-frame", seq: 1 }]);
});

test("A frame that nobody consumes goes to sinks all the same", () => {
  const fake = new FakeStream({ FRAME_SINKS: "MODEL", MODEL: {} });
  fake.owner().sendFrame({ type: "video-frame" });
  expect(fake.sinks.calls).toHaveLength(1);
});

test("A frame of another type or of another stream is not given to a sink", () => {
  const types = '[{"binding":"MODEL","types":["pose"]},{"binding":"MODEL","streams":["door"]}]';
  const { owner, sinks } = start({ FRAME_SINKS: types });
  owner.sendFrame({ type: "video-frame" });
  expect(sinks.calls).toEqual([]);
});

test("Frames are relayed while a sink hangs", () => {
  const { owner, consumer, sinks } = start();
  for (let count = 0; count < 3; count += 1) owner.sendFrame({ type: "video-frame" });
  expect([consumer.socket.frames.length, sinks.calls.length]).toEqual([3, 1]);
});

test("The time limit of a call is the configured one", () => {
  const { owner, sinks } = start({ FRAME_SINK_TIMEOUT_MS: 250 });
  owner.sendFrame({ type: "video-frame" });
  expect(sinks.timerAt(0).ms).toBe(250);
});

test("An alert of a sink is published as that of a service with the name of the binding", async () => {
  const { fake, consumer, answer } = start();
  await answer([{ severity: "high", message: "smoke" }]);
  expect(consumer.socket.ofType("alert")).toEqual([
    {
      type: "alert",
      severity: "high",
      message: "smoke",
      streamId: "cam-1",
      userId: "svc:MODEL",
      senderKind: "service",
      seq: 2,
      receivedAt: fake.nowMs,
      id: expect.any(String),
      offset: 1,
      epoch: expect.any(String),
    },
  ]);
});

test("An alert of a sink is received when its call ends, not when its frame came", async () => {
  const { fake, owner, consumer, sinks } = start();
  owner.sendFrame({ type: "video-frame" });
  fake.nowMs += 1500;
  await sinks.callAt(0).answer([{}]);
  expect(consumer.socket.ofType("alert")).toMatchObject([{ receivedAt: fake.nowMs }]);
});

test("A sink error is told to every member that registered, whatever it consumes", async () => {
  const { fake, owner, answer } = start();
  const idle = fake.member("anna", {});
  const unregistered = fake.join("anna");
  await answer("nonsense");
  expect([owner, idle].map(({ socket }) => socket.ofType("status").length)).toEqual([1, 1]);
  expect(unregistered.socket.sent).toEqual([]);
});

test("A sink that throws is told without its own words", async () => {
  const { owner, consumer, sinks } = start();
  owner.sendFrame({ type: "video-frame" });
  await sinks.callAt(0).fail();
  expect(consumer.socket.ofType("status")).toMatchObject([{ status: "sink-error", sink: "MODEL", reason: "failed" }]);
  expect(consumer.socket.texts.join()).not.toContain("the sink threw");
});

test("A sink that hangs is told once its time is over", async () => {
  const { owner, consumer, sinks } = start();
  owner.sendFrame({ type: "video-frame" });
  await sinks.timerAt(0).ring();
  expect(consumer.socket.ofType("status")).toMatchObject([{ status: "sink-error", reason: "timeout" }]);
});

test("A member whose session is over is closed instead of being told of a sink error", async () => {
  const { fake, consumer, answer } = start();
  const brief = fake.member("anna", {}, { endsInMs: 1000 });
  fake.nowMs += 31_000;
  await answer("nonsense");
  expect(brief.socket.ofType("status")).toEqual([]);
  expect(brief.socket.closedWith).toEqual({ code: 4401, reason: "TOKEN_EXPIRED" });
  expect(consumer.socket.ofType("status")).toHaveLength(1);
});

test("A frame that cannot be decoded does not heal a sink", async () => {
  const { owner, consumer, answer } = start();
  await answer("bad");
  owner.send({ type: "video-frame", data: "no base64!" });
  await microtasksDone();
  await answer("bad");
  expect(consumer.socket.ofType("status")).toHaveLength(1);
});

test("Trouble is told once until the sink is well again", async () => {
  const { consumer, answer } = start();
  for (const value of ["bad", "bad", [], "bad"]) await answer(value);
  expect(consumer.socket.ofType("status")).toHaveLength(2);
});
