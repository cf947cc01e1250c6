// A model that fails again and again: how long it is left alone, and what brings it back.
import { describe, expect, test } from "vitest";
import { type FakeSinks, frame, MODEL, startSinks as start } from "../../../support/fake-sinks.ts";

const SECOND_MS = 1000;

/** A sink whose last calls failed, so many in a row. */
async function failing(times: number) {
  const one = start();
  const { fake, sinks } = one;
  for (let seq = 0; seq < times; seq += 1) {
    // Its rest is over each time.
    fake.nowMs += 60 * SECOND_MS;
    sinks.offer(frame(seq));
    await fake.callAt(seq).fail();
  }
  return one;
}

/** For how long it is not called, to a millisecond. */
function restOf(fake: FakeSinks, offer: () => void): number {
  const { nowMs } = fake;
  const before = fake.calls.length;
  const isCalledAfter = (ms: number): boolean => {
    fake.nowMs = nowMs + ms;
    offer();
    return fake.calls.length > before;
  };
  const rests = [0, 1, 2, 4, 8, 16, 32, 60].map((seconds) => seconds * SECOND_MS);
  return rests.find((ms) => (ms > 0 && isCalledAfter(ms - 1) ? true : isCalledAfter(ms))) ?? Infinity;
}

test.each([
  [4, 0],
  [5, 1],
  [6, 2],
  [7, 4],
  [10, 32],
  [11, 60],
  [30, 60],
])("After %i failures in a row it is left alone for %i seconds", async (times, seconds) => {
  const { fake, sinks } = await failing(times);
  expect(restOf(fake, () => sinks.offer(frame(100)))).toBe(seconds * SECOND_MS);
});

describe("a model that is left alone", () => {
  test("is not called with the frame that waited for its last call, either", async () => {
    const { fake, sinks } = await failing(4);
    sinks.offer(frame(10));
    sinks.offer(frame(11));
    await fake.callAt(4).fail();
    expect(fake.calls).toHaveLength(5);
    fake.nowMs += SECOND_MS;
    sinks.offer(frame(12));
    expect(fake.calls.slice(5).map(({ meta }) => meta.seq)).toEqual([12]);
  });

  test("is left alone for longer where the one frame with which it is tried fails too", async () => {
    const { fake, sinks } = await failing(5);
    fake.nowMs += SECOND_MS;
    sinks.offer(frame(10));
    sinks.offer(frame(11));
    await fake.callAt(5).fail();
    expect(restOf(fake, () => sinks.offer(frame(12)))).toBe(2 * SECOND_MS);
  });

  test("is as good as any other once it answered well", async () => {
    const { fake, sinks } = await failing(5);
    fake.nowMs += SECOND_MS;
    sinks.offer(frame(10));
    await fake.callAt(5).answer([]);
    for (const index of [6, 7, 8, 9]) {
      sinks.offer(frame(index));
      await fake.callAt(index).fail();
    }
    sinks.offer(frame(20));
    expect(fake.calls).toHaveLength(11);
  });

  test("keeps no other from its frames", async () => {
    const { fake, sinks } = start(MODEL, { ...MODEL, binding: "OTHER" });
    for (let round = 0; round < 5; round += 1) {
      sinks.offer(frame(round));
      await fake.callAt(2 * round).fail();
      await fake.callAt(2 * round + 1).answer([]);
    }
    sinks.offer(frame(10));
    expect(fake.calls.slice(10).map(({ binding }) => binding)).toEqual(["OTHER"]);
  });
});

test("A frame is wanted where any of several models wants it", () => {
  const { sinks } = start(MODEL, { ...MODEL, binding: "EARS", types: ["audio-frame"] });
  const wanted = ["video-frame", "audio-frame", "note"].map((type) => sinks.want(type, "cam-1"));
  expect(wanted).toEqual([true, true, false]);
});
