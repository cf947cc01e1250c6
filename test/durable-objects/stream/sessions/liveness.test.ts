// A member that used to send keepalives and falls silent is gone; one that never sent any is not judged by silence.
import { describe, expect, test } from "vitest";
import { FakeStream, type Seat } from "../../../support/fake-stream.ts";

const IDLE_MS = 120_000;

/** A stream that somebody owns, without anybody in it but those that a test brings. */
function start(): FakeStream {
  const fake = new FakeStream();
  fake.owner().leave();
  return fake;
}

/** Lets time pass, with every alarm that rings meanwhile; how many did. */
function pass(fake: FakeStream, ms: number, each: () => void = () => {}): number {
  const endMs = fake.nowMs + ms;
  let alarms = 0;
  for (;;) {
    const alarmMs = fake.alarms.at(-1);
    if (alarmMs === undefined || alarmMs > endMs || alarmMs < fake.nowMs) break;
    fake.nowMs = alarmMs;
    each();
    fake.stream.sweep();
    alarms += 1;
  }
  fake.nowMs = endMs;
  return alarms;
}

const keepAlive = (fake: FakeStream, seat: Seat): void => void fake.keepalives.set(seat.socket, fake.nowMs);
const codes = ({ socket }: Seat): readonly unknown[] => socket.errorCodes;

describe("a member that sent the keepalive once", () => {
  test("is closed with IDLE within twice the time of its silence", () => {
    const fake = start();
    const seat = fake.member("anna", { consumes: ["*"] });
    keepAlive(fake, seat);
    pass(fake, 2 * IDLE_MS);
    expect([codes(seat), seat.socket.closedWith?.code]).toEqual([["IDLE"], 4408]);
  });

  test("is not closed before the time is over", () => {
    const fake = start();
    const seat = fake.member("anna", { consumes: ["*"] });
    pass(fake, 100_000);
    keepAlive(fake, seat);
    pass(fake, IDLE_MS - 1);
    expect(codes(seat)).toEqual([]);
  });

  test("stays as long as it goes on, and the object wakes once a time for it", () => {
    const fake = start();
    const seats = Array.from({ length: 1000 }, () => fake.member("anna", { consumes: ["*"] }));
    const alive = (): void => seats.forEach((seat) => keepAlive(fake, seat));
    alive();
    const alarms = pass(fake, 10 * IDLE_MS, alive);
    expect(seats.flatMap(codes)).toEqual([]);
    expect(alarms).toBeLessThanOrEqual(10);
    expect(alarms).toBeGreaterThanOrEqual(10);
  });

  test("stays where it sends messages instead", () => {
    const fake = start();
    const seat = fake.member("anna", { produces: ["note"] });
    keepAlive(fake, seat);
    for (let minute = 0; minute < 10; minute += 1) {
      pass(fake, 60_000);
      seat.send({ type: "note" });
    }
    expect(codes(seat)).toEqual([]);
  });

  test("stays where it sends messages and the stream sleeps after each", () => {
    const fake = start();
    const seat = fake.member("anna", { produces: ["note"] });
    keepAlive(fake, seat);
    for (let minute = 0; minute < 10; minute += 1) {
      pass(fake, 60_000);
      seat.send({ type: "note" });
      fake.sleepAndWake();
    }
    expect(codes(seat)).toEqual([]);
  });

  test("is closed though others wake the stream again and again", () => {
    const fake = start();
    const silent = fake.member("anna", { consumes: ["alert"] });
    keepAlive(fake, silent);
    const camera = fake.member("anna", { produces: ["note"] });
    for (let count = 0; count < 16; count += 1) {
      pass(fake, 15_000);
      camera.send({ type: "note" });
      fake.sleepAndWake();
    }
    expect(codes(silent)).toEqual(["IDLE"]);
  });
});

test("A member that never sent a keepalive may be silent for hours", () => {
  const fake = start();
  const seat = fake.member(
    "anna",
    { consumes: ["*"] },
    {
      endsInMs: "never",
      principal: { kind: "service", userId: "svc:x", grants: { operations: ["read"], streams: ["*"] } },
    },
  );
  pass(fake, 100 * IDLE_MS);
  expect(codes(seat)).toEqual([]);
});

test("A member behind a bridge is the bridge's to watch", () => {
  const fake = start();
  const seat = fake.member("anna", { consumes: ["*"] }, { hop: "bridged" });
  keepAlive(fake, seat);
  pass(fake, 3 * IDLE_MS);
  expect(codes(seat)).toEqual([]);
});

test.each([
  ["nobody is there", undefined],
  ["all are behind a bridge", "bridged"],
] as const)("No alarm is set for silence where %s", (_where, hop) => {
  const fake = start();
  if (hop !== undefined) fake.member("anna", { consumes: ["*"] }, { hop, endsInMs: 1000 * IDLE_MS });
  // One may be set from before.
  expect(pass(fake, 10 * IDLE_MS)).toBeLessThanOrEqual(1);
});

test("Silence is noticed within twice the time, also where that is no multiple of what alarms are rounded to", () => {
  const latest = Array.from({ length: 20 }, (_, index) => {
    const fake = new FakeStream({ IDLE_TIMEOUT_S: "6" });
    const seat = fake.member("anna", { consumes: [] });
    const silentAtMs = fake.nowMs + index * 500;
    while (seat.socket.closedWith === undefined) {
      fake.keepalives.set(seat.socket, Math.min(silentAtMs, fake.alarms.at(-1) ?? 0));
      fake.ring();
    }
    return fake.nowMs - silentAtMs;
  });
  expect(Math.max(...latest)).toBeLessThanOrEqual(12_000);
  expect(Math.min(...latest)).toBeGreaterThanOrEqual(6000);
});
