// A stream whose tables were written by the release with schema version 1 wakes with everything that it held.
import { existsSync, readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ask } from "../soak/doors.ts";
import { Client, type Message } from "../support/client.ts";
import { GatewayOnDisk, type RunningGateway } from "../support/gateway-on-disk.ts";
import { signSession } from "../support/session-token.ts";

const SCHEMA_1 = readFileSync(new URL("../data/stream-schema-1.sql", import.meta.url), "utf8");
/** Of the rows in there. */
const EPOCH = "4c77f429517a44f1a31086552edcd9d7";
const STREAM = "/streams/front-door";
const [FIRST, HEAD, SEQ_RESERVED] = [63, 69, 10_000];
const of = (offset: number, userId: string, message: string, more: Record<string, unknown> = {}) =>
  Object.assign(more, { type: "alert", streamId: "front-door", epoch: EPOCH, offset, seq: offset, userId, message });
const ALERTS = [
  of(63, "anna", "number 63", { id: "door-63", senderKind: "user" }),
  of(64, "anna", "number 64", { id: "door-64" }),
  of(65, "anna", "number 65", { id: "door-65" }),
  of(66, "anna", `it's "動き" – 🚪`, { id: "quote", box: { x: 240, y: 80.5 }, tags: ["a", null, true] }),
  of(67, "carl", "from carl", { id: "posted", severity: "high" }),
  of(68, "key:sensor", "from the sensor", { senderKind: "service" }),
  of(69, "anna", "without an id", { receivedAt: 1_795_254_536_236 }),
];
/** The rows have a date, and are to be read in ten years. */
const VARS = { ALERT_RETENTION_DAYS: "3650" };

let onDisk: GatewayOnDisk;
let gateway: RunningGateway;

const door = (): Parameters<typeof ask>[0] => ({ gateway: gateway.url, network: new AbortController().signal });

async function connect(userId: string): Promise<Client> {
  return Client.connect(new URL(STREAM, gateway.url), ["sluice.v1", `bearer.${await signSession({ userId })}`]);
}

async function restart(): Promise<void> {
  await gateway.stop();
  gateway = await onDisk.start({ vars: VARS });
}

beforeAll(async () => {
  onDisk = new GatewayOnDisk();
  gateway = await onDisk.start({ vars: VARS });
  const objectId = await gateway.objectId("STREAMS", "front-door");
  // The runtime makes the file, with what it keeps in there for itself; of the stream there is nothing in it yet.
  await (await connect("a stranger")).caughtUp();
  await gateway.stop();
  writeSchema1(onDisk.fileOf("disk", "StreamObject", objectId));
  gateway = await onDisk.start({ vars: VARS });
});
afterAll(async () => {
  await gateway.stop();
  onDisk.remove();
});

function writeSchema1(file: string): void {
  if (!existsSync(file)) throw new Error("the object keeps its tables elsewhere");
  const database = new DatabaseSync(file);
  // That release left nothing else there than the runtime's own table.
  const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name <> '_cf_METADATA'");
  for (const { name } of tables.all()) database.exec(`DROP TABLE "${String(name)}"`);
  database.exec(SCHEMA_1);
  database.close();
}

// In this order: the tests below the first three write.
describe("a stream of the release with schema version 1", () => {
  test("still has its owner, and lets in whom he let in", async () => {
    expect(await ask(door(), "anna", "GET", `${STREAM}/access`)).toMatchObject({
      status: 200,
      body: { owner: "anna", public: false, readers: ["ben"], writers: { carl: ["alert"] }, version: 2 },
    });
    expect(await ask(door(), "ben", "GET", `${STREAM}/access`)).toMatchObject({ status: 403 });
    expect(await ask(door(), "a stranger", "GET", `${STREAM}/alerts`)).toMatchObject({ status: 403 });
    await expect(connect("a stranger")).rejects.toMatchObject({ status: 403 });
  });

  test("has the history that it had, by pages", async () => {
    const first = await ask(door(), "ben", "GET", `${STREAM}/alerts?limit=4&epoch=${EPOCH}`);
    const head = { epoch: EPOCH, first: FIRST, head: HEAD };
    expect(first.body).toMatchObject({ ...head, next: 66, truncated: true, alerts: ALERTS.slice(0, 4) });
    const second = await ask(door(), "ben", "GET", `${STREAM}/alerts?limit=4&after=66`);
    expect(second.body).toMatchObject({ ...head, next: null, truncated: false, alerts: ALERTS.slice(4) });
  });

  test("gives a resume all of what it kept, and says where that is not all", async () => {
    const reader = await connect("ben");
    const success = await reader.register({ consumes: ["alert"], resume: { epoch: EPOCH, offset: FIRST - 1 } });
    expect(success).toMatchObject({ epoch: EPOCH, offset: HEAD, recovered: true });
    const replayed: Message[] = [];
    while (replayed.length < ALERTS.length) replayed.push(await reader.next("alert"));
    expect(replayed).toMatchObject(ALERTS);
    const late = await connect("ben");
    expect(await late.register({ consumes: ["alert"], resume: { epoch: EPOCH, offset: FIRST - 2 } })).toMatchObject({
      epoch: EPOCH,
      offset: HEAD,
      recovered: false,
    });
  });

  test("knows an alert again that is repeated", async () => {
    const posted = { id: "posted", message: "from carl", severity: "high" };
    expect(await ask(door(), "carl", "POST", `${STREAM}/alerts`, posted)).toMatchObject({
      status: 200,
      body: { offset: 67, epoch: EPOCH, duplicate: true },
    });
    const other = { ...posted, message: "another one" };
    expect(await ask(door(), "carl", "POST", `${STREAM}/alerts`, other)).toMatchObject({ status: 409 });
  });

  test("goes on behind its head, with numbers above all that were reserved, also after the next restart", async () => {
    const owner = await connect("anna");
    await owner.register({ produces: ["alert"], consumes: ["alert"] });
    owner.send({ type: "alert", id: "next", message: "the next", ref: 1 });
    expect(await owner.next("success")).toMatchObject({ id: "next", offset: HEAD + 1, epoch: EPOCH });
    const next = await owner.next("alert");
    expect(next["seq"]).toBeGreaterThan(SEQ_RESERVED);

    await restart();
    expect(await ask(door(), "carl", "POST", `${STREAM}/alerts`, { message: "the one after" })).toMatchObject({
      status: 201,
      body: { offset: HEAD + 2, epoch: EPOCH },
    });
    const { body } = await ask(door(), "ben", "GET", `${STREAM}/alerts?after=${FIRST - 1}`);
    const alerts = body["alerts"] as Message[];
    expect(alerts).toMatchObject([...ALERTS, next, { message: "the one after" }]);
    expect(Number(alerts.at(-1)?.["seq"])).toBeGreaterThan(Number(next["seq"]));
  });

  test("takes a change of its access list, and keeps it", async () => {
    const change = { readers: ["ben", "dora"], version: 2 };
    expect(await ask(door(), "anna", "PUT", `${STREAM}/access`, change)).toMatchObject({ status: 200 });
    await restart();
    expect(await ask(door(), "anna", "GET", `${STREAM}/access`)).toMatchObject({
      body: { owner: "anna", readers: ["ben", "dora"], writers: { carl: ["alert"] }, version: 3 },
    });
  });
});
