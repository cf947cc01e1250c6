// How a stream is, as those may see it who may: numbers for readers, names for its owner and writers.
import { describe, expect, test } from "vitest";
import type { Principal } from "../../../../auth/principal.ts";
import type { StatusView } from "../../../../durable-objects/stream/requests/status.ts";
import { FakeStream, STREAM_ID } from "../../../support/fake-stream.ts";
import { service, user } from "../../../support/members.ts";

const ANNA = user("anna");

function start(variables = {}) {
  const fake = new FakeStream(variables);
  return { fake, owner: fake.owner() };
}

function view(fake: FakeStream, principal: Principal = ANNA): StatusView {
  return fake.stream.requesting.readStatus(principal, STREAM_ID) as StatusView;
}

test("The owner sees the stream, who is there, what happened and what it costs", () => {
  const fake = new FakeStream();
  const createdAt = fake.nowMs;
  const seat = fake.join("anna");
  const { epoch } = seat.register({ clientType: "camera", produces: ["*"] });
  seat.send({ type: "alert" });
  fake.nowMs += 20_000;
  expect(view(fake)).toEqual({
    streamId: STREAM_ID,
    createdAt,
    epoch,
    offset: 1,
    counts: { members: 1, producers: 1, consumers: 0 },
    members: [
      {
        connectionId: "connection-1",
        userId: "anna",
        senderKind: "user",
        clientType: "camera",
        produces: ["*"],
        consumes: [],
      },
    ],
    owner: "anna",
    since: createdAt,
    counters: expect.objectContaining({ messagesIn: 2, stored: 1, connections: 1 }),
    // In 20 s: 2 messages, 1 connection, 1 alert of 3 rows.
    estimatedCostPerHour: { usd: 0.00057, requests: 198, durationGbS: 0, rowsWritten: 540 },
  });
});

test("The time awake is a part of the cost", () => {
  const { fake, owner } = start();
  for (let second = 0; second < 20; second += 1) {
    fake.nowMs += 1000;
    owner.send({ type: "note" });
  }
  expect(view(fake).estimatedCostPerHour.durationGbS).toBe(460.8);
});

describe("the counts", () => {
  test("Are of those who registered, each for what it declared", () => {
    const { fake } = start();
    fake.join("anna");
    for (const lists of [{}, { consumes: ["*"] }, { produces: ["note"], consumes: ["presence"] }]) {
      fake.member("anna", lists);
    }
    expect(view(fake).counts).toEqual({ members: 4, producers: 2, consumers: 2 });
  });

  test("Follow those who go, and those who lose their right", () => {
    const { fake } = start();
    fake.allow({ readers: ["bob"] });
    fake.member("bob", { consumes: ["*"] });
    const anna = fake.member("anna", { consumes: ["*"] });
    fake.allow({ readers: [] });
    expect(view(fake).counts).toMatchObject({ members: 2, consumers: 1 });
    anna.leave();
    expect(view(fake).counts).toMatchObject({ members: 1, consumers: 0 });
  });

  test("Are the same after a sleep", () => {
    const { fake } = start();
    fake.member("anna", { consumes: ["*"] });
    const { counts, members } = view(fake);
    fake.sleepAndWake();
    expect(view(fake)).toMatchObject({ counts, members, offset: 0, owner: "anna" });
  });

  test("Say more than the list where that would be too long", () => {
    const { fake } = start();
    const long = Array.from({ length: 32 }, (_, index) => `type-${index}`.padEnd(64, "x"));
    for (let count = 0; count < 99; count += 1) fake.member("anna", { produces: long, consumes: long });
    const { counts, members } = view(fake);
    expect(counts.members).toBe(100);
    expect(members?.length).toBeLessThan(100);
    expect(JSON.stringify(members).length).toBeLessThan(262_144 + 1000);
  });
});

test("It counts since the object woke, and the stream is as old as it is", () => {
  const { fake } = start();
  const { createdAt } = view(fake);
  fake.nowMs += 60_000;
  fake.sleepAndWake();
  expect(view(fake)).toMatchObject({ createdAt, since: createdAt + 60_000 });
});

describe("who may see it", () => {
  const LIST = { readers: ["reader", "both"], writers: { writer: ["alert"], both: ["*"] } };
  const READ = service("robot", { operations: ["read"], streams: ["*"] });
  const WRITE = service("robot", { operations: ["read", "write"], streams: ["*"] });
  const OPS: Principal = { ...service("ops"), adminOf: ["cam-*"] };
  const OPS_ELSEWHERE: Principal = { ...service("ops"), adminOf: ["door-*"] };

  test.each<readonly [string, Principal, boolean]>([
    ["the owner", ANNA, true],
    ["a reader", user("reader"), false],
    ["who reads and writes", user("both"), true],
    ["a service that may read", READ, false],
    ["a service that may read and write", WRITE, true],
    ["an admin of it", OPS, true],
  ])("For %s it is numbers; that names are in it is %3$s", (_who, principal, isNamed) => {
    const { fake } = start();
    fake.allow(LIST);
    const status = view(fake, principal);
    expect(status).toMatchObject({ streamId: STREAM_ID, counts: { members: 1 } });
    expect(["members" in status, "owner" in status]).toEqual([isNamed, isNamed]);
  });

  test.each([
    ["a stranger", user("stranger")],
    ["a service that was granted nothing", service("robot")],
    ["an admin of others", OPS_ELSEWHERE],
  ])("For %s it is not", (_who, principal) => {
    const { fake } = start();
    fake.allow(LIST);
    expect(view(fake, principal)).toMatchObject({ kind: "fault", code: "UNAUTHORIZED" });
  });

  test("Where nobody owns it there is nothing to see, for admins either", () => {
    const fake = new FakeStream();
    fake.member("anna", { consumes: ["*"] });
    for (const principal of [ANNA, OPS]) expect(view(fake, principal)).toMatchObject({ code: "NOT_FOUND" });
  });

  test("Where it is open to all, all see who is there, and no owner", () => {
    const { fake } = start({ STREAM_POLICY: "open" });
    const status = view(fake, user("bob"));
    expect(status).toMatchObject({ members: [{ userId: "anna" }] });
    expect(status).not.toHaveProperty("owner");
  });

  test("After it is deleted there is nothing to see", () => {
    const { fake } = start();
    fake.erase();
    expect(view(fake)).toMatchObject({ code: "NOT_FOUND" });
  });
});

test("It names no session", () => {
  const { fake } = start();
  expect(JSON.stringify(view(fake))).not.toMatch(/session/i);
});
