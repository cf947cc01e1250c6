// The last hop to a client that does not read: when it is looked at, what the isolate knows of it, when it falls behind.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { LastHop } from "../../../../worker/edge/bridge/last-hop.ts";
import { WatchedHop } from "../../../../worker/edge/bridge/watched-hop.ts";
import { EdgeMemory } from "../../../../worker/edge/edge-memory.ts";
import { FakeSocket } from "../../../support/fake-socket.ts";

const STALL_MS = 30_000;
const BOUNDS = { consumerBufferBytes: 1000, objectBufferBytes: 1_000_000, stallMs: STALL_MS };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function hopTo() {
  const [client, memory, fellBehind] = [new FakeSocket(), new EdgeMemory(), vi.fn<() => void>()];
  const hop = new WatchedHop({ client, memory, fellBehind, lastHop: new LastHop(client, BOUNDS, memory) });
  fellBehind.mockImplementation(() => hop.stop());
  return { client, memory, fellBehind, hop };
}

/** As the object sends it. */
const frame = (seq: number): string =>
  JSON.stringify({ type: "video-frame", pad: "x".repeat(400), seq, receivedAt: 5, dropped: 0 });

test("a client that reads is looked at once more, and then no timer runs", () => {
  const { hop, memory, client } = hopTo();
  hop.pass('{"type":"chat"}');
  vi.advanceTimersByTime(60_000);
  expect([client.sent.length, memory.bytes, vi.getTimerCount()]).toEqual([1, 0, 0]);
});

test("what a client has not read counts in the isolate until it has", () => {
  const { hop, memory, client } = hopTo();
  client.stalled = true;
  hop.pass("x".repeat(100));
  expect(memory.bytes).toBe(100);
  client.bufferedAmount = 40;
  vi.advanceTimersByTime(1000);
  expect(memory.bytes).toBe(40);
  client.bufferedAmount = 0;
  vi.advanceTimersByTime(1000);
  expect([memory.bytes, vi.getTimerCount()]).toEqual([0, 0]);
});

test("a frame that finds no room counts as well, and leaves soon after there is room", () => {
  const { hop, memory, client } = hopTo();
  hop.registered(undefined);
  client.stalled = true;
  hop.pass(frame(1));
  hop.pass(frame(2));
  expect([client.sent.length, memory.bytes]).toEqual([1, 2 * frame(1).length]);
  client.bufferedAmount = 0;
  vi.advanceTimersByTime(40);
  expect(client.sent).toEqual([frame(1), frame(2)]);
});

test("who may not miss what finds no room falls behind at once", () => {
  const { hop, memory, client, fellBehind } = hopTo();
  client.stalled = true;
  hop.tell("x".repeat(600));
  hop.tell("x".repeat(600));
  expect([fellBehind.mock.calls.length, memory.bytes, vi.getTimerCount()]).toEqual([1, 0, 0]);
});

test("who reads nothing for too long falls behind", () => {
  const { hop, memory, client, fellBehind } = hopTo();
  client.stalled = true;
  hop.tell("x".repeat(600));
  vi.advanceTimersByTime(STALL_MS - 1000);
  expect(fellBehind).not.toHaveBeenCalled();
  vi.advanceTimersByTime(2000);
  expect([fellBehind.mock.calls.length, memory.bytes, vi.getTimerCount()]).toEqual([1, 0, 0]);
});

test("who was told to go is looked at no more, whatever it acknowledges", () => {
  const { hop, memory, client, fellBehind } = hopTo();
  client.stalled = true;
  hop.registered(1);
  hop.pass(frame(1));
  hop.pass(frame(2));
  hop.stop();
  hop.acknowledge(1);
  expect([client.sent, memory.bytes, vi.getTimerCount()]).toEqual([[frame(1)], 0, 0]);
  expect(fellBehind).not.toHaveBeenCalled();
});

test("an acknowledgement lets the frame go that waited for it, without a timer", () => {
  const { hop, client } = hopTo();
  hop.registered(1);
  hop.pass(frame(1));
  hop.pass(frame(2));
  expect(client.sent).toEqual([frame(1)]);
  hop.acknowledge(1);
  expect(client.sent).toEqual([frame(1), frame(2)]);
});
