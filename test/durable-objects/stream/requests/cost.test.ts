// What an hour costs: each published price by itself, the sum, and paces that are no paces yet.
import { describe, expect, test } from "vitest";
import type { Counts } from "../../../../durable-objects/stream/delivery/counters.ts";
import { costPerHour } from "../../../../durable-objects/stream/requests/cost.ts";

const HOUR_MS = 3_600_000;

function countsOf(some: Partial<Counts> = {}): Counts {
  const none = {
    messagesIn: 0,
    calls: 0,
    bytesIn: 0,
    messagesOut: 0,
    framesDropped: 0,
    stored: 0,
    sinkErrors: 0,
    connections: 0,
    alarms: 0,
  };
  return { ...none, ...some };
}

test("A stream on which nothing happens costs nothing", () => {
  expect(costPerHour(countsOf(), 0, HOUR_MS)).toEqual({ usd: 0, requests: 0, durationGbS: 0, rowsWritten: 0 });
});

describe("a million of each costs what is published", () => {
  test.each([
    ["requests, which are connections", { connections: 1_000_000 }, { usd: 0.15, requests: 1_000_000 }],
    ["requests, of twenty messages each", { messagesIn: 20_000_000 }, { usd: 0.15, requests: 1_000_000 }],
    // Each alarm is a row too.
    ["requests, which are alarms", { alarms: 1_000_000 }, { usd: 1.15, requests: 1_000_000, rowsWritten: 1_000_000 }],
    ["rows, of which a durable message is three", { stored: 1_000_000 }, { usd: 3, rowsWritten: 3_000_000 }],
  ])("%s", (_what, counts, expected) => {
    const nothing = { requests: 0, durationGbS: 0, rowsWritten: 0 };
    expect(costPerHour(countsOf(counts), 0, HOUR_MS)).toEqual({ ...nothing, ...expected });
  });

  test("gigabyte seconds, of which an hour awake is 460.8", () => {
    expect(costPerHour(countsOf(), HOUR_MS, HOUR_MS)).toEqual({
      usd: 0.00576,
      requests: 0,
      durationGbS: 460.8,
      rowsWritten: 0,
    });
  });
});

test.each(["bytesIn", "messagesOut", "framesDropped"] as const)("Nothing is taken for %s", (name) => {
  expect(costPerHour(countsOf({ [name]: 1_000_000 }), 0, HOUR_MS).usd).toBe(0);
});

test("The sum is that of its parts", () => {
  const counts = countsOf({ messagesIn: 2_000_000, connections: 100_000, alarms: 10_000, stored: 100_000 });
  expect(costPerHour(counts, HOUR_MS / 2, HOUR_MS)).toEqual({
    usd: 0.34438,
    requests: 210_000,
    durationGbS: 230.4,
    rowsWritten: 310_000,
  });
});

test("Half an hour counts twice, and two hours half", () => {
  const counts = countsOf({ messagesIn: 20_000 });
  const hours = [0.5, 1, 2].map((hour) => costPerHour(counts, 0, hour * HOUR_MS).requests);
  expect(hours).toEqual([2000, 1000, 500]);
});

test("A camera of thirty frames a second that is watched all day costs less than two cents an hour", () => {
  const { usd, requests } = costPerHour(countsOf({ messagesIn: 30 * 3600 }), HOUR_MS, HOUR_MS);
  expect(requests).toBe(5400);
  expect(usd).toBe(0.00657);
});

test.each([0, 1, 9999, 10_000, -5000])(
  "After %i ms the pace is that of ten seconds, not of an instant",
  (elapsedMs) => {
    expect(costPerHour(countsOf({ messagesIn: 200 }), 0, elapsedMs).requests).toBe(3600);
  },
);

test("What is awake all the time is never billed for more than the time there is", () => {
  expect(costPerHour(countsOf(), 5000, 5000).durationGbS).toBeLessThanOrEqual(460.8);
  expect(costPerHour(countsOf(), 20_000, 20_000).durationGbS).toBe(460.8);
});
