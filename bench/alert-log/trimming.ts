// Publishing on a log that is at its retention limit: what the few publishes cost that forget the oldest alerts too.
import type { Operation } from "../measure/interleave.ts";
import type { BenchStream } from "./bench-stream.ts";
import { publishOne } from "./operations.ts";

const ROUNDS = 40;
/** More publishes than this without a trim mean that the log is not at its limit. */
const PATIENCE_ALERTS = 1000;

/** How many publishes make a round, of which the last one trims: as many as the gateway lets pass between two trims. */
const roundOf = new WeakMap<BenchStream, number>();

export const AT_THE_LIMIT: readonly Operation<BenchStream>[] = [
  {
    name: "publish at the limit, mean",
    rounds: ROUNDS,
    prepare: alignToTrims,
    run: async (stream) => mean(await publishRound(stream)),
  },
  {
    name: "publish at the limit that trims",
    rounds: ROUNDS,
    prepare: alignToTrims,
    run: async (stream) => (await publishRound(stream)).at(-1) ?? NaN,
  },
];

/** Publishes until the log has just been trimmed twice, and so learns how far the trims lie apart. */
async function alignToTrims(stream: BenchStream): Promise<void> {
  await publishUntilTrimmed(stream);
  roundOf.set(stream, await publishUntilTrimmed(stream));
}

async function publishUntilTrimmed(stream: BenchStream): Promise<number> {
  const first = await firstOf(stream);
  for (let published = 1; published <= PATIENCE_ALERTS; published += 1) {
    await publishOne(stream);
    if ((await firstOf(stream)) > first) return published;
  }
  throw new Error(`${stream.streamId} is not trimmed: it is not at its limit`);
}

/** The times of the publishes up to and with the one that trims. */
async function publishRound(stream: BenchStream): Promise<readonly number[]> {
  const length = roundOf.get(stream) ?? 0;
  const firstBefore = await firstOf(stream);
  const timesUs: number[] = [];
  while (timesUs.length < length) timesUs.push(await publishOne(stream));
  const forgotten = (await firstOf(stream)) - firstBefore;
  if (forgotten !== length) throw new Error(`${length} were published and ${forgotten} forgotten, not as many`);
  return timesUs;
}

function firstOf(stream: BenchStream): Promise<number> {
  return stream.number("SELECT min(offset) FROM alerts");
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
