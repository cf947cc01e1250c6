// The runtime is killed in the middle of publishing and starts again on the same disk: what was acknowledged is there.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ROOT, WRANGLER, wranglerEnv } from "../../scripts/wrangler.ts";
import { Client, type Message } from "../support/client.ts";
import { signSession, TEST_SECRET } from "../support/session-token.ts";

let folder: string;
let bundle: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "sluice-"));
  const build = ["deploy", "--dry-run", "--env=", "--outdir", join(folder, "bundle")];
  const { status, stderr } = spawnSync(process.execPath, [WRANGLER, ...build], {
    cwd: ROOT,
    env: wranglerEnv(),
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(stderr);
  bundle = readFileSync(join(folder, "bundle", "index.js"), "utf8");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A gateway whose storage outlives it. The harness of the other tests keeps storage only as long as it runs. */
async function startOnDisk(): Promise<{ miniflare: Miniflare; url: URL }> {
  const options = convertV4MiniflareOptions({
    name: "sluice",
    modules: [{ type: "ESModule", path: "index.mjs", contents: bundle }],
    modulesRoot: "/",
    compatibilityDate: "2026-11-01",
    compatibilityFlags: ["no_nodejs_compat", "no_nodejs_compat_v2", "no_web_socket_compression"],
    durableObjects: { STREAMS: { className: "StreamObject", useSQLite: true } },
    bindings: { BETTER_AUTH_SECRET: TEST_SECRET },
    host: "127.0.0.1",
    cf: false,
  });
  options.resourcePersistencePath = join(folder, "state");
  const miniflare = new Miniflare(options);
  return { miniflare, url: await miniflare.ready };
}

/** Kills the runtimes that this process started, as the kernel would: no signal that they could handle. */
function killRuntimes(): void {
  const { stdout } = spawnSync("ps", ["-o", "pid=,comm=", "--ppid", String(process.pid)], { encoding: "utf8" });
  const pids = [...stdout.matchAll(/^\s*(\d+)\s+workerd/gm)].map(([, pid]) => Number(pid));
  if (pids.length === 0) throw new Error("no runtime was found to kill");
  for (const pid of pids) process.kill(pid, "SIGKILL");
}

async function connect(url: URL): Promise<Client> {
  return Client.connect(new URL("/streams/cam", url), ["sluice.v1", `bearer.${await signSession()}`]);
}

test("every acknowledged alert is there after the runtime was killed, once, in order", async () => {
  const before = await startOnDisk();
  const camera = await connect(before.url);
  const { epoch } = await camera.register({ produces: ["alert"] });
  for (let ref = 1; ref <= 60; ref += 1) camera.send({ type: "alert", message: `number ${ref}`, ref });
  const acknowledged: Message[] = [];
  while (acknowledged.length < 40) acknowledged.push(await camera.next("success"));
  killRuntimes();
  await camera.closed();
  await before.miniflare.dispose();

  const after = await startOnDisk();
  const viewer = await connect(after.url);
  const { offset, recovered } = await viewer.register({ consumes: ["alert"], resume: { epoch, offset: 0 } });
  expect(recovered).toBe(true);
  expect(Number(offset)).toBeGreaterThanOrEqual(40);
  const alerts: Message[] = [];
  while (alerts.length < Number(offset)) alerts.push(await viewer.next("alert"));
  expect(alerts.map((alert) => alert["offset"])).toEqual(alerts.map((_alert, index) => index + 1));
  for (const { ref, offset: acknowledgedOffset } of acknowledged) {
    expect(alerts[Number(acknowledgedOffset) - 1]).toMatchObject({ message: `number ${String(ref)}`, epoch });
  }
  await after.miniflare.dispose();
});
