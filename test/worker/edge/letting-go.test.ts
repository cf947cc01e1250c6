// How long the Worker holds what a client that was told to go does not read.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { EdgeMemory } from "../../../worker/edge/edge-memory.ts";
import { LettingGo } from "../../../worker/edge/letting-go.ts";

const STALL_MS = 30_000;
const CLOSING = 2;
const CLOSED = 3;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A client that has so many bytes to read, and was told to go. */
function closed(unreadBytes: number) {
  const [client, memory, cut] = [
    { readyState: CLOSING, bufferedAmount: unreadBytes },
    new EdgeMemory(),
    vi.fn<() => void>(),
  ];
  const lettingGo = new LettingGo({ client, memory, stallMs: STALL_MS, cut });
  lettingGo.begin();
  return { client, memory, cut, lettingGo };
}

test("A client that reads nothing of it is cut off after the time of a stall, and what waited is given back", () => {
  const { memory, cut } = closed(500_000);
  vi.advanceTimersByTime(STALL_MS - 1000);
  expect([memory.bytes, cut.mock.calls.length]).toEqual([500_000, 0]);
  vi.advanceTimersByTime(1000);
  expect([memory.bytes, cut.mock.calls.length]).toEqual([0, 1]);
});

test("A client that reads on, however slowly, learns why it was closed", () => {
  const { client, cut } = closed(500_000);
  for (let minute = 0; minute < 10; minute += 1) {
    vi.advanceTimersByTime(STALL_MS - 5000);
    client.bufferedAmount -= 1000;
  }
  expect(cut).not.toHaveBeenCalled();
  client.bufferedAmount = 0;
  vi.advanceTimersByTime(10 * STALL_MS);
  expect(cut).not.toHaveBeenCalled();
});

test("A clock that steps back puts it off by the time of a stall, and not by the step", () => {
  const { cut } = closed(500_000);
  vi.setSystemTime(Date.now() - 3_600_000);
  vi.advanceTimersByTime(STALL_MS + 2000);
  expect(cut).toHaveBeenCalledOnce();
});

test("A client that has read all is not cut off", () => {
  const { memory, cut } = closed(0);
  vi.advanceTimersByTime(10 * STALL_MS);
  expect([memory.bytes, cut.mock.calls.length]).toEqual([0, 0]);
});

test("A client whose connection ends meanwhile is not cut off: nothing waits any more", () => {
  const { lettingGo, memory, cut } = closed(500_000);
  vi.advanceTimersByTime(5000);
  lettingGo.ended();
  vi.advanceTimersByTime(10 * STALL_MS);
  expect([memory.bytes, cut.mock.calls.length]).toEqual([0, 0]);
});

test("A client whose socket is gone on both sides has nothing left to read, whatever its last count says", () => {
  const { client, memory, cut } = closed(500_000);
  vi.advanceTimersByTime(5000);
  client.readyState = CLOSED;
  vi.advanceTimersByTime(1000);
  expect(memory.bytes).toBe(0);
  vi.advanceTimersByTime(10 * STALL_MS);
  expect(cut).not.toHaveBeenCalled();
});
