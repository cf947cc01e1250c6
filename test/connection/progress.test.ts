// Since when a client has read nothing of what waits for it.
import { expect, test } from "vitest";
import { Progress } from "../../connection/progress.ts";

/** Told of so many bytes at such times. */
function after(...notes: readonly (readonly [atMs: number, bytes: number])[]): Progress {
  const progress = new Progress();
  for (const [atMs, bytes] of notes) progress.note(bytes, atMs);
  return progress;
}

test("Who has nothing to read is not stuck, however long", () => {
  const progress = after([0, 0]);
  expect([progress.isClear, progress.stuckForMs(1_000_000)]).toEqual([true, 0]);
});

test("Who reads nothing is stuck from when it was first seen", () => {
  const progress = after([1000, 500], [5000, 500]);
  expect([progress.isClear, progress.stuckForMs(6000)]).toEqual([false, 5000]);
});

test("Who has read a byte is stuck from then on", () => {
  expect(after([1000, 500], [5000, 499]).stuckForMs(6000)).toBe(1000);
});

test("What is added is no progress, and what is read of it is", () => {
  expect(after([1000, 500], [2000, 900]).stuckForMs(6000)).toBe(5000);
  expect(after([1000, 500], [2000, 900], [3000, 899]).stuckForMs(6000)).toBe(3000);
});

test("Who has read all begins anew", () => {
  expect(after([1000, 500], [2000, 0], [3000, 500]).stuckForMs(6000)).toBe(3000);
});

test("Nobody is stuck since a time that is still to come, as after a clock that stepped back", () => {
  expect(after([9000, 500], [1000, 500]).stuckForMs(6000)).toBe(5000);
});
