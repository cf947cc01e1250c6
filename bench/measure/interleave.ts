// Runs one operation on several subjects in turn, in an order that changes, so that what drifts drifts for all.

/** Something that is done to a subject and timed; checks and preparations stay outside of the time. */
export interface Operation<Subject> {
  readonly name: string;
  readonly rounds: number;
  /** Once for each subject, before the first of them is measured. */
  readonly prepare?: (subject: Subject) => Promise<void>;
  /** Returns how long it took, in microseconds. */
  readonly run: (subject: Subject) => Promise<number>;
}

/** Rounds whose times are thrown away: the runtime compiles, and caches fill. */
const WARM_UP_SHARE = 0.1;

/** For each subject its times in microseconds, by round: those at one index were taken right after each other. */
export async function interleave<Subject>(
  { rounds, prepare, run }: Operation<Subject>,
  subjects: readonly Subject[],
): Promise<readonly (readonly number[])[]> {
  const orders = permutations(subjects.map((_subject, index) => index));
  const timesUs: number[][] = subjects.map(() => []);
  if (prepare !== undefined) for (const subject of subjects) await prepare(subject);
  const warmUpRounds = Math.ceil(rounds * WARM_UP_SHARE);
  for (let round = -warmUpRounds; round < rounds; round += 1) {
    // All orders take turns, so that nobody is always measured right behind the same one.
    for (const index of orders[(round + warmUpRounds) % orders.length] ?? []) {
      const subject = subjects[index];
      if (subject === undefined) continue;
      const timeUs = await run(subject);
      if (round >= 0) timesUs[index]?.push(timeUs);
    }
  }
  return timesUs;
}

/** How long a piece of work takes, in microseconds, beside what it returns. */
export async function timed<T>(work: () => Promise<T>): Promise<{ readonly timeUs: number; readonly result: T }> {
  const startMs = performance.now();
  const result = await work();
  return { timeUs: (performance.now() - startMs) * 1000, result };
}

function permutations(items: readonly number[]): readonly (readonly number[])[] {
  if (items.length < 2) return [items];
  return items.flatMap((first) =>
    permutations(items.filter((item) => item !== first)).map((rest) => [first].concat(rest)),
  );
}
