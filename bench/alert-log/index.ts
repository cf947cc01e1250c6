// Whether a long log is as fast as a short one: the same operations on both, in turn, and a second short one as control.
import { type Gateway, startGateway } from "../../test/support/gateway.ts";
import { interleave, type Operation } from "../measure/interleave.ts";
import { isBeyond, ratiosOf, type Spread, spreadOf } from "../measure/ratios.ts";
import { count, duration, machine, table } from "../measure/report.ts";
import { BenchStream } from "./bench-stream.ts";
import { fillFromStart, fillUpTo } from "./fill.ts";
import { COMPARISON, OPERATIONS } from "./operations.ts";
import { plansOn } from "./plans.ts";
import { AT_THE_LIMIT } from "./trimming.ts";

const SMALL_ALERTS = 1000;
const LARGE_ALERTS = 1_000_000;
/** Above the large log, so that nothing is forgotten until that is what is measured. */
const LARGE_LIMIT = LARGE_ALERTS + 10_000;

/** The order is that of the columns. */
type Trio = readonly [small: BenchStream, large: BenchStream, control: BenchStream];

interface Result {
  readonly name: string;
  readonly smallUs: number;
  readonly largeUs: number;
  readonly ratio: Spread;
  readonly control: Spread;
}

export async function run(): Promise<void> {
  console.log(machine());
  const gateways: Gateway[] = [];
  const start = async (limit: number): Promise<Gateway> => {
    const gateway = await startGateway({ ALERT_RETENTION_COUNT: String(limit), MAX_MESSAGES_PER_S: "100000" });
    gateways.push(gateway);
    return gateway;
  };
  try {
    const roomy = await start(LARGE_LIMIT);
    const large = await BenchStream.claim(roomy, "large");
    const trio: Trio = [
      await filled(await BenchStream.claim(roomy, "small"), SMALL_ALERTS),
      await filled(large, LARGE_ALERTS),
      await filled(await BenchStream.claim(roomy, "control"), SMALL_ALERTS),
    ];
    const results = await measureAll(OPERATIONS, trio);
    const comparison = await measureAll([COMPARISON], trio);
    await fillUpTo(large, LARGE_LIMIT);
    await large.sleep();
    // The limit is one for a whole gateway, hence a gateway for each, the control too.
    const atLimit = async (): Promise<BenchStream> =>
      filled(await BenchStream.claim(await start(SMALL_ALERTS), "small-at-its-limit"), SMALL_ALERTS);
    const trimmed = await measureAll(AT_THE_LIMIT, [await atLimit(), large, await atLimit()]);
    tell([...results, ...trimmed], comparison);
    await tellPlans(large);
  } finally {
    await Promise.all(gateways.map((gateway) => gateway.stop()));
  }
}

/** Evicted after it, so that no page of its database is in memory because it was just written. */
async function filled(stream: BenchStream, alerts: number): Promise<BenchStream> {
  const startMs = performance.now();
  await fillFromStart(stream, alerts);
  await stream.sleep();
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
  console.log(`${stream.streamId}: filled with ${count(alerts)} alerts in ${seconds} s, then evicted`);
  return stream;
}

async function measureAll(operations: readonly Operation<BenchStream>[], trio: Trio): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const operation of operations) {
    const [smallUs = [], largeUs = [], controlUs = []] = await interleave(operation, trio);
    results.push({
      name: operation.name,
      smallUs: spreadOf(smallUs).median,
      largeUs: spreadOf(largeUs).median,
      ratio: spreadOf(ratiosOf(largeUs, smallUs)),
      control: spreadOf(ratiosOf(controlUs, smallUs)),
    });
    console.log(`measured: ${operation.name} (${operation.rounds} rounds)`);
  }
  return results;
}

function tell(results: readonly Result[], comparison: readonly Result[]): void {
  const heads = [
    "",
    count(SMALL_ALERTS),
    count(LARGE_ALERTS),
    "large/small",
    "(quartiles)",
    "small/small",
    "(quartiles)",
  ];
  const rows = [...results, ...comparison].map(toRow);
  console.log(`\nMedians; ratios are of times taken right after each other.\n\n${table([heads, ...rows])}\n`);
  const slower = results.filter(({ ratio, control }) => isBeyond(ratio, control)).map(({ name }) => name);
  console.log(`Slower with the large log by more than the control explains: ${slower.join("; ") || "none"}`);
}

function toRow({ name, smallUs, largeUs, ratio, control }: Result): readonly string[] {
  return [name, duration(smallUs), duration(largeUs), ...tellSpread(ratio), ...tellSpread(control)];
}

function tellSpread({ median, lowerQuartile, upperQuartile }: Spread): readonly string[] {
  return [median.toFixed(2), `(${lowerQuartile.toFixed(2)}–${upperQuartile.toFixed(2)})`];
}

async function tellPlans(stream: BenchStream): Promise<void> {
  console.log("\nHow the large log runs each of its statements (! reads a whole table unless its reader stops):\n");
  for (const { query, steps, scans } of await plansOn(stream)) {
    console.log(`${scans ? "!" : " "} ${query}\n      ${steps.join("; ") || "no step to look anything up"}`);
  }
}
