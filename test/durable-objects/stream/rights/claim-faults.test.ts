// Faults that claims, their waiting and their lapse once had.
import { describe, expect, test } from "vitest";
import { FakeStream, STREAM_ID } from "../../../support/fake-stream.ts";
import { FirstRelease } from "../../../support/first-release.ts";
import { service } from "../../../support/members.ts";

const DAY_MS = 86_400_000;
const REGISTER = JSON.stringify({ type: "register", produces: ["*"], consumes: ["*"] });
const ROBOT = service("robot", { operations: ["write"], streams: ["*"] });

function waiting(variables = {}): FakeStream {
  const fake = new FakeStream(variables);
  fake.users.room = undefined;
  return fake;
}

describe("a claim", () => {
  // All streams under `open` would write to one object without a name.
  test("under STREAM_POLICY=open is on nobody's list, and none is told", () => {
    const fake = new FakeStream({ STREAM_POLICY: "open" });
    fake.owner();
    expect(fake.users.told).toEqual([]);
  });

  test("of a session that ended while it waited claims nothing", async () => {
    const fake = waiting({ AUTH_GRACE_S: "0" });
    const anna = fake.join("anna", { endsInMs: 1000 });
    anna.send(REGISTER);
    fake.nowMs += 2000;
    await fake.users.asked[0]?.answer("room");
    expect([anna.socket.errorCodes, anna.socket.closedWith?.code]).toEqual([["TOKEN_EXPIRED"], 4401]);
    expect(fake.storage.tables).toEqual([]);
  });
});

describe("what waits behind register", () => {
  test("in the same text counts towards OBJECT_BUFFER_BYTES", () => {
    const fake = waiting({ MAX_MESSAGE_BYTES: 1024, OBJECT_BUFFER_BYTES: 2048 });
    const seats = ["anna", "bob", "cleo"].map((name) => fake.join(name));
    for (const seat of seats) seat.send(`${REGISTER}\n${JSON.stringify({ type: "note", text: "x".repeat(800) })}`);
    expect(seats.map(({ socket }) => socket.closedWith?.code)).toEqual([undefined, undefined, 1013]);
  });

  test("in the same text is 64 messages at most", () => {
    const anna = waiting({ MAX_MESSAGES_PER_S: 1000 }).join("anna");
    anna.send([REGISTER, ...Array.from({ length: 65 }, () => `{"type":"note"}`)].join("\n"));
    expect([anna.socket.errorCodes, anna.socket.closedWith?.code]).toEqual([["TOO_LARGE"], 1009]);
  });

  test("of a member that left takes no room from others", () => {
    const fake = waiting({ MAX_MESSAGE_BYTES: 1024, OBJECT_BUFFER_BYTES: 2048 });
    const large = JSON.stringify({ type: "note", text: "x".repeat(900) });
    const seats = ["anna", "bob", "cleo"].map((name) => fake.join(name));
    for (const seat of seats) {
      seat.send(REGISTER);
      seat.send(large);
      if (seat !== seats.at(-1)) seat.leave();
    }
    expect(seats.at(-1)?.socket.closedWith).toBeUndefined();
  });

  test("and meets a bug ends the connection with INTERNAL, as it would without waiting", async () => {
    const fake = waiting();
    const anna = fake.join("anna");
    for (const text of [REGISTER, `{"type":"alert"}`, `{"type":"ping","ref":1}`]) anna.send(text);
    // What the claim will find: a log on a disk that is full.
    new FirstRelease(fake.storage).claim({ streamId: STREAM_ID, ownerId: "", epoch: "", createdAtMs: 0 });
    fake.storage.sql.exec("DROP TABLE stream");
    fake.storage.refuseAlerts();
    await fake.users.asked[0]?.answer("room");
    await Promise.allSettled(fake.background);
    expect([anna.socket.errorCodes, anna.socket.closedWith?.code]).toEqual([["INTERNAL"], 1011]);
  });
});

describe("a lapse", () => {
  test("that waits is off where a frame was posted meanwhile", async () => {
    const fake = new FakeStream({ CLAIM_TTL_DAYS: 1 });
    fake.owner().leave();
    fake.nowMs += 3 * DAY_MS;
    fake.users.room = undefined;
    fake.stream.sweep();
    fake.post(ROBOT, { type: "video-frame" });
    await fake.users.asked[0]?.answer("room");
    expect(fake.storage.tables).toContain("stream");
  });

  test("that waits is off where the owner came and went meanwhile", async () => {
    const fake = new FakeStream({ CLAIM_TTL_DAYS: 1 });
    fake.owner().leave();
    fake.nowMs += 3 * DAY_MS;
    fake.users.room = undefined;
    fake.stream.sweep();
    fake.owner().leave();
    await fake.users.asked[0]?.answer("room");
    expect(fake.storage.tables).toContain("stream");
  });

  // A use is written once a day, so what is written is up to a day older than the last use.
  test("after one day does not come a minute after the last use", () => {
    const fake = new FakeStream({ CLAIM_TTL_DAYS: 1 });
    fake.owner().leave();
    fake.nowMs += DAY_MS - 60_000;
    fake.owner().leave();
    fake.nowMs += 60_000;
    fake.stream.sweep();
    expect(fake.storage.tables).toContain("stream");
  });

  test("counts from the end of a long connection, not from its beginning", () => {
    const fake = new FakeStream({ CLAIM_TTL_DAYS: 30 });
    const camera = fake.member("anna", { produces: ["note"] }, { endsInMs: 90 * DAY_MS });
    fake.nowMs += 29 * DAY_MS;
    camera.send({ type: "note" });
    camera.leave();
    fake.nowMs += 2 * DAY_MS;
    fake.stream.sweep();
    expect(fake.storage.tables).toContain("stream");
  });

  // The last use is long ago where alerts or readers keep the stream.
  test("that is held off by an alert costs no alarm at each wake", () => {
    const fake = new FakeStream({ CLAIM_TTL_DAYS: 1 });
    const owner = fake.owner();
    owner.send({ type: "alert" });
    owner.leave();
    fake.nowMs += 3 * DAY_MS;
    fake.stream.sweep();
    fake.alarms.push(fake.nowMs + DAY_MS);
    fake.sleepAndWake();
    fake.stream.awake();
    expect(fake.alarms.at(-1)).toBeGreaterThan(fake.nowMs);
  });
});

test("A stream of the release before is on the list of its owner once it wakes", () => {
  const fake = new FakeStream();
  new FirstRelease(fake.storage).claim({ streamId: STREAM_ID, ownerId: "anna", epoch: "e1", createdAtMs: 1 });
  fake.sleepAndWake();
  fake.stream.awake();
  expect(fake.users.told.at(-1)).toEqual({ event: "owned", userId: "anna", streamId: STREAM_ID });
});
