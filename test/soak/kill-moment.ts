// When the runtime of a round is killed: at the nth of some event, drawn from the seed, early and late in turn.
import type { RoundEvent } from "./round-events.ts";
import type { SeededRandom } from "./seeded-random.ts";

export interface KillMoment {
  readonly event: RoundEvent;
  readonly count: number;
  /** What passes between the event and the kill: 0 kills within the event, before anything of it is answered. */
  readonly delayMs: number;
  /** Whether the network goes at the same moment: what was answered and not yet read is lost as well. */
  readonly withNetwork: boolean;
}

/** Between which of each event a round may be killed; the last of them comes in every round, whoever overtakes whom. */
const COUNTS: Record<RoundEvent, readonly [least: number, most: number]> = {
  "register sent": [1, 3],
  registered: [1, 3],
  "claim sent": [1, 1],
  claimed: [1, 1],
  "alert sent": [1, 35],
  "alert acknowledged": [1, 60],
  "alert replayed": [1, 20],
  // Past the first such stretch of offsets, so that each round brings the log to forget something.
  "alert acknowledged near a trim": [20, 50],
};

/** So long after the event the runtime is somewhere in the middle of it. */
const DELAY_MOST_MS = 4;

const WHILE_PUBLISHING: readonly RoundEvent[] = [
  "register sent",
  "registered",
  "claim sent",
  "claimed",
  "alert sent",
  "alert sent",
  "alert acknowledged",
  "alert acknowledged",
  "alert replayed",
  "alert replayed",
];

/** As many moments as kills: each kind once before any comes again, in an order that the seed decides. */
export function drawMoments(random: SeededRandom, kills: number, trimming: boolean): readonly KillMoment[] {
  const kinds: readonly RoundEvent[] = trimming ? ["alert acknowledged near a trim"] : WHILE_PUBLISHING;
  const decks = Array.from({ length: Math.ceil(kills / kinds.length) }, () => random.shuffled(kinds)).flat();
  return decks.slice(0, kills).map((event) => {
    const count = random.integer(...COUNTS[event]);
    const delayMs = random.integer(0, 1) === 0 ? 0 : random.integer(1, DELAY_MOST_MS);
    return { event, count, delayMs, withNetwork: random.integer(0, 1) === 1 };
  });
}

export function describeMoment({ event, count, delayMs, withNetwork }: KillMoment): string {
  return `${delayMs === 0 ? "at" : `${delayMs} ms after`} "${event}" ${count}${withNetwork ? ", with the network" : ""}`;
}
