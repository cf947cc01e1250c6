// Starts workerd itself on one bundle, with nothing of a development server in front of it that would cost CPU as well.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";

export interface Bundle {
  readonly code: string;
  readonly compatibilityDate: string;
  readonly compatibilityFlags: readonly string[];
  /** Class names by the names under which they are bound. */
  readonly objects: Readonly<Record<string, string>>;
  readonly vars: Readonly<Record<string, string>>;
}

const { default: WORKERD } = createRequire(import.meta.url)("workerd") as { readonly default: string };

export class Runtime {
  readonly url: URL;
  readonly pid: number;
  readonly #process: ChildProcess;
  readonly #folder: string;

  private constructor(url: URL, pid: number, runtime: ChildProcess, folder: string) {
    this.url = url;
    this.pid = pid;
    this.#process = runtime;
    this.#folder = folder;
  }

  static async start(bundle: Bundle): Promise<Runtime> {
    const folder = mkdtempSync(join(tmpdir(), "sluice-bench-"));
    mkdirSync(join(folder, "objects"));
    writeFileSync(join(folder, "index.mjs"), bundle.code);
    writeFileSync(join(folder, "config.capnp"), configOf(bundle, join(folder, "objects")));
    const runtime = spawn(WORKERD, ["serve", join(folder, "config.capnp"), "--control-fd=3"], {
      stdio: ["ignore", "ignore", "inherit", "pipe"],
    });
    const port = await listeningPort(runtime);
    if (runtime.pid === undefined) throw new Error("the runtime has no process");
    return new Runtime(new URL(`http://127.0.0.1:${port}`), runtime.pid, runtime, folder);
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once("exit", resolve));
    this.#process.kill("SIGKILL");
    await ended;
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function listeningPort(runtime: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    runtime.once("exit", (code) => reject(new Error(`the runtime ended with ${code}`)));
    (runtime.stdio[3] as Readable).on("data", (chunk: Buffer) => {
      const [, port] = /"port":\s*(\d+)/.exec(chunk.toString()) ?? [];
      if (port !== undefined) resolve(Number(port));
    });
  });
}

/** Cap'n Proto's strings are escaped as those of JSON are. */
function configOf({ compatibilityDate, compatibilityFlags, objects, vars }: Bundle, disk: string): string {
  const bindings = [
    ...Object.entries(objects).map(([name, className]) => [name, "durableObjectNamespace", className]),
    ...Object.entries(vars).map(([name, value]) => [name, "text", value]),
  ].map(([name, kind, value]) => `(name = ${JSON.stringify(name)}, ${kind} = ${JSON.stringify(value)})`);
  const namespaces = Object.values(objects).map(
    (className) => `(className = "${className}", uniqueKey = "${className}", enableSql = true)`,
  );
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .main), (name = "disk", disk = (path = ${JSON.stringify(disk)}, writable = true))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
const main :Workerd.Worker = (
  modules = [(name = "index.mjs", esModule = embed "index.mjs")],
  compatibilityDate = ${JSON.stringify(compatibilityDate)},
  compatibilityFlags = ${JSON.stringify(compatibilityFlags)},
  bindings = [${bindings.join(", ")}],
  durableObjectNamespaces = [${namespaces.join(", ")}],
  durableObjectStorage = (localDisk = "disk"),
);
`;
}
