// A gateway whose storage outlives it and whose runtime a test can kill; its bindings are those of the real wrangler.toml.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { unstable_getMiniflareWorkerOptions as workerOptionsOf, unstable_readConfig as readConfig } from "wrangler";
import { ROOT, WRANGLER, wranglerEnv } from "../../scripts/wrangler.ts";
import { TEST_SECRET } from "./session-token.ts";

export interface StartOptions {
  /** Whose storage it is started on; gateways of one disk must not run at once. */
  readonly disk?: string;
  /** On top of those in wrangler.toml. */
  readonly vars?: Record<string, string>;
  /** Without the limits of wrangler.toml: all clients of a machine share the address that they count. */
  readonly isUnlimited?: boolean;
}

// What wrangler reads there is left out below; unread, it is not told of either.
process.env["CLOUDFLARE_LOAD_DEV_VARS_FROM_DOT_ENV"] = "false";

/** The Worker as it is deployed. A process makes it once: its sources do not change meanwhile. */
let bundled: string | undefined;

function bundle(folder: string): string {
  const build = ["deploy", "--dry-run", "--env=", "--outdir", folder];
  const { status, stderr } = spawnSync(process.execPath, [WRANGLER, ...build], {
    cwd: ROOT,
    env: wranglerEnv(),
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(stderr);
  return readFileSync(join(folder, "index.js"), "utf8");
}

/** One bundle, and the disks of the gateways that are started from it. */
export class GatewayOnDisk {
  readonly folder: string;
  readonly #bundle: string;

  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), "sluice-"));
    this.#bundle = bundled ??= bundle(join(this.folder, "bundle"));
  }

  /** The harness of the other tests keeps storage only as long as it runs, hence Miniflare itself. */
  async start({ disk = "disk", vars = {}, isUnlimited = false }: StartOptions = {}): Promise<RunningGateway> {
    // Read anew from the one list of bindings there is: a class that is bound there is bound here.
    const config = readConfig({ config: join(ROOT, "wrangler.toml"), env: "" }, { hideWarnings: true });
    if (isUnlimited) config.ratelimits = [];
    const options = convertV4MiniflareOptions({
      ...workerOptionsOf(config).workerOptions,
      // Not what wrangler read beside them: what somebody keeps in .dev.vars would decide over a test.
      bindings: { ...config.vars, BETTER_AUTH_SECRET: TEST_SECRET, ...vars },
      name: config.name ?? "gateway",
      modules: [{ type: "ESModule", path: "index.mjs", contents: this.#bundle }],
      modulesRoot: "/",
      host: "127.0.0.1",
      cf: false,
      handleStructuredLogs: passOnWhatIsNoEvent,
    });
    options.resourcePersistencePath = join(this.folder, disk);
    const others = runtimePids();
    const miniflare = new Miniflare(options);
    const url = await miniflare.ready;
    const pids = [...runtimePids()].filter((pid) => !others.has(pid));
    const [pid] = pids;
    if (pid === undefined || pids.length > 1) throw new Error(`${pids.length} runtimes were started instead of one`);
    return new RunningGateway(miniflare, url, pid);
  }

  /** The file in which an object of a stopped gateway keeps its tables. */
  fileOf(disk: string, className: string, objectId: string): string {
    const { name = "gateway" } = readConfig({ config: join(ROOT, "wrangler.toml"), env: "" }, { hideWarnings: true });
    return join(this.folder, disk, "do", `${name}-${className}`, `${objectId}.sqlite`);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export class RunningGateway {
  readonly url: URL;
  readonly #miniflare: Miniflare;
  readonly #pid: number;
  readonly #death = Promise.withResolvers<void>();
  #killed = false;

  constructor(miniflare: Miniflare, url: URL, pid: number) {
    this.#miniflare = miniflare;
    this.url = url;
    this.#pid = pid;
  }

  get killed(): boolean {
    return this.#killed;
  }

  /** What the runtime fills of the machine's memory now. */
  get residentBytes(): number {
    const { stdout } = spawnSync("ps", ["-o", "rss=", "-p", String(this.#pid)], { encoding: "utf8" });
    return Number(stdout) * 1024;
  }

  /** Ends the runtime as the kernel would, before this returns: no signal that it could handle. */
  kill(): void {
    if (this.#killed) return;
    process.kill(this.#pid, "SIGKILL");
    this.#killed = true;
    this.#death.resolve();
  }

  /** Resolves at the kill. */
  get death(): Promise<void> {
    return this.#death.promise;
  }

  /** The id of the object with this name, which names its file. */
  async objectId(binding: string, name: string): Promise<string> {
    const namespace = await this.#miniflare.getDurableObjectNamespace(binding);
    return namespace.idFromName(name).toString();
  }

  /** Resolves once its process is gone, and with it the locks that it held. */
  stop(): Promise<void> {
    return this.#miniflare.dispose();
  }
}

/** The runtimes that this process started. */
function runtimePids(): ReadonlySet<number> {
  const { stdout } = spawnSync("ps", ["-A", "-o", "pid=,ppid=,comm="], { encoding: "utf8" });
  const processes = [...stdout.matchAll(/^\s*(\d+)\s+(\d+)\s+(.*)$/gm)];
  const runtimes = processes.filter(
    ([, , parent, command = ""]) => parent === String(process.pid) && /(?:^|\/)workerd/.test(command),
  );
  return new Set(runtimes.map(([, pid]) => Number(pid)));
}

/** Events of the audit are many where clients are, and say nothing that a test of kills wants to know; bugs are no `log`. */
function passOnWhatIsNoEvent({ level, message }: { readonly level: string; readonly message: string }): void {
  if (level !== "log" || !message.startsWith('{"event":')) console.error(message);
}
