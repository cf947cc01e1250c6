// `npm start` and `npm run demo` as a newcomer meets them: one pass through the clip, from nothing to a verdict.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SignJWT } from "jose";
import { describe, expect, test } from "vitest";
import { ROOT } from "../../scripts/wrangler.ts";
import { startFullGateway } from "../support/full-gateway.ts";

interface Run {
  readonly code: number | null;
  readonly output: string;
}

async function runDemo(...flags: string[]): Promise<Run> {
  const demo = spawn(process.execPath, ["examples/camera/index.ts", ...flags], { cwd: ROOT });
  let output = "";
  demo.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  demo.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const [code] = (await once(demo, "exit")) as [number | null];
  return { code, output };
}

describe.concurrent("the demo", () => {
  test("starts a gateway, streams ten seconds and finds the alerts where they belong", async () => {
    const { code, output } = await runDemo("--seconds", "10");
    expect(output).toMatch(/sign in as the camera at http:\/\/localhost:\d+\/#stream=lawn-\w+, password \S+/);
    expect(output).toContain("frames sent 100");
    expect(output).toMatch(/alerts [1-9]/);
    expect(output).toContain("As it should be");
    expect(code).toBe(0);
  }, 90_000);

  test("fails where no alert comes from the moving part", async () => {
    const gateway = await startFullGateway({ FRAME_SINKS: "" });
    const { code, output } = await runDemo("--seconds", "10", "--url", gateway.url.href);
    await gateway.stop();
    expect(output).toContain("no alert came from the part where people walk");
    expect(code).toBe(1);
  }, 90_000);

  test("says so where no gateway answers at the URL that it was given", async () => {
    const { code, output } = await runDemo("--url", "http://127.0.0.1:9");
    expect(output).toContain("no gateway is ready at http://127.0.0.1:9");
    expect(code).toBe(1);
  });
});

test("the gateway of `npm start` takes what is in .env, and in a file that is named beside it", async () => {
  const secret = "another-system-8Qw2eR4tY6uI1oP3aS5dF7gH9jK0lZxC";
  const folder = mkdtempSync(join(tmpdir(), "sluice-"));
  writeFileSync(join(folder, "more.env"), `JWT_SECRET=${secret}\n`);
  const started = spawn(process.execPath, [join(ROOT, "scripts/start.ts"), "--port=0", "--env-file=more.env"], {
    cwd: folder,
    stdio: ["ignore", "ignore", "inherit", "ipc"],
    // One that the auth server must not take instead of the gateway's.
    env: { ...process.env, BETTER_AUTH_SECRET: "of-the-shell-8Qw2eR4tY6uI1oP3aS5dF7gH9jK0lZxC" },
  });
  const exited = once(started, "exit");
  try {
    const [url] = (await Promise.race([once(started, "message"), exited])) as [unknown];
    if (typeof url !== "string") throw new Error("the gateway did not start");
    const jwt = new SignJWT({ id: "anna" }).setProtectedHeader({ alg: "HS256" }).setIssuedAt().setExpirationTime("1h");
    const token = await jwt.sign(new TextEncoder().encode(secret));
    const ofAnotherSystem = await fetch(`${url}/streams`, { headers: { Authorization: `Bearer ${token}` } });
    const account = { name: "Anna", email: `${crypto.randomUUID()}@example.test`, password: crypto.randomUUID() };
    const signUp = await fetch(`${url}/api/auth/sign-up/email`, {
      method: "POST",
      headers: { "Content-Type": "application/json", Origin: url },
      body: JSON.stringify(account),
    });
    const cookie = signUp.headers.getSetCookie().map((line) => line.split(";")[0]);
    const ofTheAuthServer = await fetch(`${url}/streams`, { headers: { Cookie: cookie.join("; "), Origin: url } });
    expect([ofAnotherSystem.status, signUp.status, ofTheAuthServer.status]).toEqual([200, 200, 200]);
  } finally {
    // As for whoever starts it and is gone: nobody else could end it.
    started.disconnect();
    await exited;
    rmSync(folder, { recursive: true });
  }
}, 90_000);
