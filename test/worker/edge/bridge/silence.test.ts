// How long a client that sends keepalives may say nothing.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Silence } from "../../../../worker/edge/bridge/silence.ts";

const LIMIT_MS = 60_000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function clientInSilence() {
  const tooLong = vi.fn<() => void>();
  return { tooLong, silence: new Silence(LIMIT_MS, tooLong) };
}

test("nobody is watched who has not shown that he sends keepalives", () => {
  const { tooLong } = clientInSilence();
  vi.advanceTimersByTime(10 * LIMIT_MS);
  expect([tooLong.mock.calls.length, vi.getTimerCount()]).toEqual([0, 0]);
});

test("who is watched and says nothing is gone, once", () => {
  const { tooLong, silence } = clientInSilence();
  silence.watch();
  vi.advanceTimersByTime(LIMIT_MS - 1);
  expect(tooLong).not.toHaveBeenCalled();
  vi.advanceTimersByTime(10 * LIMIT_MS);
  expect([tooLong.mock.calls.length, vi.getTimerCount()]).toEqual([1, 0]);
});

test("who says something within the limit stays, with one timer however often he shows it", () => {
  const { tooLong, silence } = clientInSilence();
  for (let count = 0; count < 10; count += 1) {
    silence.heard();
    silence.watch();
    vi.advanceTimersByTime(LIMIT_MS - 1);
    expect(vi.getTimerCount()).toBe(1);
  }
  expect(tooLong).not.toHaveBeenCalled();
});

test("who is gone is watched no more", () => {
  const { tooLong, silence } = clientInSilence();
  silence.watch();
  silence.stop();
  vi.advanceTimersByTime(10 * LIMIT_MS);
  expect([tooLong.mock.calls.length, vi.getTimerCount()]).toEqual([0, 0]);
});
