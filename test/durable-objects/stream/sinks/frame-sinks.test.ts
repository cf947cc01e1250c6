// The models that watch a stream: one call in flight, the newest frame waits, a time limit, their alerts.
import { expect, test } from "vitest";
import { ALERT, frame, MODEL, startSinks as start } from "../../../support/fake-sinks.ts";

test("A sink is called with what is known of the frame, and its bytes", () => {
  const { fake, sinks } = start();
  sinks.offer(frame(7));
  expect(fake.calls).toMatchObject([{ binding: "MODEL", meta: frame(7).meta, bytes: [7] }]);
});

test("A frame of a type that the sink did not name is not given to it", () => {
  const { fake, sinks } = start();
  sinks.offer(frame(1, { type: "audio-frame" }));
  expect(fake.calls).toEqual([]);
});

test("While a call is in flight no other is made", () => {
  const { fake, sinks } = start();
  for (const seq of [1, 2, 3]) sinks.offer(frame(seq));
  expect(fake.calls).toHaveLength(1);
});

test("After a call the newest frame follows, and those between are left out", async () => {
  const { fake, sinks } = start();
  for (const seq of [1, 2, 3]) sinks.offer(frame(seq));
  await fake.callAt(0).answer([]);
  await fake.callAt(1).answer([]);
  expect(fake.calls.map(({ meta }) => meta.seq)).toEqual([1, 3]);
});

test("The bytes of a frame that only waits are never made", async () => {
  const { fake, sinks } = start();
  const made: number[] = [];
  for (const seq of [1, 2, 3]) {
    sinks.offer(
      frame(seq, {
        bytes: () => {
          made.push(seq);
          return new ArrayBuffer(1);
        },
      }),
    );
  }
  await fake.callAt(0).answer([]);
  expect(made).toEqual([1, 3]);
});

test("A sink that is idle again is called with the next frame", async () => {
  const { fake, sinks } = start();
  sinks.offer(frame(1));
  await fake.callAt(0).answer([]);
  sinks.offer(frame(2));
  expect(fake.calls).toHaveLength(2);
});

test("A busy sink does not hold up another", () => {
  const { fake, sinks } = start(MODEL, { ...MODEL, binding: "OTHER", types: ["audio-frame"] });
  sinks.offer(frame(1));
  sinks.offer(frame(2, { type: "audio-frame" }));
  expect(fake.calls.map(({ binding }) => binding)).toEqual(["MODEL", "OTHER"]);
});

test("Alerts are published in order as those of their sink", async () => {
  const { fake, sinks, published } = start();
  sinks.offer(frame(1));
  await fake.callAt(0).answer([ALERT, { message: "fire" }]);
  expect(published).toEqual([
    ["MODEL", ALERT],
    ["MODEL", { message: "fire" }],
  ]);
});

test("Sixteen alerts for one frame are published", async () => {
  const { fake, sinks, published, troubles } = start();
  sinks.offer(frame(1));
  await fake.callAt(0).answer(Array.from({ length: 16 }, () => ALERT));
  expect([published.length, troubles]).toEqual([16, []]);
});

test("Of seventeen alerts for one frame none is published", async () => {
  const { fake, sinks, published } = start();
  sinks.offer(frame(1));
  await fake.callAt(0).answer(Array.from({ length: 17 }, () => ALERT));
  expect(published).toEqual([]);
});

test("The alerts beside an invalid one are published all the same", async () => {
  const { fake, sinks, published } = start();
  sinks.offer(frame(1));
  await fake.callAt(0).answer(["no alert", ALERT]);
  expect(published).toContainEqual(["MODEL", ALERT]);
});

test("After the time limit the frame that waited follows", async () => {
  const { fake, sinks } = start();
  sinks.offer(frame(1));
  sinks.offer(frame(2));
  await fake.timerAt(0).ring();
  expect(fake.callAt(1).meta.seq).toBe(2);
});

test("What a sink answers after its time is over is not published", async () => {
  const { fake, sinks, published } = start();
  sinks.offer(frame(1));
  await fake.timerAt(0).ring();
  await fake.callAt(0).answer([ALERT]);
  expect(published).toEqual([]);
});

test.each(["answer", "fail"] as const)("The timer is stopped after a call that ended by %s", async (end) => {
  const { fake, sinks } = start();
  sinks.offer(frame(1));
  expect(fake.timerAt(0).signal.aborted).toBe(false);
  await fake.callAt(0)[end]([]);
  expect(fake.timerAt(0).signal.aborted).toBe(true);
});

test("After a throw the sink gets the next frame", async () => {
  const { fake, sinks } = start();
  sinks.offer(frame(1));
  await fake.callAt(0).fail();
  sinks.offer(frame(2));
  expect(fake.calls).toHaveLength(2);
});

test("After a frame that could not be decoded the sink gets the next one", async () => {
  const { fake, sinks } = start();
  sinks.offer(frame(1));
  sinks.offer(frame(2, { bytes: () => undefined }));
  await fake.callAt(0).answer([]);
  sinks.offer(frame(3));
  expect(fake.calls.map(({ meta }) => meta.seq)).toEqual([1, 3]);
});
