// What the doctor takes for the deployment's variables: those of the file, its bindings, and secrets from around it.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { readDeployment } from "../../../scripts/doctor/deployment.ts";
import { readConfig } from "../../../worker/config.ts";
import { TEST_SECRET } from "../../support/session-token.ts";

const ROUTES = [
  { path: "/api", upstream: "service:API" },
  { path: "/speech", upstream: "https://moshi.example", setHeaders: { "kyutai-api-key": "$MOSHI_KEY" } },
];

const folder = mkdtempSync(join(tmpdir(), "sluice-"));
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

test("routes are judged with the Workers that the file binds and the secrets that this process has", () => {
  const path = join(folder, "wrangler.toml");
  const lines = [
    'name = "sluice"',
    'compatibility_date = "2026-11-01"',
    `vars = { ROUTES = ${JSON.stringify(JSON.stringify(ROUTES))} }`,
    'services = [{ binding = "API", service = "your-api" }]',
  ];
  writeFileSync(path, lines.join("\n"));
  vi.stubEnv("BETTER_AUTH_SECRET", TEST_SECRET);
  vi.stubEnv("MOSHI_KEY", "the upstream's own");
  const deployment = readDeployment(path, undefined);
  if ("kind" in deployment) throw new Error(deployment.why);
  expect(readConfig(deployment.variables).problems).toEqual([]);
  expect(deployment.elsewhere.get("MOSHI_KEY")).toBe("the environment of this command");
});
