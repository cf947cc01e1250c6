// The runtime is killed while alerts are published and starts again on the same disk: what was acknowledged is there.
import { randomInt } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ask } from "../soak/doors.ts";
import { killRounds } from "../soak/kill-rounds.ts";
import { GatewayOnDisk } from "../support/gateway-on-disk.ts";

let onDisk: GatewayOnDisk;

beforeAll(() => {
  onDisk = new GatewayOnDisk();
});
afterAll(() => onDisk.remove());

/** Another one on each run; a complaint names it, and `npm run soak -- --seed` takes it. */
const seed = randomInt(2 ** 31);
const TEST_TIMEOUT_MS = 120_000;

test(
  "ten kills while alerts are published lose no acknowledged one, and show none twice to who resumes",
  async () => {
    const { complaints, kills, acknowledged, replayed } = await killRounds(onDisk, { kills: 10, seed });
    expect(complaints).toEqual([]);
    // What was not tried was not kept either.
    expect(kills).toBe(10);
    expect(acknowledged).toBeGreaterThan(50);
    expect(replayed).toBeGreaterThan(0);
  },
  TEST_TIMEOUT_MS,
);

test(
  "kills while the log forgets its oldest alerts leave the newest, as many as are to be kept",
  async () => {
    const { complaints, forgotten } = await killRounds(onDisk, { kills: 4, seed, keptAtMost: 64 });
    expect(complaints).toEqual([]);
    expect(forgotten).toBeGreaterThan(0);
  },
  TEST_TIMEOUT_MS,
);

test("a stream whose deletion was acknowledged stays deleted", async () => {
  const disk = "deleted";
  const before = await onDisk.start({ disk });
  const stage = { gateway: before.url, network: new AbortController().signal };
  const claimed = await ask(stage, "owner", "PUT", "/streams/cam/access", { readers: ["reader"] });
  expect(claimed.status).toBe(200);
  const posted = await ask(stage, "owner", "POST", "/streams/cam/alerts", { message: "to be forgotten" });
  expect(posted).toMatchObject({ status: 201, body: { offset: 1 } });
  expect(await ask(stage, "owner", "DELETE", "/streams/cam")).toMatchObject({ status: 204 });
  before.kill();
  await before.stop();

  const after = await onDisk.start({ disk });
  const later = { gateway: after.url, network: stage.network };
  expect(await ask(later, "owner", "GET", "/streams/cam/access")).toMatchObject({ status: 404 });
  expect(await ask(later, "reader", "GET", "/streams/cam/alerts")).toMatchObject({ status: 404 });
  expect(await ask(later, "heir", "PUT", "/streams/cam/access", {})).toMatchObject({
    status: 200,
    body: { owner: "heir", readers: [] },
  });
  const first = await ask(later, "heir", "POST", "/streams/cam/alerts", { message: "the heir's first" });
  expect(first).toMatchObject({ status: 201, body: { offset: 1 } });
  expect(first.body["epoch"]).not.toBe(posted.body["epoch"]);
  await after.stop();
});
