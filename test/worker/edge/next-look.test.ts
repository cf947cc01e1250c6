// When the next look at somebody is: the earlier of what was asked for, once.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { NextLook } from "../../../worker/edge/next-look.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test.each([
  [[1000, 40], 40],
  [[40, 1000], 40],
  [[1000, 1000], 1000],
])("Asked for within %j ms it is in %i, and then no other", (asked, ms) => {
  const look = vi.fn<() => void>();
  const next = new NextLook(look);
  for (const within of asked) next.within(within);
  vi.advanceTimersByTime(ms - 1);
  expect(look).not.toHaveBeenCalled();
  vi.advanceTimersByTime(10_000);
  expect(look).toHaveBeenCalledOnce();
});

test("It may ask for another, and may be taken back", () => {
  const next: NextLook = new NextLook(() => next.within(40));
  next.within(40);
  vi.advanceTimersByTime(400);
  expect(vi.getTimerCount()).toBe(1);
  next.stop();
  expect(vi.getTimerCount()).toBe(0);
  next.within(1000);
  expect(vi.getTimerCount()).toBe(1);
});
