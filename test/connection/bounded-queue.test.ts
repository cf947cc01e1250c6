// What waits in order, whatever it is: how much of it may, and that what finds no room changes nothing.
import { expect, test } from "vitest";
import { BoundedQueue } from "../../connection/bounded-queue.ts";

const MAX_BYTES = 1000;

test("messages come out once, in the order in which they came, with their bytes as on the wire", () => {
  const queue = new BoundedQueue();
  const messages = ["€", new ArrayBuffer(4), "b"];
  for (const message of messages) expect(queue.add(message, MAX_BYTES)).toBe("kept");
  expect(queue.bytes).toBe(8);
  expect([queue.drain(), queue.bytes, queue.drain()]).toEqual([messages, 0, []]);
});

test.each([
  ["64 messages", Array<string>(64).fill("x"), "x"],
  ["lines are none of its business: 64 texts of several", Array<string>(64).fill("x\ny"), "x"],
  ["as many bytes as may wait", ["x".repeat(MAX_BYTES)], "x"],
  ["as many bytes, of a text that is longer on the wire", ["€".repeat(333), "x"], "x"],
])("there is room for %s, and no more", (_what, messages, oneMore) => {
  const queue = new BoundedQueue();
  for (const message of messages) expect(queue.add(message, MAX_BYTES)).toBe("kept");
  const { bytes } = queue;
  expect([queue.add(oneMore, MAX_BYTES), queue.bytes, queue.drain().length]).toEqual([
    "overflow",
    bytes,
    messages.length,
  ]);
  expect(queue.add(oneMore, MAX_BYTES)).toBe("kept");
});

test("what holds several counts as many", () => {
  const queue = new BoundedQueue();
  expect([queue.add("x", MAX_BYTES, 60), queue.add("x", MAX_BYTES, 5), queue.add("x", MAX_BYTES, 4)]).toEqual([
    "kept",
    "overflow",
    "kept",
  ]);
});
