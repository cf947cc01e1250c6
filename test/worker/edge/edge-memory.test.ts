// Whether the sum of what the holders of sockets report is the sum of what they last reported.
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { EdgeMemory } from "../../../worker/edge/edge-memory.ts";

test("nothing waits before anyone reports", () => {
  expect(new EdgeMemory().bytes).toBe(0);
});

test("what several holders report is added up", () => {
  const memory = new EdgeMemory();
  memory.report({}, 5);
  memory.report({}, 7);
  expect(memory.bytes).toBe(12);
});

test("a report takes the place of the holder's last one", () => {
  const memory = new EdgeMemory();
  const holder = {};
  for (const bytes of [5, 3, 9]) memory.report(holder, bytes);
  expect(memory.bytes).toBe(9);
});

test("a holder that reports nothing leaves nothing behind, however often it says so", () => {
  const memory = new EdgeMemory();
  const holder = {};
  for (const bytes of [5, 0, 0]) memory.report(holder, bytes);
  expect(memory.bytes).toBe(0);
});

test("holders are told apart by who they are and not by what they say", () => {
  const memory = new EdgeMemory();
  memory.report({ name: "a" }, 1);
  memory.report({ name: "a" }, 1);
  expect(memory.bytes).toBe(2);
});

test("the sum is right after any reports", () => {
  const report = fc.record({ who: fc.nat(4), bytes: fc.oneof(fc.constant(0), fc.nat(1000)) });
  fc.assert(
    fc.property(fc.array(report, { maxLength: 50 }), (reports) => {
      const memory = new EdgeMemory();
      const holders = Array.from({ length: 5 }, () => ({}));
      const last = new Map<number, number>();
      for (const { who, bytes } of reports) {
        memory.report(holders[who] ?? {}, bytes);
        last.set(who, bytes);
      }
      expect(memory.bytes).toBe([...last.values()].reduce((sum, bytes) => sum + bytes, 0));
    }),
    { seed: 20_261, numRuns: 300 },
  );
});
