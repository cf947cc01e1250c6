// How many frames may be under way: as many as were asked for, and again as many as were acknowledged.
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Credits } from "../../connection/credits.ts";

function spent(window: number, seqs: readonly number[]): Credits {
  const credits = new Credits(window);
  for (const seq of seqs) credits.spend(seq);
  return credits;
}

test("They are spent with the last frame that was asked for, and not before", () => {
  expect([spent(2, []).areSpent, spent(2, [5]).areSpent, spent(2, [5, 6]).areSpent]).toEqual([false, false, true]);
});

test.each([
  ["a frame before the first", 4, 0],
  ["the first", 5, 1],
  ["a number between two frames", 6, 1],
  ["the last, and with it all before", 9, 3],
  ["a number that no frame has had yet", 1000, 3],
])("An acknowledgement of %s gives %3$i back", (_what, seq, back) => {
  const credits = spent(3, [5, 7, 9]);
  credits.acknowledge(seq);
  let free = 0;
  while (!credits.areSpent) {
    credits.spend(10 + free);
    free += 1;
  }
  expect(free).toBe(back);
});

test("An acknowledgement ahead of time is none of a frame that comes later", () => {
  const credits = new Credits(1);
  credits.acknowledge(1000);
  credits.spend(5);
  expect(credits.areSpent).toBe(true);
});

// With two types a frame that waited may be sent behind one with a higher number; the list is not sorted, and the first
// number above ends the search. It should remove every number that is not above.
test("A frame that was sent behind one with a higher number is acknowledged by its own", () => {
  const credits = spent(2, [10, 9]);
  credits.acknowledge(9);
  expect(credits.areSpent).toBe(false);
});

test("Never more than the window are under way, whatever is acknowledged", () => {
  const acknowledgement = fc.option(fc.nat(60), { nil: undefined });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 64 }), fc.array(acknowledgement, { maxLength: 100 }), (window, acks) => {
      const credits = new Credits(window);
      let underWay: number[] = [];
      for (const [index, ack] of acks.entries()) {
        expect(credits.areSpent).toBe(underWay.length >= window);
        if (!credits.areSpent) {
          credits.spend(index);
          underWay.push(index);
        }
        if (ack === undefined) continue;
        credits.acknowledge(ack);
        underWay = underWay.filter((seq) => seq > ack);
      }
    }),
    { seed: 20_261_121, numRuns: 300 },
  );
});
