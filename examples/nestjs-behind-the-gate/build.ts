// Compiles the server: Node strips types, but NestJS's decorators have to be compiled.
import { spawnSync } from "node:child_process";

type Compiled = typeof import("./server/start.ts");

const HERE = new URL(".", import.meta.url).pathname;
const ROOT = new URL("../..", import.meta.url).pathname;

/**
 * Rejects with what the compiler said.
 * @param folder where it goes: inside the project, so that packages are found
 */
export async function buildServer(folder = `${ROOT}dist/nestjs-behind-the-gate`): Promise<Compiled> {
  const command = [`${ROOT}node_modules/typescript/bin/tsc`, "-p", HERE, "--outDir", folder];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${stdout}${stderr}`);
  const compiled: unknown = await import(`${folder}/server/start.js`);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- compiled from that very file a moment ago
  return compiled as Compiled;
}
