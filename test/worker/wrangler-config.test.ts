// What is deployed: a named environment inherits nothing, so its bindings and variables are compared with the top level's.
import { dirname, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { type Unstable_Config as Config, unstable_readConfig as readConfig } from "wrangler";

const root = new URL("../..", import.meta.url).pathname;
const read = (config: string, env?: string): Config =>
  readConfig({ config: `${root}${config}`, env }, { hideWarnings: true });

const topLevel = read("wrangler.toml");
const production = read("wrangler.toml", "production");
const local = read("examples/local/wrangler.toml");

const beforeNest = read("examples/nestjs-behind-the-gate/wrangler.toml");

const bindingsOf = (config: Config) => ({
  objects: config.durable_objects.bindings.map(({ name, class_name }) => `${name} → ${class_name}`).toSorted(),
  services: config.services?.map(({ binding }) => binding) ?? [],
  variables: Object.keys(config.vars).toSorted(),
  limits: config.ratelimits.map(({ name }) => name),
  migrations: config.migrations,
  assets: config.assets,
});
/** The folder of the console, which a configuration names from its own place. */
const filesOf = (config: string, { assets }: Config) => resolve(root, dirname(config), assets?.directory ?? "nowhere");
const platformOf = ({ compatibility_date, compatibility_flags }: Config) => ({
  compatibility_date,
  compatibility_flags,
});

describe("the environment production", () => {
  test("has the bindings, variables, migrations and files of the top level", () => {
    expect(bindingsOf(production)).toEqual(bindingsOf(topLevel));
  });

  test("runs on the same platform date and flags", () => {
    expect(platformOf(production)).toEqual(platformOf(topLevel));
  });

  test("negotiates no compression, which a client could make costly", () => {
    expect(production.compatibility_flags).toContain("no_web_socket_compression");
  });

  test("is reached under one address of its own and no other", () => {
    expect(production.routes).toEqual([{ pattern: expect.any(String), custom_domain: true }]);
    expect(production.workers_dev).toBe(false);
    expect(topLevel.routes ?? []).toEqual([]);
  });

  test.each([topLevel, production])("keeps URLs out of the platform's log, since they may hold tokens", (config) => {
    expect(config.observability).toMatchObject({ enabled: true, logs: { invocation_logs: false } });
  });

  test("takes no tokens from URLs, which are logged", () => {
    expect(production.vars["QUERY_CREDENTIALS"]).toBe("tickets");
    expect(topLevel.vars["QUERY_CREDENTIALS"]).toBe("all");
  });
});

describe("the limits of one client address", () => {
  const limitsOf = (config: Config) =>
    config.ratelimits.map(({ name, simple: { limit, period } }) => `${name}: ${limit} in ${period} s`);

  test("are 60 connections and 60 failed credentials a minute in production", () => {
    expect(limitsOf(production)).toEqual(["CONNECT_LIMIT: 60 in 60 s", "FAILURE_LIMIT: 60 in 60 s"]);
  });

  test("are 1000 of each at the top level, where many people try things from one address", () => {
    expect(limitsOf(topLevel)).toEqual(["CONNECT_LIMIT: 1000 in 60 s", "FAILURE_LIMIT: 1000 in 60 s"]);
    expect(local.ratelimits).toEqual(topLevel.ratelimits);
  });

  test("are counted apart: those of production, of the top level, and of each kind", () => {
    const namespaces = [...topLevel.ratelimits, ...production.ratelimits].map(({ namespace_id }) => namespace_id);
    expect(new Set(namespaces).size).toBe(4);
  });
});

describe("the top level", () => {
  test("binds the classes of the contract", () => {
    expect(bindingsOf(topLevel).objects).toEqual(["STREAMS → StreamObject", "USERS → UserObject"]);
  });

  test("binds no example, so that it boots and deploys by itself", () => {
    expect(bindingsOf(topLevel).services).toEqual([]);
  });
});

describe("the console", () => {
  test("is answered by the Worker, so that no file takes a path of the gateway's own or leaves without its headers", () => {
    expect(topLevel.assets).toEqual({ directory: expect.any(String), binding: "CONSOLE", run_worker_first: true });
  });
});

describe("local development", () => {
  test("runs the same Worker, with the examples on top", () => {
    expect(local.main).toBe(topLevel.main);
    expect(platformOf(local)).toEqual(platformOf(topLevel));
    expect(local.migrations).toEqual(topLevel.migrations);
    expect(bindingsOf(local).objects).toEqual(bindingsOf(topLevel).objects);
    expect(local.vars).toEqual({ ...topLevel.vars, FRAME_SINKS: "ML", ALERT_SINKS: "NOTIFY" });
    expect(bindingsOf(local).services).toEqual(["AUTH", "ML", "NOTIFY"]);
    expect({ ...local.assets, directory: filesOf("examples/local/wrangler.toml", local) }).toEqual({
      ...topLevel.assets,
      directory: filesOf("wrangler.toml", topLevel),
    });
  });
});

describe("the gate before a NestJS server", () => {
  test("is the gate of the top level with one route", () => {
    const { main, vars, ratelimits } = beforeNest;
    expect(main).toBe(topLevel.main);
    expect(platformOf(beforeNest)).toEqual(platformOf(topLevel));
    expect(vars).toEqual({ ...topLevel.vars, ROUTES: expect.any(String) });
    expect(ratelimits).toEqual(topLevel.ratelimits);
    const { assets, variables: _variables, ...bindings } = bindingsOf(topLevel);
    expect(bindingsOf(beforeNest)).toMatchObject(bindings);
    expect(filesOf("examples/nestjs-behind-the-gate/wrangler.toml", beforeNest)).toBe(
      filesOf("wrangler.toml", topLevel),
    );
    expect(beforeNest.assets).toMatchObject({ binding: assets?.binding, run_worker_first: true });
  });

  test("has its route where the server listens by itself", () => {
    const routes: unknown = JSON.parse(beforeNest.vars["ROUTES"] as string);
    expect(routes).toEqual([{ path: "/runs", upstream: "http://127.0.0.1:4000", auth: "required", socketIo: true }]);
  });
});
