// What is thought to wait for a client: what the runtime counts, or what a steady pace would have left.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { backlogOf } from "../../connection/backlog.ts";

describe("where the runtime counts", () => {
  test("its count is taken at each moment, and nothing else", () => {
    const link = { bufferedAmount: 0 };
    const backlog = backlogOf(link, 1000);
    backlog.sent({ bytes: 500 }, 0);
    link.bufferedAmount = 70;
    expect([backlog.bytes(0), backlog.bytes(1000)]).toEqual([70, 70]);
  });

  test("no message is measured", () => {
    let measured = 0;
    const message = {
      get bytes() {
        return (measured += 1);
      },
    };
    backlogOf({ bufferedAmount: 0 }, 1000).sent(message, 0);
    expect(measured).toBe(0);
  });
});

describe("where it does not", () => {
  const sent = (bytes: number, atMs: number) => {
    const backlog = backlogOf({}, 1000);
    backlog.sent({ bytes }, atMs);
    return backlog;
  };

  test("nothing waits before the first message, whenever that is", () => {
    expect(backlogOf({}, 1000).bytes(1_800_000_000_000)).toBe(0);
  });

  test("what was sent drains at the pace that was given", () => {
    const backlog = sent(1000, 5000);
    expect([5000, 5250, 5999, 6000, 9000].map((nowMs) => backlog.bytes(nowMs))).toEqual([1000, 750, 1, 0, 0]);
  });

  test("what is sent while something waits is added", () => {
    const backlog = sent(1000, 5000);
    backlog.sent({ bytes: 300 }, 5500);
    expect(backlog.bytes(5500)).toBe(800);
  });

  test("a pause saves nothing up", () => {
    const backlog = sent(10, 0);
    backlog.bytes(100_000);
    backlog.sent({ bytes: 1000 }, 100_000);
    expect(backlog.bytes(100_000)).toBe(1000);
  });

  test("a clock that steps back drains nothing", () => {
    expect(sent(1000, 5000).bytes(1000)).toBe(1000);
  });

  test("what is left then drains by the clock as it is now", () => {
    const backlog = sent(1000, 5000);
    expect([1000, 1250, 2000].map((nowMs) => backlog.bytes(nowMs))).toEqual([1000, 750, 0]);
  });

  test("never less than nothing waits, and never more than was sent", () => {
    const step = fc.record({ ms: fc.integer({ min: -500, max: 2000 }), bytes: fc.nat(3000) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const backlog = backlogOf({}, 1000);
        let nowMs = 10_000;
        let all = 0;
        for (const { ms, bytes } of steps) {
          nowMs += ms;
          all += bytes;
          backlog.sent({ bytes }, nowMs);
          const waiting = backlog.bytes(nowMs);
          expect(waiting >= bytes && waiting <= all).toBe(true);
        }
      }),
      { seed: 20_261_121, numRuns: 300 },
    );
  });
});
