// What the gateway costs beside a bare object that forwards: the server's CPU for each delivered message, cell by cell.
import { parseArgs } from "node:util";
import { bootstrapMedian, type Interval, medianOf } from "../measure/bootstrap.ts";
import { duration, machine, table } from "../measure/report.ts";
import { type Cell, CELLS, nameOf } from "./cells.ts";
import { type Cost, Round, type Subject } from "./round.ts";
import { bareObject, gateway, leastObject } from "./servers.ts";

const GATEWAY = "gateway";
const BARE = "bare";
const LEAST = "least";
/** The same as `bare` in a process of its own: how far its ratio is from 1 is the machine's noise. */
const CONTROL = "bare again";

const ROUNDS = 10;
const QUICK_ROUNDS = 2;
/** Of each of two runs in a round. */
const RUN_CPU_US = 800_000;
const QUICK_RUN_CPU_US = 250_000;
/** Where the median of the control is outside, what the cell says of the gateway is worth nothing. */
const CONTROL_FROM = 0.93;
const CONTROL_TO = 1.07;
const MIB = 1024 ** 2;

type Measured = Readonly<Record<"gateway" | "bare" | "least" | "control", Cost>>;

export async function run(args: readonly string[]): Promise<void> {
  const { rounds, runCpuUs, cells } = readOptions(args);
  console.log(`${machine()}\n`);
  const compared = await gateway();
  const bare = bareObject(compared);
  const subjects: readonly Subject[] = [
    { name: GATEWAY, server: compared },
    { name: BARE, server: bare },
    { name: LEAST, server: leastObject(compared) },
    { name: CONTROL, server: bare },
  ];
  const messagesOf = new Map<Cell, number>();
  const measured = new Map<Cell, Measured[]>(cells.map((cell) => [cell, []]));
  for (let index = 0; index < rounds; index += 1) {
    for (const cell of cells) {
      const costs = await measureOnce(subjects, cell, index, runCpuUs, messagesOf);
      measured.get(cell)?.push(costs);
      const { gateway: ofGateway, bare: ofBare, least, control } = costs;
      const ratios = [
        (ofGateway.cpuUs / ofBare.cpuUs).toFixed(3),
        `of the least ${(ofGateway.cpuUs / least.cpuUs).toFixed(3)}`,
        `control ${(control.cpuUs / ofBare.cpuUs).toFixed(3)}`,
      ];
      console.log(`round ${index + 1}, ${nameOf(cell)}: ${ratios.join(", ")}`);
    }
  }
  tell(measured);
}

function readOptions(args: readonly string[]): { rounds: number; runCpuUs: number; cells: readonly Cell[] } {
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
  const cells = CELLS.filter((cell) => nameOf(cell).includes(values.only ?? ""));
  if (cells.length === 0) throw new Error(`--only is a part of one of: ${CELLS.map(nameOf).join("; ")}`);
  return { rounds, runCpuUs, cells };
}

async function measureOnce(
  subjects: readonly Subject[],
  cell: Cell,
  index: number,
  runCpuUs: number,
  messagesOf: Map<Cell, number>,
): Promise<Measured> {
  // Everyone is first, middle and last as often, when started and when measured.
  const order = subjects.map((_subject, step) => subjects[(index + step) % subjects.length] ?? never());
  const round = new Round();
  try {
    await round.open(order, cell);
    const messages = messagesOf.get(cell) ?? (await round.messagesFor(BARE, runCpuUs));
    messagesOf.set(cell, messages);
    const names = order.map(({ name }) => name);
    const costs = await round.measure(names, cell, messages);
    const of = (name: string): Cost => costs.get(name) ?? never();
    return { gateway: of(GATEWAY), bare: of(BARE), least: of(LEAST), control: of(CONTROL) };
  } finally {
    await round.stop();
  }
}

function tell(measured: ReadonlyMap<Cell, readonly Measured[]>): void {
  const ratios = ["gateway/bare", "(95 %)", "gateway/least", "(95 %)", "least/bare", "(95 %)", "bare/bare", "(95 %)"];
  const heads = ["", "bare", "gateway", ...ratios, "RSS", "RSS gateway", ""];
  const rows = [...measured].map(([cell, rounds]) => toRow(nameOf(cell), rounds));
  console.log(`\nServer CPU for each delivered message; medians of rounds, each with processes of its own.\n`);
  console.log(table([heads, ...rows]));
  const all = medianOf([...measured.values()].flat().map(({ bare, control }) => control.cpuUs / bare.cpuUs));
  console.log(
    `\nbare/bare over all cells and rounds: ${all.toFixed(3)}${isVoid({ median: all }) ? ": this run is void" : ""}`,
  );
}

function toRow(name: string, rounds: readonly Measured[]): readonly string[] {
  const control = ratioOf(rounds, "control", "bare");
  const cpuOf = (subject: keyof Measured): string => duration(medianOf(rounds.map((round) => round[subject].cpuUs)));
  const residentOf = (subject: keyof Measured): string =>
    `${Math.round(medianOf(rounds.map((round) => round[subject].residentBytes)) / MIB)} MiB`;
  return [name, cpuOf("bare"), cpuOf("gateway")].concat(
    tellInterval(ratioOf(rounds, "gateway", "bare")),
    tellInterval(ratioOf(rounds, "gateway", "least")),
    tellInterval(ratioOf(rounds, "least", "bare")),
    tellInterval(control),
    [residentOf("bare"), residentOf("gateway"), isVoid(control) ? "void" : ""],
  );
}

function ratioOf(rounds: readonly Measured[], name: keyof Measured, base: keyof Measured): Interval {
  return bootstrapMedian(rounds.map((round) => round[name].cpuUs / round[base].cpuUs));
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
