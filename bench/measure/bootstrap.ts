// How sure a median is, by drawing from the same values again and again: for few rounds, where ranks are too coarse.
import { spreadOf } from "./ratios.ts";

export interface Interval {
  readonly median: number;
  readonly from: number;
  readonly to: number;
}

const DRAWS = 4000;
const OUTSIDE_SHARE = 0.05;

/** The median, and between what 95 of 100 medians of values that are drawn from these lie. */
export function bootstrapMedian(values: readonly number[]): Interval {
  const random = drawingFrom(values.length);
  const medians = Array.from({ length: DRAWS }, () => medianOf(values.map(() => values[random()] ?? NaN)));
  medians.sort((a, b) => a - b);
  const at = (share: number): number => medians[Math.round((DRAWS - 1) * share)] ?? NaN;
  return { median: medianOf(values), from: at(OUTSIDE_SHARE / 2), to: at(1 - OUTSIDE_SHARE / 2) };
}

export function medianOf(values: readonly number[]): number {
  return spreadOf(values).median;
}

/** Indexes below a length, the same ones in each run, so that the same values have the same interval. */
function drawingFrom(length: number): () => number {
  let state = 0x2545f491;
  return () => {
    // xorshift32
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % length;
  };
}
