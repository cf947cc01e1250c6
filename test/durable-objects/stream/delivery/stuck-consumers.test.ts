// Consumers that stop reading, in a whole stream: what each may have waiting, what all may, and that the others go on.
import { describe, expect, test } from "vitest";
import { readEnvelope } from "../../../../protocol/envelope.ts";
import { FakeStream, type Seat } from "../../../support/fake-stream.ts";

const KIB = 1024;
const FRAME_BYTES = 32 * KIB;
const FRAME_EVERY_MS = 10;
const RATES = { MAX_MESSAGES_PER_S: "1000" };

/** A camera, and so many who watch it, of whom the first few read nothing. */
function start(watching: number, stuckCount: number, variables = {}) {
  const fake = new FakeStream({ ...RATES, ...variables });
  const camera = fake.owner();
  const seats = Array.from({ length: watching }, () => fake.member("anna", { consumes: ["*"] }));
  const stuck = seats.slice(0, stuckCount);
  for (const { socket } of stuck) socket.stalled = true;
  const payload = Array.from({ length: FRAME_BYTES }, () => 7);
  const film = (frames: number): void => {
    for (let n = 0; n < frames; n += 1) {
      fake.nowMs += FRAME_EVERY_MS;
      camera.sendFrame({ type: "video-frame", n }, payload);
    }
  };
  return { fake, camera, stuck, healthy: seats.slice(stuckCount), film };
}

/** The number of each frame that was sent, and what it says was missed; their bytes would take long to look at. */
function framesOf({ socket }: Seat): readonly (readonly unknown[])[] {
  return socket.sent.flatMap((message) => {
    const envelope = typeof message === "string" ? undefined : readEnvelope(message);
    if (envelope === undefined) return [];
    const { n, dropped } = JSON.parse(envelope.headerText) as Record<string, unknown>;
    return [[n, dropped]];
  });
}

const waitingOf = (seats: readonly Seat[]): number => seats.reduce((sum, { socket }) => sum + socket.bufferedAmount, 0);

/** The client has read all that waited. */
function read({ socket }: Seat): void {
  socket.stalled = false;
  socket.bufferedAmount = 0;
}

describe("of a hundred consumers one that is stuck", () => {
  test("costs the others no frame, and has no more waiting than half its buffer", () => {
    const { stuck, healthy, film } = start(100, 1);
    film(200);
    const all = Array.from({ length: 200 }, (_, n) => [n, 0]);
    for (const one of healthy) expect(framesOf(one)).toEqual(all);
    expect(waitingOf(stuck)).toBeLessThanOrEqual(512 * KIB);
    expect(waitingOf(stuck)).toBeGreaterThan(512 * KIB - 2 * FRAME_BYTES);
  });

  test("is the only one that is closed, once it read nothing for the time", () => {
    const { fake, stuck, healthy, film } = start(100, 1);
    for (let second = 0; second <= 31; second += 1) {
      film(100);
      fake.timers.ring();
    }
    expect(stuck.map(({ socket }) => [socket.errorCodes, socket.closedWith?.code])).toEqual([
      [["SLOW_CONSUMER"], 4508],
    ]);
    expect(healthy.filter(({ socket }) => socket.closedWith !== undefined)).toEqual([]);
  });
});

test("Many stuck consumers together have no more waiting than all may, and one that reads misses nothing", () => {
  const { stuck, healthy, film } = start(101, 100);
  film(100);
  expect(waitingOf(stuck)).toBeLessThanOrEqual(32 * KIB * KIB);
  expect(waitingOf(stuck)).toBeGreaterThan(31 * KIB * KIB);
  expect(healthy.map(framesOf)).toEqual([Array.from({ length: 100 }, (_, n) => [n, 0])]);
});

describe("a stuck consumer that reads again after the camera paused", () => {
  test("gets the newest frame with the next look, which comes within 50 ms, with what it missed", () => {
    const { fake, stuck, film } = start(1, 1);
    film(30);
    const [one] = stuck.map(framesOf);
    const sent = one?.length ?? 0;
    for (const seat of stuck) read(seat);
    expect(Math.min(...fake.timers.due)).toBeLessThanOrEqual(50);
    fake.timers.ring();
    expect(stuck.map((seat) => framesOf(seat).slice(sent))).toEqual([[[29, 29 - sent]]]);
  });

  test("gets one that is larger than half its buffer, once it has read the others", () => {
    const { fake, camera, stuck, film } = start(1, 1);
    film(1);
    camera.sendFrame(
      { type: "video-frame", n: 1 },
      Array.from({ length: 600 * KIB }, () => 7),
    );
    for (const { socket } of stuck) socket.bufferedAmount = 1;
    fake.timers.ring();
    expect(stuck.map((seat) => framesOf(seat).length)).toEqual([1]);
    for (const seat of stuck) read(seat);
    fake.timers.ring();
    expect(stuck.map(framesOf)).toEqual([
      [
        [0, 0],
        [1, 0],
      ],
    ]);
  });
});

// What was sent waits until the runtime has written it, some milliseconds later. All of them together are more than the sum.
test("An alert right behind a frame closes nobody, where a frame for everybody is more than may wait for all", () => {
  const fake = new FakeStream();
  const owner = fake.owner();
  const viewers = Array.from({ length: 200 }, (_, index) =>
    fake.member("anna", { consumes: ["*"] }, { principal: { kind: "user", userId: "anna", sessionId: `${index}` } }),
  );
  for (const { socket } of viewers) socket.stalled = true;
  owner.sendFrame(
    { type: "video-frame" },
    Array.from({ length: 200_000 }, () => 7),
  );
  fake.nowMs += 5;
  owner.send({ type: "alert", message: "fire" });
  expect(viewers.filter(({ socket }) => socket.closedWith !== undefined)).toEqual([]);
  expect(viewers.filter(({ socket }) => socket.ofType("alert").length === 1)).toHaveLength(200);
});
