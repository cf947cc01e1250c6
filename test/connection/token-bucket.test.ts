// Whether one connection is held to its rates, and told exactly how long to wait.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type RateBounds, TokenBucket } from "../../connection/token-bucket.ts";

const BOUNDS: RateBounds = { maxMessagesPerS: 10, maxBytesPerS: 1000 };
const START_MS = 1_795_262_400_000;

function bucket(): TokenBucket {
  return new TokenBucket(BOUNDS, START_MS);
}

/** A bucket out of which everything was taken at the start. */
function emptyBucket(): TokenBucket {
  const empty = bucket();
  empty.take(20, 2000, START_MS);
  return empty;
}

describe("a new connection", () => {
  test("may send two seconds' worth of messages at once", () => {
    expect(bucket().take(20, 0, START_MS)).toBe(0);
  });

  test("may send two seconds' worth of bytes at once", () => {
    expect(bucket().take(1, 2000, START_MS)).toBe(0);
  });

  test("waits for the message after them", () => {
    const full = bucket();
    full.take(20, 0, START_MS);
    expect(full.take(1, 0, START_MS)).toBe(100);
  });

  test("waits for the byte after them", () => {
    const full = bucket();
    full.take(1, 2000, START_MS);
    expect(full.take(1, 1, START_MS)).toBe(1);
  });
});

describe("waiting", () => {
  test("is told for the slower of the two to come back", () => {
    expect(emptyBucket().take(1, 500, START_MS)).toBe(500);
  });

  test("is told as whole milliseconds, rounded up, so that coming back then is not too early", () => {
    const thirds = new TokenBucket({ maxMessagesPerS: 3, maxBytesPerS: 1000 }, START_MS);
    thirds.take(6, 0, START_MS);
    expect(thirds.take(1, 0, START_MS)).toBe(334);
  });

  test("a millisecond less than told is too short", () => {
    expect(emptyBucket().take(1, 0, START_MS + 99)).toBeGreaterThan(0);
  });

  test("as long as told is enough", () => {
    expect(emptyBucket().take(1, 0, START_MS + 100)).toBe(0);
  });

  test("costs nothing: what was refused is not taken", () => {
    const empty = emptyBucket();
    for (let attempt = 0; attempt < 50; attempt += 1) empty.take(1, 100, START_MS);
    expect(empty.take(1, 100, START_MS + 100)).toBe(0);
  });

  test("never fills a bucket beyond two seconds' worth of bytes", () => {
    const rested = emptyBucket();
    rested.take(1, 2000, START_MS + 3_600_000);
    expect(rested.take(1, 100, START_MS + 3_600_000)).toBe(100);
  });

  test("never fills a bucket beyond two seconds' worth of messages", () => {
    const rested = emptyBucket();
    rested.take(20, 0, START_MS + 3_600_000);
    expect(rested.take(1, 0, START_MS + 3_600_000)).toBe(100);
  });
});

describe("a message larger than two seconds' worth", () => {
  test("passes on a full bucket, since it could otherwise never be sent", () => {
    expect(bucket().take(1, 10_000, START_MS)).toBe(0);
  });

  test("is paid for afterwards", () => {
    const owing = bucket();
    owing.take(1, 10_000, START_MS);
    expect(owing.take(1, 1000, START_MS)).toBe(9000);
  });

  test("waits for a full bucket", () => {
    const used = bucket();
    used.take(1, 500, START_MS);
    expect(used.take(1, 10_000, START_MS)).toBe(500);
  });
});

describe("a clock that steps back", () => {
  test("takes nothing of what was there", () => {
    expect(bucket().take(20, 2000, START_MS - 60_000)).toBe(0);
  });

  test("gives nothing either", () => {
    expect(emptyBucket().take(1, 0, START_MS - 60_000)).toBe(100);
  });

  test("does not stop the bucket from filling", () => {
    const empty = emptyBucket();
    empty.take(1, 0, START_MS - 60_000);
    expect(empty.take(1, 0, START_MS - 59_900)).toBe(0);
  });
});

describe("whatever a client sends", () => {
  const sends = fc.array(fc.record({ afterMs: fc.nat(300), bytes: fc.nat(2000) }), { maxLength: 60 });

  test("no more passes than the burst and what the time refilled", () => {
    fc.assert(
      fc.property(sends, (attempts) => {
        const limited = bucket();
        let nowMs = START_MS;
        let passed = 0;
        for (const { afterMs, bytes } of attempts) {
          nowMs += afterMs;
          if (limited.take(1, bytes, nowMs) === 0) passed += bytes;
        }
        expect(passed).toBeLessThanOrEqual(2000 + nowMs - START_MS + 0.001);
      }),
      { seed: 20_261 },
    );
  });

  test("whoever waits as long as told, and a millisecond for rounding, may pass", () => {
    fc.assert(
      fc.property(sends, (attempts) => {
        const limited = bucket();
        let nowMs = START_MS;
        for (const { afterMs, bytes } of attempts) {
          nowMs += afterMs;
          const waitMs = limited.take(1, bytes, nowMs);
          nowMs += waitMs + 1;
          const secondWaitMs = waitMs === 0 ? 0 : limited.take(1, bytes, nowMs);
          expect(secondWaitMs).toBe(0);
        }
      }),
      { seed: 20_261 },
    );
  });
});
