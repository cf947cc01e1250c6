// A clock that steps, back or ahead, by an hour: nobody is closed for it, and nothing waits for the time that it took back.
import { beforeAll, describe, expect, test } from "vitest";
import { microtasksDone } from "../../support/fake-sinks.ts";
import { FakeStream, type Seat } from "../../support/fake-stream.ts";
import { installFromBase64 } from "../../support/from-base64.ts";
import { service, user } from "../../support/members.ts";

// Node 24 cannot decode base64 with `Uint8Array.fromBase64`, which the runtime of the gateway has.
beforeAll(installFromBase64);

const HOUR_MS = 3_600_000;
const STALL_MS = 30_000;
const IDLE_MS = 120_000;
const GRAIN_MS = 5000;

/** A stream with a member of each kind that some time decides about. */
function start(variables = {}) {
  const fake = new FakeStream(variables);
  const camera = fake.owner({ produces: ["*"], consumes: [] });
  const key = service("key", { operations: ["read"], streams: ["*"] });
  const quiet = fake.member("svc:key", { consumes: ["*"] }, { principal: key, endsInMs: "never" });
  const alive = fake.member("anna", { consumes: ["alert"] }, { endsInMs: 3 * HOUR_MS });
  const batched = fake.member("anna", { consumes: ["*"], batch: true });
  const behind = fake.member("anna", { consumes: ["video-frame"] });
  fake.keepalives.set(alive.socket, fake.nowMs);
  return { fake, camera, quiet, alive, batched, behind, all: [camera, quiet, alive, batched, behind] };
}

/** Time goes by in a second's steps, with whatever rings on the way. */
function pass(fake: FakeStream, ms: number, eachSecond: () => void = () => undefined): void {
  for (const untilMs = fake.nowMs + ms; fake.nowMs < untilMs;) {
    fake.nowMs += 1000;
    eachSecond();
    fake.timers.ring();
    if (fake.alarmAtMs !== undefined && fake.nowMs >= fake.alarmAtMs) fake.stream.sweep();
  }
}

const closedOf = (seats: readonly Seat[]): readonly unknown[] => seats.flatMap(({ socket }) => socket.errorCodes);

