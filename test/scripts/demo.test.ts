// `npm start` and `npm run demo` as a newcomer meets them: one pass through the clip, from nothing to a verdict.
import { spawn } from "node:child_process";
import { once } from "node:events";
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
