// `npm run soak`: faults at full size against the real runtime; what was promised is counted, and what was not kept said.
//
// `npm run soak -- stalled` for one of them; of `kills` `--kills 20` for fewer, `--seed 7` for the same moments again.
import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { soakGivenBack } from "../test/soak/given-back.ts";
import { soakKills } from "../test/soak/kills.ts";
import { soakRestart } from "../test/soak/restart.ts";
import type { SoakRun } from "../test/soak/soak.ts";
import { soakStalled } from "../test/soak/stalled.ts";
import { GatewayOnDisk } from "../test/support/gateway-on-disk.ts";

const SOAKS: ReadonlyMap<string, (run: SoakRun) => Promise<void>> = new Map([
  ["kills", soakKills],
  ["stalled", soakStalled],
  ["given-back", soakGivenBack],
  ["restart", soakRestart],
]);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { kills: { type: "string", default: "100" }, seed: { type: "string", default: String(randomInt(2 ** 31)) } },
});
const kills = Number(values.kills);
const seed = Number(values.seed);
if (!(Number.isInteger(kills) && kills > 0 && Number.isInteger(seed)))
  throw new Error("--kills and --seed are integers");
const known = [...SOAKS.keys()];
if (!positionals.every((name) => SOAKS.has(name))) throw new Error(`the soaks are ${known.join(", ")}`);

const onDisk = new GatewayOnDisk();
const complain = (sentence: string): void => {
  console.error(sentence);
  process.exitCode = 1;
};
for (const name of positionals.length > 0 ? positionals : known) {
  try {
    await SOAKS.get(name)?.({ onDisk, kills, seed, say: (line) => console.log(line), complain });
  } catch (error) {
    complain(`${name}: ${String(error)}`);
  }
}
if (process.exitCode === 1) console.error(`What is on the disks is left in ${onDisk.folder}`);
else onDisk.remove();
// A socket of a soak that failed may still be open.
process.exit();
