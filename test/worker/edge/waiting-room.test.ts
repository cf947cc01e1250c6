// What waits for a decision about its client: within whose bound, and what the isolate knows of it.
import { expect, test } from "vitest";
import { BoundedQueue } from "../../../connection/bounded-queue.ts";
import { WaitingQueue } from "../../../connection/waiting-queue.ts";
import { readConfig } from "../../../worker/config.ts";
import { EdgeMemory } from "../../../worker/edge/edge-memory.ts";
import { WaitingRoom } from "../../../worker/edge/waiting-room.ts";
import { TEST_SECRET } from "../../support/session-token.ts";

const EDGE_BUFFER_BYTES = 1_048_576;
const MAX_BYTES = 1000;

function rooms() {
  const { config } = readConfig({ BETTER_AUTH_SECRET: TEST_SECRET, EDGE_BUFFER_BYTES: String(EDGE_BUFFER_BYTES) });
  const memory = new EdgeMemory();
  const room = (queue: ConstructorParameters<typeof WaitingRoom>[0] = new BoundedQueue()): WaitingRoom =>
    new WaitingRoom(queue, MAX_BYTES, { config, memory });
  return { memory, room };
}

test("what waits counts in the isolate, for each client by itself, until it is taken", () => {
  const { memory, room } = rooms();
  const [one, other] = [room(), room()];
  expect([one.add("x".repeat(600)), one.add("x".repeat(300)), other.add("x".repeat(50))]).toEqual(
    Array(3).fill(undefined),
  );
  expect(memory.bytes).toBe(950);
  expect([one.drain().length, memory.bytes]).toEqual([2, 50]);
  expect([one.drain().length, memory.bytes]).toEqual([0, 50]);
});

test("more than one client may have wait is too large, and does not count", () => {
  const { memory, room } = rooms();
  const one = room();
  expect([one.add("x".repeat(1000)), one.add("x"), memory.bytes]).toEqual([undefined, "TOO_LARGE", 1000]);
  expect([room().add("x".repeat(1001)), memory.bytes]).toEqual(["TOO_LARGE", 1000]);
});

test("whoever makes it more than all may have wait together must go", () => {
  const { memory, room } = rooms();
  memory.report({}, EDGE_BUFFER_BYTES - 10);
  const one = room();
  expect([one.add("x".repeat(10)), one.add("x")]).toEqual([undefined, "OVERLOADED"]);
  one.drain();
  expect(memory.bytes).toBe(EDGE_BUFFER_BYTES - 10);
});

test("what its lane allows to be dropped gives way, and its client stays", () => {
  const { memory, room } = rooms();
  const one = room(new WaitingQueue({ latest: new Set(["video-frame"]), durable: new Set() }));
  expect(one.add("x".repeat(990))).toBeUndefined();
  expect([one.add('{"type":"video-frame"}'), one.add('{"type":"note"}')]).toEqual([undefined, "TOO_LARGE"]);
  expect([memory.bytes, one.drain().length]).toEqual([990, 1]);
});
