// Subjects beside each other, round by round and cell by cell, and what their ratios say.
import { bootstrapMedian, type Interval, medianOf } from "../measure/bootstrap.ts";
import { duration, table } from "../measure/report.ts";
import { type Cell, nameOf } from "./cell.ts";
import type { RoundOptions } from "./options.ts";
import { type Cost, Round } from "./round.ts";
import type { Server } from "./server.ts";

/** Where the median of the control is outside, what the cell says of the others is worth nothing. */
const CONTROL_FROM = 0.93;
const CONTROL_TO = 1.07;
const MIB = 1024 ** 2;

/** One subject's cost beside another's. */
type Ratio<Name> = readonly [of: Name, to: Name];

export interface Comparison<Name extends string> {
  readonly servers: Readonly<Record<Name, Server>>;
  readonly cells: readonly Cell[];
  /** Its runs are as long as was asked for; those of the others have as many messages. */
  readonly base: Name;
  /** The same as the base in a process of its own: how far its ratio is from 1 is the machine's noise. */
  readonly control: Name;
  /** Beside that of the control. */
  readonly ratios: readonly Ratio<Name>[];
  /** Of whom the costs themselves are told. */
  readonly told: readonly Name[];
}

type Measured<Name extends string> = Readonly<Record<Name, Cost>>;

/** Measures the cells that are wanted, and prints what it sees: each round at once, the table at the end. */
export async function compare<Name extends string>(
  comparison: Comparison<Name>,
  { rounds, runCpuUs, isWanted }: RoundOptions,
): Promise<void> {
  const cells = comparison.cells.filter(isWanted);
  if (cells.length === 0) return;
  const messagesOf = new Map<Cell, number>();
  const measured = new Map<Cell, Measured<Name>[]>(cells.map((cell) => [cell, []]));
  for (let index = 0; index < rounds; index += 1) {
    for (const cell of cells) {
      const costs = await measureOnce(comparison, cell, index, runCpuUs, messagesOf);
      measured.get(cell)?.push(costs);
      const told = allRatios(comparison).map(
        (ratio) => `${headOf(ratio, comparison)} ${ratioIn(costs, ratio).toFixed(3)}`,
      );
      console.log(`round ${index + 1}, ${nameOf(cell)}: ${told.join(", ")}`);
    }
  }
  tell(comparison, measured);
}

async function measureOnce<Name extends string>(
  { servers, base }: Comparison<Name>,
  cell: Cell,
  index: number,
  runCpuUs: number,
  messagesOf: Map<Cell, number>,
): Promise<Measured<Name>> {
  const subjects = Object.entries<Server>(servers).map(([name, server]) => ({ name, server }));
  // Everyone is first, middle and last as often, when started and when measured.
  const order = subjects.map((_subject, step) => subjects[(index + step) % subjects.length] ?? never());
  const round = new Round();
  try {
    await round.open(order, cell);
    const messages = messagesOf.get(cell) ?? (await round.messagesFor(base, runCpuUs));
    messagesOf.set(cell, messages);
    const names = order.map(({ name }) => name);
    const costs = await round.measure(names, cell, messages);
    return Object.fromEntries(costs) as Measured<Name>;
  } finally {
    await round.stop();
  }
}

function tell<Name extends string>(
  comparison: Comparison<Name>,
  measured: ReadonlyMap<Cell, readonly Measured<Name>[]>,
): void {
  const { base, control, told } = comparison;
  const ratioHeads = allRatios(comparison).flatMap((ratio) => [headOf(ratio, comparison), "(95 %)"]);
  const heads = ["", ...told, ...ratioHeads, ...told.map((name) => `RSS ${name}`), ""];
  const rows = [...measured].map(([cell, rounds]) => toRow(comparison, nameOf(cell), rounds));
  console.log(`\nServer CPU for each delivered message; medians of rounds, each with processes of its own.\n`);
  console.log(table([heads, ...rows]));
  const controls = [...measured.values()].flat().map((costs) => ratioIn(costs, [control, base]));
  const all = medianOf(controls);
  const verdict = isVoid({ median: all }) ? ": this run is void" : "";
  console.log(`\n${base}/${base} over all cells and rounds: ${all.toFixed(3)}${verdict}`);
}

function toRow<Name extends string>(
  comparison: Comparison<Name>,
  cellName: string,
  rounds: readonly Measured<Name>[],
): readonly string[] {
  const { base, control, told } = comparison;
  const intervalOf = (ratio: Ratio<Name>): Interval => bootstrapMedian(rounds.map((costs) => ratioIn(costs, ratio)));
  const medianOfCost = (name: Name, cost: keyof Cost): number => medianOf(rounds.map((costs) => costs[name][cost]));
  return [
    cellName,
    ...told.map((name) => duration(medianOfCost(name, "cpuUs"))),
    ...allRatios(comparison).flatMap((ratio) => tellInterval(intervalOf(ratio))),
    ...told.map((name) => `${Math.round(medianOfCost(name, "residentBytes") / MIB)} MiB`),
    isVoid(intervalOf([control, base])) ? "void" : "",
  ];
}

function allRatios<Name extends string>({ ratios, control, base }: Comparison<Name>): readonly Ratio<Name>[] {
  return [...ratios, [control, base]];
}

/** The control is the base again. */
function headOf<Name extends string>([of, to]: Ratio<Name>, { control, base }: Comparison<Name>): string {
  return `${of === control ? base : of}/${to}`;
}

function ratioIn<Name extends string>(costs: Measured<Name>, [of, to]: Ratio<Name>): number {
  return costs[of].cpuUs / costs[to].cpuUs;
}

function never(): never {
  throw new Error("one was left out");
}

function tellInterval({ median, from, to }: Interval): readonly string[] {
  return [median.toFixed(2), `(${from.toFixed(2)}–${to.toFixed(2)})`];
}

function isVoid({ median }: Pick<Interval, "median">): boolean {
  return !(median >= CONTROL_FROM && median <= CONTROL_TO);
}
