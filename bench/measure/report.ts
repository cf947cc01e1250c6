// How results are told: plain text in columns, with the machine and the versions that they are of.
import { readFileSync } from "node:fs";
import { cpus, loadavg, totalmem } from "node:os";
import { ROOT } from "../../scripts/wrangler.ts";

const GIB = 1024 ** 3;

/** Rows of cells, the first of them the heads; the first column is text, the others are numbers. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_head, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join("   ")
        .trimEnd(),
    )
    .join("\n");
}

/** Three digits that mean something, in the unit in which they are short. */
export function duration(timeUs: number): string {
  return timeUs < 1000 ? `${timeUs.toPrecision(3)} µs` : `${(timeUs / 1000).toPrecision(3)} ms`;
}

export function count(number: number): string {
  return number.toLocaleString("en-US");
}

/** Where the figures are from: they mean nothing beside figures of another machine. */
export function machine(): string {
  const [cpu] = cpus();
  const [load = NaN] = loadavg();
  return [
    `workerd ${versionOf("workerd")}, wrangler ${versionOf("wrangler")}, node ${process.versions.node}`,
    `${cpus().length} × ${cpu?.model.trim() ?? "unknown CPU"}, ${Math.round(totalmem() / GIB)} GiB, ${process.platform}`,
    `load average at the start ${load.toFixed(1)}; what is above zero is others at work here too`,
    "local: clients, runtime and disk share this machine, and nothing of it is Cloudflare's network",
  ].join("\n");
}

function versionOf(name: string): string {
  const text = readFileSync(`${ROOT}node_modules/${name}/package.json`, "utf8");
  return (JSON.parse(text) as { readonly version: string }).version;
}
