// `npm run check`: everything about the code that can be decided without running it.
import { spawnSync } from "node:child_process";
import { checkLayers } from "./check-layers.ts";
import { ROOT, WRANGLER, wranglerEnv } from "./wrangler.ts";

const BIN = `${ROOT}node_modules/.bin/`;

/** A dry run whose warnings count: one that passes with a warning may deploy something else than was meant. */
const dryRun = (environment: string): readonly string[] => [
  process.execPath,
  WRANGLER,
  "deploy",
  "--dry-run",
  `--env=${environment}`,
  "--outdir",
  `.wrangler/dry-run/${environment || "top-level"}`,
];

const COMMANDS: readonly { readonly name: string; readonly command: readonly string[] }[] = [
  { name: "format", command: [`${BIN}oxfmt`, "--check", "."] },
  { name: "lint", command: [`${BIN}oxlint`, "--type-aware", "--deny-warnings"] },
  { name: "types of the protocol", command: [`${BIN}tsc`, "-p", "protocol"] },
  { name: "types of the Workers", command: [`${BIN}tsc`, "-p", "."] },
  { name: "types of the console", command: [`${BIN}tsc`, "-p", "console"] },
  { name: "types of tests and scripts", command: [`${BIN}tsc`, "-p", "test"] },
  { name: "unused files and exports", command: [`${BIN}knip`] },
  { name: "deploy, top level", command: dryRun("") },
  { name: "deploy, production", command: dryRun("production") },
];

let failures = 0;

function report(name: string, complaint: string): void {
  console.log(`${complaint === "" ? "ok    " : "FAILED"} ${name}`);
  if (complaint === "") return;
  failures += 1;
  console.error(`${complaint}\n`);
}

report("import directions", checkLayers(ROOT).join("\n"));
for (const { name, command } of COMMANDS) {
  const [program = "", ...args] = command;
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: ROOT, env: wranglerEnv(), encoding: "utf8" });
  const output = `${stdout}${stderr}`;
  const warned = args[0] === WRANGLER && /\bWARNING\b/.test(output);
  report(name, status === 0 && !warned ? "" : output);
}
process.exitCode = failures > 0 ? 1 : 0;