describe("a clock that steps back by an hour", () => {
  test("closes nobody, and messages of each lane go on", () => {
    const { fake, camera, quiet, batched, all } = start();
    camera.sendFrame({ type: "video-frame" });
    fake.nowMs -= HOUR_MS;
    for (let second = 0; second < 120; second += 1) {
      for (const type of ["video-frame", "alert", "note"]) camera.send({ type, second });
      pass(fake, 1000);
    }
    expect(all.filter(({ socket }) => socket.closedWith !== undefined)).toEqual([]);
    for (const type of ["video-frame", "alert", "note"]) expect(quiet.socket.ofType(type)).toHaveLength(120);
    expect(batched.socket.texts.join("\n").match(/"second":119/g)).toHaveLength(3);
  });

  test("gives a session as much more, and ends it when the clock says so", () => {
    const { fake, camera } = start();
    fake.nowMs -= HOUR_MS;
    fake.nowMs += HOUR_MS + 29_000;
    camera.send({ type: "note" });
    expect(camera.socket.errorCodes).toEqual([]);
    fake.nowMs += HOUR_MS + 2000;
    camera.send({ type: "note" });
    expect(camera.socket.errorCodes).toEqual(["TOKEN_EXPIRED"]);
  });

  test("closes nobody who keeps alive, whatever its keepalives of before said", () => {
    const { fake, alive } = start();
    fake.nowMs -= HOUR_MS;
    for (let count = 0; count < 20; count += 1) {
      pass(fake, 25_000);
      fake.keepalives.set(alive.socket, fake.nowMs);
    }
    expect(alive.socket.errorCodes).toEqual([]);
  });

  // What is stuck since a time that is still to come would be stuck for less than nothing.
  test("lets nobody stall for longer than the time", () => {
    const { fake, camera, behind } = start();
    behind.socket.stalled = true;
    camera.sendFrame({ type: "video-frame" });
    pass(fake, 2000);
    fake.nowMs -= HOUR_MS;
    pass(fake, STALL_MS + 2000);
    expect(behind.socket.errorCodes).toEqual(["SLOW_CONSUMER"]);
  });

  // While a frame waits for one, all are looked at only where the last look at all is long ago.
  test("lets nobody stall for longer than the time while a frame waits for another", () => {
    const { fake, camera, behind, quiet } = start();
    behind.socket.stalled = true;
    camera.sendFrame({ type: "video-frame" });
    quiet.socket.bufferedAmount = 1_000_000;
    pass(fake, 2000);
    fake.nowMs -= HOUR_MS;
    pass(fake, STALL_MS + 3000, () => {
      quiet.socket.bufferedAmount -= 1; // it reads, and is no case for a close
      camera.sendFrame({ type: "video-frame" });
    });
    expect([behind.socket.errorCodes, quiet.socket.errorCodes]).toEqual([["SLOW_CONSUMER"], []]);
  });

  // Errors of a time that is still to come would be within the last ten seconds for an hour.
  test("does not take an error after minutes for one more of a flood", () => {
    const { fake, camera } = start();
    for (let count = 0; count < 9; count += 1) camera.send("no JSON");
    fake.nowMs -= HOUR_MS;
    fake.nowMs += 600_000;
    camera.send("no JSON");
    expect(camera.socket.closedWith).toBeUndefined();
  });

  // A model that rests until a time that the clock has taken back would rest for an hour more.
  test("lets no model rest for longer than a minute", async () => {
    const { fake, camera } = start({ FRAME_SINKS: "MODEL", MODEL: {} });
    for (let count = 0; count < 5; count += 1) {
      camera.sendFrame({ type: "video-frame" });
      await fake.sinks.callAt(count).fail();
    }
    fake.nowMs -= HOUR_MS;
    fake.nowMs += 61_000;
    camera.sendFrame({ type: "video-frame" });
    await microtasksDone();
    expect(fake.sinks.calls).toHaveLength(6);
  });

  // Its retry stands in the table with the time of before, ten minutes ahead at most as the clock was.
  test("lets no alert wait for longer than ten minutes for a sink that failed", async () => {
    const { fake, camera } = start({ ALERT_SINKS: "PUSH", PUSH: {} });
    let calls = 0;
    fake.callAlertSink = () => ((calls += 1), calls === 1 ? Promise.reject(new Error("no")) : Promise.resolve());
    camera.send({ type: "alert" });
    await microtasksDone();
    fake.nowMs -= HOUR_MS;
    fake.nowMs += 600_000;
    fake.stream.sweep();
    await microtasksDone();
    expect(calls).toBe(2);
  });

  // The look at a frame is asked for once for each pause, by the clock of then.
  test("does not keep the newest frame from being written down, nor the pause from being told", () => {
    const { fake, camera, quiet } = start();
    camera.sendFrame({ type: "video-frame" });
    fake.nowMs -= HOUR_MS;
    camera.sendFrame({ type: "video-frame" });
    pass(fake, 4 * GRAIN_MS);
    expect(fake.storage.rows("SELECT DISTINCT type FROM frames")).toHaveLength(1);
    expect(quiet.socket.ofType("status")).toMatchObject([{ status: "paused" }]);
  });
});

describe("a clock that steps ahead by an hour", () => {
  test("ends sessions, and closes nobody as too slow for whom nothing waited", () => {
    const { fake, camera, quiet, behind, alive } = start();
    for (const type of ["video-frame", "alert", "note"]) camera.send({ type });
    pass(fake, 2000);
    fake.nowMs += HOUR_MS + STALL_MS;
    fake.keepalives.set(alive.socket, fake.nowMs);
    fake.timers.ring();
    fake.stream.sweep();
    expect([camera, behind].map(({ socket }) => socket.errorCodes)).toEqual([["TOKEN_EXPIRED"], ["TOKEN_EXPIRED"]]);
    expect([quiet, alive].map(({ socket }) => socket.errorCodes)).toEqual([[], []]);
  });

  test("does not call one stalled who has read a part meanwhile", () => {
    const { fake, quiet, alive } = start();
    const raise = () => fake.post(user("anna"), { message: "x" });
    for (const { socket } of [quiet, alive]) socket.stalled = true;
    raise();
    pass(fake, 2000);
    fake.nowMs += HOUR_MS;
    for (const { socket } of [quiet, alive]) socket.bufferedAmount -= 1;
    fake.timers.ring();
    expect(closedOf([quiet, alive])).toEqual([]);
  });

  test("lets a member send as much as after any pause, and not an hour's worth", () => {
    const { fake, camera } = start({ MAX_MESSAGES_PER_S: "10" });
    const key = fake.member("anna", { produces: ["note"] }, { endsInMs: 3 * HOUR_MS });
    fake.nowMs += HOUR_MS;
    for (let count = 0; count < 21; count += 1) key.send({ type: "note" });
    expect([key.socket.errorCodes, camera.socket.errorCodes]).toEqual([["RATE_LIMITED"], []]);
  });

  test("and back again leaves those who keep alive where they are", () => {
    const { fake, alive, quiet } = start();
    fake.nowMs += IDLE_MS / 2;
    fake.nowMs -= IDLE_MS / 2;
    pass(fake, IDLE_MS - 1000);
    expect(closedOf([alive, quiet])).toEqual([]);
  });
});
