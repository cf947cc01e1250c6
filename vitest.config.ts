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
 * They start nothing, and leave nothing behind that another file could meet: what they spy on and the clocks that they
 * turn are put back. A process for each of them would cost more than all that they do.
 */
const PURE = ["auth", "protocol", "connection", "durable-objects/stream", "durable-objects/user", "worker/edge"].map(
  (room) => `test/${room}/**/*.test.ts`,
);

export default defineConfig({
  test: {
    projects: [
      { extends: true, test: { name: "pure", include: PURE, isolate: false } },
      {
        extends: true,
        test: { name: "whole", include: ["test/**/*.test.ts"], exclude: [...PURE, "**/node_modules/**"] },
      },
    ],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Vitest would leave one core to others, of two half of all. More than there are cores: much of a run is waiting.
    maxWorkers: 3,
    // Tests of one file that may run at once; most of those wait for a gateway.
    maxConcurrency: 16,
    sequence: { sequencer: LongestFirst },
    env: {
      CLOUDFLARE_CF_FETCH_ENABLED: "false",
      WRANGLER_SEND_METRICS: "false",
      WRANGLER_SEND_ERROR_REPORTS: "false",
    },
  },
});
