// What waits for a decision: in order, within bounds, and what gives way at them.
import { describe, expect, test } from "vitest";
import { WaitingQueue } from "../../connection/waiting-queue.ts";
import { binaryFrame, frame } from "../support/held-client.ts";

const MAX_BYTES = 1000;
const FRAME = JSON.stringify(frame("a"));
const ALERT = JSON.stringify({ type: "alert" });

function emptyQueue(): WaitingQueue {
  return new WaitingQueue({ latest: new Set(["video-frame"]), durable: new Set(["alert"]) });
}

/** A queue that holds this many messages of one byte. */
function queueOf(count: number): WaitingQueue {
  const queue = emptyQueue();
  for (let index = 0; index < count; index += 1) queue.add("x", MAX_BYTES);
  return queue;
}

test("an empty queue holds nothing", () => {
  const queue = emptyQueue();
  expect([queue.bytes, queue.drain()]).toEqual([0, []]);
});

test("messages come out in the order in which they came", () => {
  const queue = emptyQueue();
  const messages = ["a", new ArrayBuffer(2), "b", "a"];
  for (const message of messages) queue.add(message, MAX_BYTES);
  expect(queue.drain()).toEqual(messages);
});

test("messages come out once", () => {
  const queue = queueOf(3);
  queue.drain();
  expect([queue.bytes, queue.drain()]).toEqual([0, []]);
});

test("a queue that was emptied has all its room again", () => {
  const queue = queueOf(64);
  queue.drain();
  expect(queue.add("x".repeat(MAX_BYTES), MAX_BYTES)).toBe("kept");
});

test("bytes are those of texts and of binary messages together", () => {
  const queue = emptyQueue();
  queue.add("abc", MAX_BYTES);
  queue.add(new ArrayBuffer(4), MAX_BYTES);
  expect(queue.bytes).toBe(7);
});

test("bytes of a text are those on the wire", () => {
  const queue = emptyQueue();
  queue.add("€😀", MAX_BYTES);
  expect(queue.bytes).toBe(7);
});

describe("room", () => {
  test("is there for 64 messages", () => {
    expect(queueOf(63).add(ALERT, MAX_BYTES)).toBe("kept");
  });

  test("is there for the last byte", () => {
    expect(queueOf(1).add("x".repeat(MAX_BYTES - 1), MAX_BYTES)).toBe("kept");
  });

  test("is as much as each caller says", () => {
    const queue = queueOf(10);
    expect([queue.add("x", 10), queue.add("x", 11)]).toEqual(["overflow", "kept"]);
  });
});

describe("where there is no room", () => {
  const FULL: readonly (readonly [string, () => WaitingQueue])[] = [
    ["messages", () => queueOf(64)],
    [
      "bytes",
      () => {
        const queue = emptyQueue();
        queue.add("x".repeat(MAX_BYTES), MAX_BYTES);
        return queue;
      },
    ],
  ];

  describe.each(FULL)("for %s", (_what, full) => {
    test.each([
      ["a frame", FRAME],
      ["a binary frame", binaryFrame(frame("a"))],
      ["a text of frames alone", `${FRAME}\n${FRAME}`],
    ])("%s is dropped", (_which, message) => {
      expect(full().add(message, MAX_BYTES)).toBe("dropped");
    });

    test.each([
      ["an alert", ALERT],
      ["a message that must come in order", '{"type":"chat"}'],
      ["a register", '{"type":"register"}'],
      ["an auth", '{"type":"auth","token":"t"}'],
      ["a text that is no JSON", "junk"],
      ["a frame that cannot be read", '{"type":"video-frame","ref":{}}'],
      ["a frame and an alert in one text", `${FRAME}\n${ALERT}`],
      ["bytes that are no envelope", new ArrayBuffer(9)],
      ["a binary message of another lane", binaryFrame({ type: "chat" })],
    ])("%s is too much", (_which, message) => {
      expect(full().add(message, MAX_BYTES)).toBe("overflow");
    });

    test("nothing is added", () => {
      const queue = full();
      const before = queue.bytes;
      queue.add(FRAME, MAX_BYTES);
      queue.add(ALERT, MAX_BYTES);
      expect(queue.bytes).toBe(before);
    });
  });
});

test("a text of several messages waits whole, with all its bytes, and counts as many", () => {
  const queue = new WaitingQueue({ latest: new Set(["video-frame"]), durable: new Set() });
  const text = `${JSON.stringify({ type: "video-frame", data: "x".repeat(1000) })}\n{"type":"note"}`;
  expect(queue.add(text, 2000)).toBe("kept");
  expect(queue.bytes).toBe(text.length);
  expect(queue.add("{}\n".repeat(62), 2000)).toBe("kept");
  expect(queue.add("{}", 2000)).toBe("overflow");
  expect(queue.drain()).toHaveLength(2);
});
