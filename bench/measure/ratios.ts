// What two series of times say about each other: medians, and the ratio round by round with its spread.

export interface Spread {
  readonly median: number;
  readonly lowerQuartile: number;
  readonly upperQuartile: number;
  /** Between these the median of many more rounds would lie, in 95 of 100 runs like this one. */
  readonly medianFrom: number;
  readonly medianTo: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  // By order alone, since times are skewed and no formula for a mean fits them.
  const margin = 0.98 / Math.sqrt(Math.max(sorted.length, 1));
  return {
    median: quantile(sorted, 0.5),
    lowerQuartile: quantile(sorted, 0.25),
    upperQuartile: quantile(sorted, 0.75),
    medianFrom: quantile(sorted, Math.max(0.5 - margin, 0)),
    medianTo: quantile(sorted, Math.min(0.5 + margin, 1)),
  };
}

/** Of times that were taken right after each other, so that a moment in which the machine was busy counts for both. */
export function ratiosOf(timesUs: readonly number[], baseUs: readonly number[]): readonly number[] {
  return timesUs.map((timeUs, index) => timeUs / (baseUs[index] ?? NaN));
}

/** Whether one ratio is larger than another by more than chance and the machine's noise explain. */
export function isBeyond(ratio: Spread, control: Spread): boolean {
  return ratio.medianFrom > Math.max(control.medianTo, 1);
}

/** Linear between the two nearest. */
function quantile(sorted: readonly number[], share: number): number {
  const position = (sorted.length - 1) * share;
  const below = sorted[Math.floor(position)] ?? NaN;
  const above = sorted[Math.ceil(position)] ?? NaN;
  return below + (above - below) * (position - Math.floor(position));
}
