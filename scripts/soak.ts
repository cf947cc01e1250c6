// `npm run soak`: kills the runtime a hundred times while alerts are published, and counts what was promised and kept.
//
// `npm run soak -- --kills 20` for fewer, `--seed 7` for the same moments again.
import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { killRounds } from "../test/soak/kill-rounds.ts";
import { GatewayOnDisk } from "../test/support/gateway-on-disk.ts";

const { values } = parseArgs({
  options: { kills: { type: "string", default: "100" }, seed: { type: "string", default: String(randomInt(2 ** 31)) } },
});
const kills = Number(values.kills);
const seed = Number(values.seed);
if (!(Number.isInteger(kills) && kills > 0 && Number.isInteger(seed)))
  throw new Error("--kills and --seed are integers");

/** One kill in so many meets a log that forgets. */
const TRIMMING_ONE_IN = 5;
const ALERTS_KEPT_TRIMMING = 100;

const trimmingKills = Math.floor(kills / TRIMMING_ONE_IN);
const onDisk = new GatewayOnDisk();
console.log(`${kills} kills, seed ${seed}`);
for (const options of [
  { kills: kills - trimmingKills, seed },
  { kills: trimmingKills, seed, keptAtMost: ALERTS_KEPT_TRIMMING },
]) {
  const startedMs = performance.now();
  const { complaints, ...counted } = await killRounds(onDisk, {
    ...options,
    roundOver: (sentence) => console.log(sentence),
  });
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  const figures = Object.entries({ ...counted, seconds }).map(([name, figure]) => `${name} ${figure}`);
  console.log(`\n${figures.join(", ")}\n`);
  for (const complaint of complaints) console.error(complaint);
  if (complaints.length > 0) process.exitCode = 1;
}
if (process.exitCode === 1) console.error(`What is on the disks is left in ${onDisk.folder}`);
else onDisk.remove();
