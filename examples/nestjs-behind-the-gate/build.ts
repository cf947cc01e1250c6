// Compiles the server: Node strips types, but NestJS's decorators have to be compiled.
import { spawnSync } from "node:child_process";

const HERE = new URL(".", import.meta.url).pathname;
const ROOT = new URL("../..", import.meta.url).pathname;

/** @returns the compiled module; rejects with what the compiler said */
export async function buildServer(): Promise<typeof import("./server/start.ts")> {
  const tsc = `${ROOT}node_modules/typescript/bin/tsc`;
  const { status, stdout, stderr } = spawnSync(process.execPath, [tsc, "-p", HERE], { encoding: "utf8" });
  if (status !== 0) throw new Error(`${stdout}${stderr}`);
  const compiled: unknown = await import(`${ROOT}dist/nestjs-behind-the-gate/server/start.js`);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- compiled from that very file a moment ago
  return compiled as typeof import("./server/start.ts");
}
