// What the gateway costs beside a bare object that forwards: the server's CPU for each delivered message, cell by cell.
import { cellsFor } from "../delivery/cell.ts";
import { compare } from "../delivery/comparison.ts";
import { readOptions } from "../delivery/options.ts";
import { machine } from "../measure/report.ts";
import { bareObject, gateway, leastObject } from "./servers.ts";

const CELLS = cellsFor([1, 10, 100]);

export async function run(args: readonly string[]): Promise<void> {
  const options = readOptions(args, CELLS);
  console.log(`${machine()}\n`);
  const compared = await gateway();
  const bare = bareObject(compared);
  await compare(
    {
      servers: { gateway: compared, bare, least: leastObject(compared), "bare again": bare },
      cells: CELLS,
      base: "bare",
      control: "bare again",
      ratios: [
        ["gateway", "bare"],
        ["gateway", "least"],
        ["least", "bare"],
      ],
      told: ["bare", "gateway"],
    },
    options,
  );
}
