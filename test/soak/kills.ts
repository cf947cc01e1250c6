// Kills of the runtime while alerts are published, most of them on a log that keeps all, some on one that forgets.
import { killRounds } from "./kill-rounds.ts";
import type { SoakRun } from "./soak.ts";

/** One kill in so many meets a log that forgets. */
const TRIMMING_ONE_IN = 5;
const ALERTS_KEPT_TRIMMING = 100;

export async function soakKills({ onDisk, kills, seed, say, complain }: SoakRun): Promise<void> {
  const trimmingKills = Math.floor(kills / TRIMMING_ONE_IN);
  say(`${kills} kills, seed ${seed}`);
  for (const options of [
    { kills: kills - trimmingKills, seed },
    { kills: trimmingKills, seed, keptAtMost: ALERTS_KEPT_TRIMMING },
  ]) {
    const startedMs = performance.now();
    const { complaints, ...counted } = await killRounds(onDisk, { ...options, roundOver: say });
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
    const figures = Object.entries({ ...counted, seconds }).map(([name, figure]) => `${name} ${figure}`);
    say(`\n${figures.join(", ")}\n`);
    for (const complaint of complaints) complain(complaint);
  }
}
