// How the tests run: rooms whose tests share a process, and the others, each file in its own.
import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

// Each file has a process of its own, and each compiles Vitest and often wrangler anew: a third of the work of small files.
// Node keeps what it compiled by its content and by its own version.
process.env["NODE_COMPILE_CACHE"] ??= join(import.meta.dirname, "node_modules", ".cache", "compiled");

/** They take far longer than the others, and would otherwise be what a core still does when all else is done. */
const FIRST = [/\/test\/conformance\//, /\/test\/browser\//, /\/test\/scripts\/demo\./, /\/test\/worker\/held-/];

function rank({ moduleId }: TestSpecification): number {
  const at = FIRST.findIndex((pattern) => pattern.test(moduleId));
  return at < 0 ? FIRST.length : at;
}

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // oxlint-disable-next-line unicorn/no-array-sort -- not an array's; it goes by how long each took the last time
    const sorted = await super.sort(files);
    return sorted.toSorted((one, other) => rank(one) - rank(other));
  }
}

/**
 * They leave nothing behind that another file could meet: gateways are stopped, and what is spied on and clocks that are
 * turned are put back. A process for each of them would cost as much as what they do: to load Wrangler alone takes a
 * core more than a second.
 */
const SHARING = ["auth", "protocol", "connection", "durable-objects/stream", "durable-objects/user", "worker"].map(
  (room) => `test/${room}/**/*.test.ts`,
);

export default defineConfig({
  test: {
    projects: [
      { extends: true, test: { name: "sharing", include: SHARING, isolate: false } },
      {
        extends: true,
        test: { name: "alone", include: ["test/**/*.test.ts"], exclude: [...SHARING, "**/node_modules/**"] },
      },
    ],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Vitest would leave one core to others, of two half of all. More than there are cores: much of a run is waiting.
    maxWorkers: 3,
    // Tests of one file that may run at once; most of those wait for a gateway.
    maxConcurrency: 16,
    sequence: { sequencer: LongestFirst },
    env: {
      CLOUDFLARE_CF_FETCH_ENABLED: "false",
      // What somebody keeps in .env for `npm start` decides over no test.
      CLOUDFLARE_LOAD_DEV_VARS_FROM_DOT_ENV: "false",
      WRANGLER_SEND_METRICS: "false",
      WRANGLER_SEND_ERROR_REPORTS: "false",
    },
  },
});
