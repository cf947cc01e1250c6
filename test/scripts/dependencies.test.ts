// What comes with an install: two libraries that run in the gateway, each version exact, and no scripts but those that are listed.
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { ROOT } from "../../scripts/wrangler.ts";

const ROOMS = ["protocol", "auth", "connection", "durable-objects", "worker"];
const NPM = "https://registry.npmjs.org/";

interface Manifest {
  readonly dependencies: Record<string, string>;
  readonly devDependencies: Record<string, string>;
  readonly allowScripts: Record<string, boolean>;
}

interface Locked {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly optional?: boolean;
  readonly hasInstallScript?: boolean;
}

const read = (name: string): unknown => JSON.parse(readFileSync(`${ROOT}${name}`, "utf8"));
const manifest = read("package.json") as Manifest;
const { packages } = read("package-lock.json") as { packages: Record<string, Locked> };
const locked = Object.entries(packages).filter(([path]) => path !== "");

test("the gateway runs hono and jose, and nothing else that others wrote", () => {
  expect(Object.keys(manifest.dependencies)).toEqual(["hono", "jose"]);
});

test("what is deployed imports those two and the platform", () => {
  const sources = ROOMS.flatMap((room) =>
    readdirSync(`${ROOT}${room}`, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts"))
      .map((file) => readFileSync(`${ROOT}${room}/${file}`, "utf8")),
  );
  expect(sources.length).toBeGreaterThan(100);
  const named = sources.flatMap((source) => [...source.matchAll(/from "([^".][^"]*)"/g)].map(([, name]) => name));
  expect(new Set(named)).toEqual(new Set(["hono", "hono/cors", "jose", "cloudflare:workers"]));
});

test("each dependency is one version and no range", () => {
  for (const version of Object.values({ ...manifest.dependencies, ...manifest.devDependencies })) {
    expect(version).toMatch(/^\d+\.\d+\.\d+(-[\w.]+)?$/);
  }
});

test("each package that is needed is known by its hash, and comes from npm's own registry", () => {
  expect(locked.length).toBeGreaterThan(100);
  const known = locked.filter(([, { optional }]) => optional !== true);
  expect(known.filter(([, { integrity = "" }]) => !integrity.startsWith("sha512-"))).toEqual([]);
  const elsewhere = locked.filter(([, { resolved }]) => !(resolved ?? NPM).startsWith(NPM));
  expect(elsewhere).toEqual([]);
});

test("no package runs a script when it is installed but those that are listed", () => {
  const running = locked.filter(([, { hasInstallScript }]) => hasInstallScript === true);
  expect(running.map(([path]) => path.replace("node_modules/", ""))).toEqual(Object.keys(manifest.allowScripts));
});
