// An alarm that rings an hour late: what it would have ended is over all the same, and what it does it does once.
import { setImmediate } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { FakeStream } from "../../support/fake-stream.ts";
import { service } from "../../support/members.ts";

const HOUR_MS = 3_600_000;
const GRAIN_MS = 5000;
const KEY = service("key", { operations: ["read"], streams: ["*"] });

/** A stream whose owner's session has no end within the tests, and what rings an hour after it should. */
function start(variables = {}) {
  const fake = new FakeStream(variables);
  const camera = fake.join("anna", { endsInMs: 100 * HOUR_MS });
  camera.register({ produces: ["*"], consumes: [] });
  camera.socket.forgetSent();
  const ringLate = (): void => {
    fake.nowMs = Number(fake.alarmAtMs) + HOUR_MS;
    fake.stream.sweep();
  };
  return { fake, camera, ringLate };
}

describe("before an alarm that is an hour late", () => {
  test("a session that is over is ended by the next message to it, of it, or about others", () => {
    const { fake, camera } = start();
    const brief = { endsInMs: 1000 };
    const consumer = fake.member("anna", { consumes: ["note"] }, brief);
    const sender = fake.member("anna", { produces: ["chat"] }, brief);
    const watcher = fake.member("anna", { consumes: ["presence"] }, brief);
    fake.nowMs += HOUR_MS;
    camera.send({ type: "note" });
    sender.send({ type: "chat" });
    for (const { socket } of [consumer, sender, watcher]) {
      expect([socket.errorCodes, socket.closedWith?.code]).toEqual([["TOKEN_EXPIRED"], 4401]);
      expect([socket.ofType("note"), socket.ofType("chat")]).toEqual([[], []]);
    }
  });

  test("a frame that waited for room is not sent to one whose session is over", () => {
    const { fake, camera } = start();
    const consumer = fake.member("anna", { consumes: ["video-frame"] }, { endsInMs: 1000 });
    consumer.socket.bufferedAmount = 1_000_000;
    camera.sendFrame({ type: "video-frame" });
    fake.nowMs += HOUR_MS;
    consumer.socket.bufferedAmount = 0;
    fake.timers.ring();
    expect([consumer.socket.frames, consumer.socket.errorCodes]).toEqual([[], ["TOKEN_EXPIRED"]]);
  });
});

describe("an alarm that is an hour late", () => {
  test("ends each session that is over once, and no other", () => {
    const { fake, camera, ringLate } = start();
    const over = [61_000, 120_000, HOUR_MS - 60_000].map((endsInMs) => fake.join("anna", { endsInMs }));
    const key = fake.member("svc:key", { consumes: ["*"] }, { principal: KEY, endsInMs: "never" });
    ringLate();
    fake.nowMs += GRAIN_MS;
    fake.stream.sweep();
    fake.stream.sweep();
    expect(over.map(({ socket }) => socket.errorCodes)).toEqual(over.map(() => ["TOKEN_EXPIRED"]));
    expect([camera, key].map(({ socket }) => socket.closedWith)).toEqual([undefined, undefined]);
  });

  test("finds who fell silent, and nobody who kept alive meanwhile or never did", () => {
    const { fake, ringLate, camera } = start();
    const [silent, alive] = [1, 2].map(() =>
      fake.member("svc:key", { consumes: ["*"] }, { principal: KEY, endsInMs: "never" }),
    );
    for (const seat of [silent, alive]) fake.keepalives.set(seat?.socket, fake.nowMs);
    fake.keepalives.set(alive?.socket, Number(fake.alarmAtMs) + HOUR_MS - 30_000);
    ringLate();
    expect([silent, alive, camera].map((seat) => seat?.socket.errorCodes)).toEqual([["IDLE"], [], []]);
  });

  test("sets the next one ahead of now, so that alarms do not run after each other", () => {
    const { fake, camera, ringLate } = start();
    camera.send({ type: "alert" });
    camera.sendFrame({ type: "video-frame" });
    for (let count = 0; count < 3; count += 1) {
      ringLate();
      expect(Number(fake.alarmAtMs)).toBeGreaterThan(fake.nowMs);
    }
  });

  test("stores the newest frame, once, though the look before it was late as well", () => {
    const { fake, camera, ringLate } = start();
    for (const n of [1, 2]) camera.sendFrame({ type: "video-frame", n });
    ringLate();
    expect(fake.storage.rows("SELECT DISTINCT type FROM frames")).toEqual([]);
    ringLate();
    const stored = fake.storage.rows("SELECT type, kind FROM frames");
    expect(stored).toHaveLength(2);
    const { rowsWritten } = fake.storage;
    ringLate();
    expect(fake.storage.rowsWritten).toBe(rowsWritten);
  });

  test("tells of a pause once", () => {
    const { fake, camera, ringLate } = start();
    const viewer = fake.member("svc:key", { consumes: ["alert"] }, { principal: KEY, endsInMs: "never" });
    camera.sendFrame({ type: "video-frame" });
    for (let count = 0; count < 4; count += 1) ringLate();
    expect(viewer.socket.ofType("status").map(({ status }) => status)).toEqual(["paused"]);
  });

  test("hands an alert that failed to its sink once, though it rings while the call is under way", async () => {
    const { fake, camera, ringLate } = start({ ALERT_SINKS: "PUSH", PUSH: {} });
    const calls: PromiseWithResolvers<void>[] = [];
    fake.callAlertSink = () => {
      const call = Promise.withResolvers<void>();
      calls.push(call);
      return call.promise;
    };
    camera.send({ type: "alert" });
    calls[0]?.reject(new Error("no"));
    await setImmediate();
    ringLate();
    ringLate();
    fake.stream.sweep();
    expect(calls).toHaveLength(2);
    calls[1]?.resolve();
    await setImmediate();
    ringLate();
    await setImmediate();
    expect(calls).toHaveLength(2);
  });

  test("forgets alerts by the clock, as many as one in time would have", () => {
    const { fake, camera } = start({ ALERT_RETENTION_DAYS: "1" });
    camera.send({ type: "alert", n: 1 });
    fake.nowMs += 20 * HOUR_MS;
    camera.send({ type: "alert", n: 2 });
    fake.nowMs += 5 * HOUR_MS;
    fake.stream.sweep();
    fake.stream.sweep();
    expect(fake.storage.rows("SELECT offset FROM alerts")).toEqual([{ offset: 2 }]);
  });
});
