// What variables alone show an operator, before anybody was asked.
import { expect, test } from "vitest";
import { configurationFindings } from "../../../scripts/doctor/configuration.ts";
import type { Deployment } from "../../../scripts/doctor/deployment.ts";
import { readConfig } from "../../../worker/config.ts";
import { deploymentOf, linesOf } from "../../support/doctor-facts.ts";
import { NOW_MS } from "../../support/hostile-token.ts";
import { TEST_SECRET } from "../../support/session-token.ts";

const OLD = "old-of-tests-Zk3vQ1xP8mN5tR7wY2bC6dF9gH4jL0sA";

function examined(changes: Partial<Deployment> = {}, gatewayIsReady = false) {
  const deployment = deploymentOf(changes);
  return configurationFindings(deployment, readConfig(deployment.variables), gatewayIsReady, NOW_MS);
}

test("nothing is said against variables that are as they should be", () => {
  expect(linesOf(examined())).toEqual(["ok variables"]);
});

test("each problem that the gateway would report is told with its variable, and without its value", () => {
  const findings = examined({ variables: { MAX_MESSAGE_BYTES: "a lot", SESSION_LIFETIME: "forever" } });
  expect(findings.map(({ level, about }) => `${level} ${about}`)).toEqual([
    "wrong SESSION_LIFETIME",
    "wrong MAX_MESSAGE_BYTES",
  ]);
  expect(JSON.stringify(findings)).not.toMatch(/a lot|forever/);
});

test("a secret that is not known here is wrong, unless the deployed gateway says that it is ready", () => {
  const changes = { environment: "production", variables: { BETTER_AUTH_SECRET: undefined } };
  expect(examined(changes)[0]).toMatchObject({
    level: "wrong",
    change: expect.stringContaining("npx wrangler secret put BETTER_AUTH_SECRET --env production"),
  });
  expect(examined(changes, true)[0]).toMatchObject({ level: "advice", about: "BETTER_AUTH_SECRET" });
});

test("a secret that may not be used stays wrong, whatever the deployed gateway says", () => {
  const findings = examined({ variables: { BETTER_AUTH_SECRET: "short" } }, true);
  expect(findings[0]).toMatchObject({ level: "wrong", about: "BETTER_AUTH_SECRET" });
});

test("where a variable is from is said, and not what it is", () => {
  const findings = examined({ elsewhere: new Map([["BETTER_AUTH_SECRET", "the files .dev.vars or .env"]]) });
  expect(findings[1]?.seen).toContain("BETTER_AUTH_SECRET from the files .dev.vars or .env");
  expect(JSON.stringify(findings)).not.toContain(TEST_SECRET);
});

test("an old secret should have an end, and one that has ended should go", () => {
  const secrets = (old: string) => ({ BETTER_AUTH_SECRET: undefined, BETTER_AUTH_SECRETS: `2:${TEST_SECRET},${old}` });
  const day = (ms: number) => new Date(NOW_MS + ms).toISOString().slice(0, 10);
  const [without] = examined({ variables: secrets(`1:${OLD}`) }).slice(1);
  expect(without).toMatchObject({ level: "advice", change: expect.stringContaining(`1:<old>@${day(7 * 86_400_000)}`) });
  expect(linesOf(examined({ variables: secrets(`1:${OLD}@${day(86_400_000)}`) }))).toEqual(["ok variables"]);
  const [ended] = examined({ variables: secrets(`1:${OLD}@${day(-86_400_000)}`) }).slice(1);
  expect(ended).toMatchObject({ level: "advice", seen: "holds a secret that has ended" });
});

test("a gateway that nobody can operate, or that slows nobody down, gets advice", () => {
  const findings = examined({
    environment: "production",
    bindings: new Set(),
    variables: { ADMIN_KEY: undefined, QUERY_CREDENTIALS: "tickets" },
  });
  expect(linesOf(findings)).toEqual([
    "ok variables",
    expect.stringContaining("advice ADMIN_KEY: npx wrangler secret put ADMIN_KEY --env production"),
    expect.stringContaining("advice rate limits: [[env.production.ratelimits]]"),
  ]);
});

test("a key with the scope admin is an operator's too", () => {
  const API_KEYS = JSON.stringify([{ name: "ops", hash: `sha256:${"0".repeat(64)}`, scopes: ["admin"] }]);
  expect(linesOf(examined({ variables: { ADMIN_KEY: undefined, API_KEYS } }))).toEqual(["ok variables"]);
});

test("tokens in URLs and an example's address are for no deployment that has a name", () => {
  const changes = { variables: { QUERY_CREDENTIALS: "all" }, origin: "https://streams.example.com" };
  expect(linesOf(examined(changes))).toEqual(["ok variables"]);
  expect(linesOf(examined({ ...changes, environment: "production" }))).toEqual([
    "ok variables",
    "advice QUERY_CREDENTIALS: QUERY_CREDENTIALS=tickets",
    expect.stringContaining("advice routes"),
  ]);
});
