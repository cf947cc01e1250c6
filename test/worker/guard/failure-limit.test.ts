// Who is refused unseen after too many failures, for how long, and what happens where nobody can count.
import { describe, expect, test } from "vitest";
import { FailureLimit } from "../../../worker/guard/failure-limit.ts";
import { FakeLimiter } from "../../support/fake-limiter.ts";

/** Ten seconds into a minute of the clock. */
const NOW_MS = 1_795_262_410_000;
const ADDRESS = "192.0.2.1";

/** Who may fail twice a minute, and failed so often. */
async function failedTimes(times: number, nowMs = NOW_MS): Promise<FailureLimit> {
  const limit = new FailureLimit(new FakeLimiter(2));
  for (let failure = 0; failure < times; failure += 1) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other is what is counted
    await limit.failed(ADDRESS, nowMs);
  }
  return limit;
}

test("who failed as often as he may is still looked at", async () => {
  expect((await failedTimes(2)).waitMs(ADDRESS, NOW_MS)).toBe(0);
});

describe("who failed once more", () => {
  test("is not looked at for the rest of the minute", async () => {
    const limit = await failedTimes(3);
    expect([limit.waitMs(ADDRESS, NOW_MS), limit.waitMs(ADDRESS, NOW_MS + 49_999)]).toEqual([50_000, 1]);
  });

  test("is looked at when it is over", async () => {
    expect((await failedTimes(3)).waitMs(ADDRESS, NOW_MS + 50_000)).toBe(0);
  });

  test("is no other address", async () => {
    expect((await failedTimes(3)).waitMs("192.0.2.2", NOW_MS)).toBe(0);
  });

  test("is looked at after a clock stepped back further than a minute", async () => {
    expect((await failedTimes(3)).waitMs(ADDRESS, NOW_MS - 60_000)).toBe(0);
  });

  test("is forgotten once ten thousand others were found", async () => {
    const limit = new FailureLimit({ limit: () => Promise.resolve({ success: false }) });
    for (let other = 0; other <= 10_000; other += 1) {
      // oxlint-disable-next-line no-await-in-loop -- so that the first is the oldest
      await limit.failed(String(other), NOW_MS);
    }
    expect([limit.waitMs("0", NOW_MS), limit.waitMs("1", NOW_MS)]).toEqual([0, 50_000]);
  });
});

test("where the limit cannot be asked a failure counts as one too many", async () => {
  const limiter = new FakeLimiter(2);
  limiter.isBroken = true;
  const limit = new FailureLimit(limiter);
  expect(await limit.failed(ADDRESS, NOW_MS)).toBe("broken");
  expect(limit.waitMs(ADDRESS, NOW_MS)).toBe(50_000);
});

test("where none is bound nobody fails too often", async () => {
  const limit = new FailureLimit(undefined);
  expect(await limit.failed(ADDRESS, NOW_MS)).toBe("within");
  expect(limit.waitMs(ADDRESS, NOW_MS)).toBe(0);
});
