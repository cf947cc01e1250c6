// Whether a client in a loop is told from a client with a bug.
import { describe, expect, test } from "vitest";
import { ErrorFlood } from "../../connection/error-flood.ts";

/** Whether the last of these errors is one too many. */
function floods(timesMs: readonly number[]): boolean | undefined {
  const flood = new ErrorFlood();
  return timesMs.map((timeMs) => flood.add(timeMs)).at(-1);
}

describe("errors are a flood", () => {
  test("at the tenth of the same moment", () => {
    expect(floods(Array.from({ length: 10 }, () => 5000))).toBe(true);
  });

  test("at the tenth within ten seconds", () => {
    expect(floods([0, 1, 2, 3, 4, 5, 6, 7, 8, 9999])).toBe(true);
  });

  test("at every further one", () => {
    expect(floods(Array.from({ length: 11 }, () => 5000))).toBe(true);
  });

  test("at ten in the middle of a longer life", () => {
    expect(floods([0, 20_000, 30_000, ...Array.from({ length: 10 }, (_, index) => 60_000 + index)])).toBe(true);
  });
});

// Otherwise a clock that steps back now and then would let a client in a loop go on.
test.each([
  [9999, true],
  [10_000, false],
])("Nine errors before a clock stepped back by %i ms count with the tenth: %s", (stepMs, isFlood) => {
  const timesMs = Array.from({ length: 9 }, () => 50_000);
  expect(floods([...timesMs, 50_000 - stepMs])).toBe(isFlood);
});

describe("errors are no flood", () => {
  test("at the ninth", () => {
    expect(floods(Array.from({ length: 9 }, () => 5000))).toBe(false);
  });

  test("where the first of ten is ten seconds old", () => {
    expect(floods([0, 1, 2, 3, 4, 5, 6, 7, 8, 10_000])).toBe(false);
  });

  test("where they come more slowly than one a second, however many", () => {
    expect(floods(Array.from({ length: 200 }, (_, index) => index * 1112))).toBe(false);
  });

  test("of another connection", () => {
    floods(Array.from({ length: 10 }, () => 5000));
    expect(floods([5000])).toBe(false);
  });
});
