// When a sink is in trouble, that it is told once, and what brings it out of trouble again.
import { expect, test } from "vitest";
import { FrameSinks, type SinkTrouble } from "../../../../durable-objects/stream/sinks/frame-sinks.ts";
import { ALERT, frame, MODEL, microtasksDone, startSinks as start, TIMEOUT_MS } from "../../../support/fake-sinks.ts";

test.each([
  ["nothing", undefined],
  ["null", null],
  ["an empty list", []],
])("A sink that returns %s is well", async (_what, value) => {
  const { fake, sinks, troubles } = start();
  sinks.offer(frame(1));
  await fake.callAt(0).answer(value);
  expect(troubles).toEqual([]);
});

test.each([
  ["a text", "nonsense"],
  ["a number", 42],
  ["an object", { 0: ALERT, length: 1 }],
  ["seventeen alerts", Array.from({ length: 17 }, () => ALERT)],
  ["something that is no alert beside one that is", [ALERT, "no alert"]],
])("A sink that returns %s is in trouble for an invalid alert", async (_what, value) => {
  const { fake, sinks, troubles } = start();
  sinks.offer(frame(1));
  await fake.callAt(0).answer(value);
  expect(troubles).toEqual([["MODEL", "invalid-alert"]]);
});

test("A sink that throws is in trouble", async () => {
  const { fake, sinks, troubles } = start();
  sinks.offer(frame(1));
  await fake.callAt(0).fail();
  expect(troubles).toEqual([["MODEL", "failed"]]);
});

test("A binding that throws before it answers at all is in trouble like any other", () => {
  const troubles: SinkTrouble[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const sinks = new FrameSinks([MODEL], TIMEOUT_MS, {
    call: () => {
      throw new TypeError("onFrame is not a function");
    },
    delay: () => new Promise(() => {}),
    now: () => 0,
    publish: () => true,
    failed: () => undefined,
    trouble: (_binding, trouble) => {
      troubles.push(trouble);
      resolve();
    },
  });
  sinks.offer(frame(1));
  return promise.then(() => expect(troubles).toEqual(["failed"]));
});

test("Each call that does not end well is counted, although trouble is told once", async () => {
  const { fake, sinks, troubles, failed } = start();
  sinks.offer(frame(1));
  await fake.callAt(0).answer(undefined);
  expect(failed).not.toHaveBeenCalled();
  sinks.offer(frame(2));
  await fake.callAt(1).fail();
  sinks.offer(frame(3));
  await fake.timerAt(2).ring();
  sinks.offer(frame(4));
  await fake.callAt(3).answer("nonsense");
  expect([failed.mock.calls.length, troubles.length]).toEqual([3, 1]);
});

test("A sink that hangs is in trouble once its time is over", async () => {
  const { fake, sinks, troubles } = start();
  sinks.offer(frame(1));
  await fake.timerAt(0).ring();
  expect(fake.timerAt(0).ms).toBe(TIMEOUT_MS);
  expect(troubles).toEqual([["MODEL", "timeout"]]);
});

test("Trouble that goes on is told once", async () => {
  const { fake, sinks, troubles } = start();
  for (const seq of [0, 1, 2]) {
    sinks.offer(frame(seq));
    await fake.callAt(seq).fail();
  }
  expect(troubles).toHaveLength(1);
});

test("Trouble is told again once the sink was well in between", async () => {
  const { fake, sinks, troubles } = start();
  for (const seq of [0, 1, 2]) {
    sinks.offer(frame(seq));
    await (seq === 1 ? fake.callAt(seq).answer([]) : fake.callAt(seq).fail());
  }
  expect(troubles).toHaveLength(2);
});

test("The trouble of one sink is not that of another", async () => {
  const { fake, sinks, troubles } = start(MODEL, { ...MODEL, binding: "OTHER" });
  sinks.offer(frame(1));
  await fake.callAt(0).fail();
  await fake.callAt(1).fail();
  expect(troubles.map(([binding]) => binding)).toEqual(["MODEL", "OTHER"]);
});

test("A frame that cannot be decoded is not given to a sink, and is no trouble of the sink's", async () => {
  const { fake, sinks, troubles } = start();
  sinks.offer(frame(1, { bytes: () => undefined }));
  await microtasksDone();
  expect([fake.calls, troubles]).toEqual([[], []]);
});

test("A frame that cannot be decoded does not heal a sink that is in trouble", async () => {
  const { fake, sinks, troubles } = start();
  sinks.offer(frame(1));
  await fake.callAt(0).fail();
  sinks.offer(frame(2, { bytes: () => undefined }));
  await microtasksDone();
  sinks.offer(frame(3));
  await fake.callAt(1).fail();
  expect(troubles).toHaveLength(1);
});
