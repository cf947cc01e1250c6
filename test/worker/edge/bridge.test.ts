// The bridge between a client and its object: how long it holds what a client that was told to go does not read.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { EdgeMemory } from "../../../worker/edge/edge-memory.ts";
import { Bridge } from "../../../worker/edge/bridge.ts";
import { LastHop } from "../../../worker/edge/last-hop.ts";
import { FakeSocket } from "../../support/fake-socket.ts";

const STALL_MS = 30_000;
const CLOSED = 3;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** An end of a socket with its events, as the Worker has it. */
class FakeEnd extends FakeSocket {
  readonly #listeners = new Map<string, (event: never) => void>();
  binaryType: "blob" | "arraybuffer" = "blob";

  accept(): void {}

  addEventListener(type: string, listener: (event: never) => void): void {
    this.#listeners.set(type, listener);
  }

  lose(): void {
    this.readyState = CLOSED;
    const listener = this.#listeners.get("close") as ((event: { readonly code: number }) => void) | undefined;
    listener?.({ code: 1006 });
  }
}

/** A client that has so many bytes to read, and is told to go. */
function closed(unreadBytes: number) {
  const [client, upstream, memory, cut] = [new FakeEnd(), new FakeEnd(), new EdgeMemory(), vi.fn<() => void>()];
  const bounds = { consumerBufferBytes: 1_000_000, objectBufferBytes: 10_000_000, stallMs: STALL_MS };
  const bridge = new Bridge({
    client,
    upstream,
    lastHop: new LastHop(client, bounds, memory),
    memory,
    idleTimeoutMs: 120_000,
    stallMs: STALL_MS,
    registered: () => undefined,
    cut,
  });
  client.bufferedAmount = unreadBytes;
  bridge.end("SLOW_CONSUMER");
  return { client, memory, cut };
}

test("A client that reads nothing of it is cut off after the time of a stall, and what waited is given back", () => {
  const { memory, cut } = closed(500_000);
  vi.advanceTimersByTime(STALL_MS - 1000);
  expect([memory.bytes, cut.mock.calls.length]).toEqual([500_000, 0]);
  vi.advanceTimersByTime(2000);
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

test("A client that has read all is not cut off", () => {
  const { memory, cut } = closed(0);
  vi.advanceTimersByTime(10 * STALL_MS);
  expect([memory.bytes, cut.mock.calls.length]).toEqual([0, 0]);
});

test("A client whose connection ends meanwhile is not cut off: nothing waits any more", () => {
  const { client, memory, cut } = closed(500_000);
  vi.advanceTimersByTime(5000);
  client.lose();
  vi.advanceTimersByTime(10 * STALL_MS);
  expect([memory.bytes, cut.mock.calls.length]).toEqual([0, 0]);
});
