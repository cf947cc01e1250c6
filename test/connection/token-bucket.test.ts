// Whether one connection is held to its rates, may leave a debt, and is told how long paying it takes.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type RateBounds, TokenBucket } from "../../connection/token-bucket.ts";

const BOUNDS: RateBounds = { maxMessagesPerS: 10, maxBytesPerS: 1000 };
const START_MS = 1_795_262_400_000;

function bucket(): TokenBucket {
  return new TokenBucket(BOUNDS, START_MS);
}

/** A bucket out of which everything was taken at the start, and so much more. */
function spentBucket({ messages = 0, bytes = 0 } = {}): TokenBucket {
  const spent = bucket();
  spent.take(20 + messages, 2000 + bytes, START_MS);
  return spent;
}

test("A connection that may send less at once may send as much in the end, and never more at once", () => {
  const small = new TokenBucket(BOUNDS, START_MS, 1.5);
  const burst = (nowMs: number): number => {
    for (let sent = 0; ; sent += 1) if (small.take(1, 0, nowMs) > 0) return sent;
  };
  expect([burst(START_MS), burst(START_MS + 1000), burst(START_MS + 60_000)]).toEqual([15, 10, 15]);
});

describe("a new connection", () => {
  test("may send two seconds' worth of messages, one by one", () => {
    const full = bucket();
    const waits = Array.from({ length: 20 }, () => full.take(1, 0, START_MS));
    expect(waits).toEqual(Array.from({ length: 20 }, () => 0));
  });

  test("may send two seconds' worth of bytes at once", () => {
    expect(bucket().take(1, 2000, START_MS)).toBe(0);
  });

  test("waits for the message after them", () => {
    const full = bucket();
    full.take(20, 0, START_MS);
    expect(full.take(1, 0, START_MS)).toBe(1);
  });

  test("waits for the byte after them", () => {
    const full = bucket();
    full.take(1, 2000, START_MS);
    expect(full.take(1, 1, START_MS)).toBe(1);
  });
});

describe("more than two seconds' worth", () => {
  test("passes as a batch of messages, since it could otherwise never be sent", () => {
    expect(bucket().take(256, 0, START_MS)).toBe(0);
  });

  test("passes as a large message, since it could otherwise never be sent", () => {
    expect(bucket().take(1, 10_000, START_MS)).toBe(0);
  });

  test("passes as long as anything is left", () => {
    const used = bucket();
    used.take(19, 1999, START_MS);
    expect(used.take(256, 10_000, START_MS)).toBe(0);
  });
});

describe("a debt", () => {
  test("of bytes is to be paid first", () => {
    expect(spentBucket({ bytes: 8000 }).take(1, 1, START_MS)).toBe(8001);
  });

  test("of messages is to be paid first", () => {
    expect(spentBucket({ messages: 236 }).take(1, 1, START_MS)).toBe(23_601);
  });

  test("of both takes as long as the larger one", () => {
    expect(spentBucket({ messages: 5, bytes: 800 }).take(1, 1, START_MS)).toBe(801);
  });

  test("of bytes holds back a message that has none", () => {
    expect(spentBucket({ bytes: 100 }).take(1, 0, START_MS)).toBe(101);
  });

  test("that is just paid is not enough", () => {
    expect(spentBucket({ bytes: 100 }).take(1, 1, START_MS + 100)).toBe(1);
  });

  test("becomes smaller as time passes", () => {
    expect(spentBucket({ bytes: 100 }).take(1, 1, START_MS + 60)).toBe(41);
  });
});

describe("waiting", () => {
  test("is told as whole milliseconds, rounded up, so that coming back then is not too early", () => {
    const thirds = new TokenBucket({ maxMessagesPerS: 3, maxBytesPerS: 1000 }, START_MS);
    thirds.take(7, 0, START_MS);
    expect(thirds.take(1, 0, START_MS)).toBe(334);
  });

  test("a millisecond less than told is too short", () => {
    expect(spentBucket({ messages: 1 }).take(1, 0, START_MS + 100)).toBeGreaterThan(0);
  });

  test("as long as told is enough", () => {
    expect(spentBucket({ messages: 1 }).take(1, 0, START_MS + 101)).toBe(0);
  });

  test("costs nothing: what was refused is not taken", () => {
    const spent = spentBucket();
    for (let attempt = 0; attempt < 50; attempt += 1) spent.take(1, 100, START_MS);
    expect(spent.take(1, 100, START_MS + 1)).toBe(0);
  });

  test("never fills a bucket beyond two seconds' worth of bytes", () => {
    const rested = spentBucket();
    rested.take(1, 2000, START_MS + 3_600_000);
    expect(rested.take(1, 100, START_MS + 3_600_000)).toBe(1);
  });

  test("never fills a bucket beyond two seconds' worth of messages", () => {
    const rested = spentBucket();
    rested.take(20, 0, START_MS + 3_600_000);
    expect(rested.take(1, 0, START_MS + 3_600_000)).toBe(1);
  });
});

