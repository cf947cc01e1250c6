// `npm run bench -- <name>`: lists the benches, or runs the one that is named.
import { wranglerEnv } from "../scripts/wrangler.ts";

interface Bench {
  readonly shows: string;
  /** Loaded only when it runs, since what it loads starts servers and reads the environment. */
  readonly load: () => Promise<{ readonly run: (args: readonly string[]) => Promise<void> }>;
}

const BENCHES: Record<string, Bench> = {
  "alert-log": {
    shows: "a log of 1,000,000 alerts resumes and pages as fast as one of 1,000",
    load: () => import("./alert-log/index.ts"),
  },
  "fan-out": {
    shows: "what a delivered message costs beside an object that only forwards [--rounds n] [--quick] [--only cell]",
    load: () => import("./fan-out/index.ts"),
  },
  doors: {
    shows: "what a delivered message costs by each way into the gateway [--rounds n] [--quick] [--only cell]",
    load: () => import("./doors/index.ts"),
  },
};

const [name = "", ...args] = process.argv.slice(2);
const bench = BENCHES[name];
if (bench === undefined) {
  console.log("npm run bench -- <name>, where a name is one of these:\n");
  for (const [known, { shows }] of Object.entries(BENCHES)) console.log(`  ${known}  ${shows}`);
  // Asking for the list is no mistake; asking for a bench that is not there is one.
  process.exitCode = name === "" ? 0 : 1;
} else {
  Object.assign(process.env, wranglerEnv());
  const { run } = await bench.load();
  await run(args);
}
