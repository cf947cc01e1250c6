// What the command line says of the rounds: how many, how long, and of which cells.
import { parseArgs } from "node:util";
import { type Cell, nameOf } from "./cell.ts";

const ROUNDS = 10;
const QUICK_ROUNDS = 2;
/** Of each of two runs in a round. */
const RUN_CPU_US = 800_000;
const QUICK_RUN_CPU_US = 250_000;

export interface RoundOptions {
  readonly rounds: number;
  readonly runCpuUs: number;
  readonly isWanted: (cell: Cell) => boolean;
}

/** @param cells all that the bench has */
export function readOptions(args: readonly string[], cells: readonly Cell[]): RoundOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: "string" },
      "cpu-s": { type: "string" },
      quick: { type: "boolean", default: false },
      only: { type: "string" },
    },
  });
  const rounds = Number(values.rounds ?? (values.quick ? QUICK_ROUNDS : ROUNDS));
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error("--rounds is a number from 1 on");
  const cpuS = Number(values["cpu-s"] ?? NaN);
  if (values["cpu-s"] !== undefined && !(cpuS > 0)) throw new Error("--cpu-s is a number of seconds");
  const runCpuUs = values["cpu-s"] === undefined ? (values.quick ? QUICK_RUN_CPU_US : RUN_CPU_US) : cpuS * 1_000_000;
  const isWanted = (cell: Cell): boolean => nameOf(cell).includes(values.only ?? "");
  if (!cells.some(isWanted)) throw new Error(`--only is a part of one of: ${cells.map(nameOf).join("; ")}`);
  return { rounds, runCpuUs, isWanted };
}
