// The one alarm of an object: when it is written, and when a write is saved.
import { expect, test } from "vitest";
import { Deadlines } from "../../../durable-objects/stream/deadlines.ts";

function start() {
  const written: number[] = [];
  const deadlines = new Deadlines({
    setAlarm: (atMs) => {
      written.push(atMs);
      return Promise.resolve();
    },
  });
  return { deadlines, written };
}

test.each([
  [20_000, 20_000],
  [20_001, 25_000],
  [24_999, 25_000],
])("A deadline at %i sets the alarm to %i: rounded up to five seconds, never down", (atMs, expected) => {
  const { deadlines, written } = start();
  deadlines.add(atMs);
  expect(written).toEqual([expected]);
});

test("A deadline that comes earlier is written", () => {
  const { deadlines, written } = start();
  deadlines.add(60_000);
  deadlines.add(30_000);
  expect(written).toEqual([60_000, 30_000]);
});

test("A deadline that comes later is not written", () => {
  const { deadlines, written } = start();
  deadlines.add(30_000);
  deadlines.add(60_000);
  expect(written).toEqual([30_000]);
});

test("Deadlines of the same five seconds share one write", () => {
  const { deadlines, written } = start();
  for (const atMs of [29_999, 30_000, 25_001, 27_500]) deadlines.add(atMs);
  expect(written).toEqual([30_000]);
});

test("A later deadline does not make a middle one pass for the earliest", () => {
  const { deadlines, written } = start();
  for (const atMs of [30_000, 60_000, 45_000]) deadlines.add(atMs);
  expect(written).toEqual([30_000]);
});

test("An alarm from before the sleep is not written again", () => {
  const { deadlines, written } = start();
  deadlines.restore(30_000);
  deadlines.add(28_000);
  deadlines.add(40_000);
  expect(written).toEqual([]);
});

test("An alarm from before the sleep gives way to an earlier one", () => {
  const { deadlines, written } = start();
  deadlines.restore(30_000);
  deadlines.add(20_000);
  expect(written).toEqual([20_000]);
});

test("Where none was set before the sleep the next deadline is written", () => {
  const { deadlines, written } = start();
  deadlines.restore(null);
  deadlines.add(20_000);
  expect(written).toEqual([20_000]);
});

test("After the alarm rang a later deadline is written", () => {
  const { deadlines, written } = start();
  deadlines.add(20_000);
  deadlines.rang();
  deadlines.add(60_000);
  expect(written).toEqual([20_000, 60_000]);
});