describe("a clock that steps back", () => {
  test("takes nothing of what was there", () => {
    const full = bucket();
    full.take(1, 0, START_MS - 60_000);
    expect(full.take(18, 1999, START_MS - 120_000)).toBe(0);
    expect(full.take(1, 1, START_MS - 180_000)).toBe(0);
  });

  test("gives nothing either", () => {
    expect(spentBucket().take(1, 0, START_MS - 60_000)).toBe(1);
  });

  test("adds nothing to a debt", () => {
    expect(spentBucket({ bytes: 500 }).take(1, 0, START_MS - 60_000)).toBe(501);
  });

  test("does not stop the bucket from filling", () => {
    const spent = spentBucket({ bytes: 500 });
    spent.take(1, 0, START_MS - 60_000);
    expect(spent.take(1, 0, START_MS - 60_000 + 501)).toBe(0);
  });
});

describe("whatever a client sends", () => {
  const LARGEST = { messages: 40, bytes: 4000 };
  const sends = fc.array(
    fc.record({
      afterMs: fc.nat(300),
      messages: fc.integer({ min: 1, max: LARGEST.messages }),
      bytes: fc.nat(LARGEST.bytes),
    }),
    { maxLength: 60 },
  );
  const RUNS = { seed: 20_261, numRuns: 500 };

  test("no more passes than the burst, what the time refilled, and one message's debt", () => {
    fc.assert(
      fc.property(sends, (attempts) => {
        const limited = bucket();
        let elapsedMs = 0;
        const passed = { messages: 0, bytes: 0 };
        for (const { afterMs, messages, bytes } of attempts) {
          elapsedMs += afterMs;
          if (limited.take(messages, bytes, START_MS + elapsedMs) > 0) continue;
          passed.messages += messages;
          passed.bytes += bytes;
        }
        expect(passed.bytes).toBeLessThan(2000 + elapsedMs + LARGEST.bytes + 0.001);
        expect(passed.messages).toBeLessThan(20 + elapsedMs / 100 + LARGEST.messages + 0.001);
      }),
      RUNS,
    );
  });

  test("whoever waits as long as told, and a millisecond for rounding, may pass", () => {
    fc.assert(
      fc.property(sends, (attempts) => {
        const limited = bucket();
        let nowMs = START_MS;
        for (const { afterMs, messages, bytes } of attempts) {
          nowMs += afterMs;
          const waitMs = limited.take(messages, bytes, nowMs);
          nowMs += waitMs + 1;
          const secondWaitMs = waitMs === 0 ? 0 : limited.take(messages, bytes, nowMs);
          expect(secondWaitMs).toBe(0);
        }
      }),
      RUNS,
    );
  });

  test("asking again while refused changes nothing of what passes later", () => {
    fc.assert(
      fc.property(sends, (attempts) => {
        const [patient, pushy] = [bucket(), bucket()];
        let nowMs = START_MS;
        for (const { afterMs, messages, bytes } of attempts) {
          nowMs += afterMs;
          const waitMs = patient.take(messages, bytes, nowMs);
          const times = waitMs === 0 ? 1 : 3;
          const waits = Array.from({ length: times }, () => pushy.take(messages, bytes, nowMs));
          expect(new Set(waits)).toEqual(new Set([waitMs]));
        }
      }),
      RUNS,
    );
  });
});

test.each([
  [10, 3, 53],
  [120, 6, 35],
])("at %i messages a second, as long as told is enough after %i messages %i ms later", (rate, messages, afterMs) => {
  const limited = new TokenBucket({ maxMessagesPerS: rate, maxBytesPerS: 1000 }, 0);
  limited.take(2 * rate, 0, 0);
  limited.take(messages, 0, afterMs);
  const waitMs = limited.take(1, 0, afterMs);
  expect(limited.take(1, 0, afterMs + waitMs)).toBe(0);
});
