// `npm start`: gateway, auth server and model in one `wrangler dev`, ready to use.
//
// Flags behind `--` go to wrangler, such as `npm start -- --port 9000`. A program that starts this with a channel to it
// (`"ipc"`) is told the address, with `--port 0` one that nobody else has, and takes the session with it when it ends.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { connect } from "node:net";
import { resolve as toAbsolute } from "node:path";
import { ensureSecrets, LOCAL_SECRETS, SECRETS_FILE } from "./local-secret.ts";
import { listeningPort, LOCAL_STATE, ROOT, WRANGLER, wranglerEnv } from "./wrangler.ts";

const GATEWAY = "examples/local/wrangler.toml";
const AUTH = "examples/auth-worker/wrangler.toml";
const MODEL = "examples/ml-worker/wrangler.toml";
const NOTIFIER = "examples/notify-worker/wrangler.toml";

const DEFAULT_PORT = "8787";
const ANY_PORT = "0";

/** `--port=9000` is `--port 9000`. */
const given = process.argv.slice(2).flatMap((flag) => /^(--port|--env-file)=(.*)$/.exec(flag)?.slice(1) ?? [flag]);
/** Wrangler would look for files beside the configuration, where whoever names one does not stand. */
const flags = given.map((flag, at) => (given[at - 1] === "--env-file" ? toAbsolute(flag) : flag));
const wantedPort = flags.includes("--port") ? (flags[flags.indexOf("--port") + 1] ?? DEFAULT_PORT) : DEFAULT_PORT;

if (await somethingListens()) {
  console.error(`Port ${wantedPort} is taken. Another one: npm start -- --port 9000`);
  process.exit(1);
}
const made = ensureSecrets();
if (made.length > 0) console.log(`Made a random ${made.join(" and ")} in .env, which stays on this machine.`);
applyMigrations();
const wrangler = startWrangler();
await reportReady(wrangler);

/** Asked first, since whatever answers there would pass for the gateway. */
function somethingListens(): Promise<boolean> {
  if (wantedPort === ANY_PORT) return Promise.resolve(false);
  return new Promise((resolve) => {
    const socket = connect(Number(wantedPort), "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

/** Before the first request: Better Auth checks the schema once and keeps the answer. */
function applyMigrations(): void {
  const migrate = ["d1", "migrations", "apply", "DB", "--local", "-c", AUTH, "--persist-to", LOCAL_STATE];
  const { status, stdout, stderr } = spawnSync(process.execPath, [WRANGLER, ...migrate], {
    cwd: ROOT,
    env: { ...wranglerEnv(), CI: "1" },
    encoding: "utf8",
  });
  if (status === 0) return;
  console.error(`${stdout}${stderr}`);
  process.exit(1);
}

function startWrangler(): ChildProcess {
  const dev = [
    "dev",
    "-c",
    GATEWAY,
    "-c",
    AUTH,
    "-c",
    MODEL,
    "-c",
    NOTIFIER,
    "--port",
    wantedPort,
    "--persist-to",
    LOCAL_STATE,
    // For the first of them alone, which is the gateway; the auth server names the two that it takes from there.
    "--env-file",
    SECRETS_FILE,
  ];
  const quiet = ["--show-interactive-dev-session=false", "--log-level", "warn"];
  const child = spawn(process.execPath, [WRANGLER, ...dev, ...quiet, ...withoutPort(flags)], {
    cwd: ROOT,
    // What the shell has of these would reach the auth server alone.
    env: {
      ...wranglerEnv(),
      ...Object.fromEntries(LOCAL_SECRETS.map((name) => [name, undefined])),
      CLOUDFLARE_LOAD_DEV_VARS_FROM_DOT_ENV: "true", // tests, which start this too, have it off
    },
    stdio: ["inherit", "inherit", "inherit", "ipc"],
  });
  // Wrangler stops its runtime on a signal to itself; one to this process alone would leave it behind.
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
  // Nobody else knows where it is.
  process.on("disconnect", () => child.kill("SIGTERM"));
  child.on("exit", (code) => process.exit(code ?? 0));
  return child;
}

async function reportReady(child: ChildProcess): Promise<void> {
  const port = await listeningPort(child);
  if (port === undefined) return;
  const url = `http://localhost:${port}`;
  while (child.exitCode === null) {
    const answer = await fetch(`${url}/ready`).catch(() => undefined);
    if (answer?.ok === true) {
      console.log(
        `\nSluice is ready on ${url}\n\nIn a second terminal:\n\n  npm run demo${String(port) === DEFAULT_PORT ? "" : ` -- --url ${url}`}\n`,
      );
      if (process.connected) process.send?.(url);
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function withoutPort(args: readonly string[]): readonly string[] {
  const at = args.indexOf("--port");
  return at < 0 ? args : args.toSpliced(at, 2);
}
