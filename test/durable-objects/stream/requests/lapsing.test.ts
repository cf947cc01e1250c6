// A stream that nobody used for CLAIM_TTL_DAYS is deleted, and one on which somebody depends never is.
import { describe, expect, test } from "vitest";
import { FakeStream, STREAM_ID } from "../../../support/fake-stream.ts";
import { service, user } from "../../../support/members.ts";

const DAY_MS = 86_400_000;
const TTL_DAYS = 7;
/** A use is written once a day at most, so it may be a day later than is known. */
const AT_LAST_DAYS = TTL_DAYS + 1;
const WRITER = service("robot", { operations: ["write"], streams: ["*"] });

/** A stream of anna's with nobody there. */
function abandoned(variables = {}) {
  const fake = new FakeStream({ CLAIM_TTL_DAYS: TTL_DAYS, ...variables });
  fake.owner().leave();
  const exists = (): boolean => fake.storage.tables.includes("stream");
  const pass = (days: number): void => {
    fake.nowMs += days * DAY_MS;
    fake.stream.sweep();
  };
  const change = (body: Record<string, unknown>): unknown =>
    fake.stream.managing.changeAccess(user("anna"), STREAM_ID, body, () => fake.nowMs);
  const usedAtMs = (): unknown => fake.storage.rows("SELECT used_at_ms FROM stream")[0]?.["used_at_ms"];
  return { fake, exists, pass, change, usedAtMs };
}

/** Whether one alarm was set, for the lapse of what was used last at that time. */
function isAlarmFor({ alarms: [alarmMs = 0, ...others] }: FakeStream, usedMs: number): boolean {
  const afterMs = alarmMs - usedMs;
  return others.length === 0 && afterMs >= TTL_DAYS * DAY_MS && afterMs <= AT_LAST_DAYS * DAY_MS;
}

describe("a stream that nobody uses", () => {
  test("lapses after its days, not before", () => {
    const { fake, exists, pass } = abandoned();
    fake.nowMs -= 1;
    pass(TTL_DAYS);
    expect(exists()).toBe(true);
    fake.nowMs += 1;
    pass(1);
    expect(exists()).toBe(false);
  });

  test("sets the alarm for that at its claim", () => {
    const fake = new FakeStream({ CLAIM_TTL_DAYS: TTL_DAYS });
    void fake.stream.managing.changeAccess(user("anna"), STREAM_ID, {}, () => fake.nowMs);
    expect(isAlarmFor(fake, fake.nowMs)).toBe(true);
  });

  test("asks for its alarm when it wakes, since an earlier release set none", () => {
    const { fake } = abandoned();
    const claimedMs = fake.nowMs;
    fake.alarms.length = 0;
    fake.sleepAndWake();
    fake.stream.awake();
    expect(isAlarmFor(fake, claimedMs)).toBe(true);
  });

  test("asks for no alarm where nobody owns it", () => {
    const fake = new FakeStream();
    fake.stream.awake();
    fake.stream.sweep();
    expect(fake.alarms).toEqual([]);
  });

  test("leaves the list of its user", () => {
    const { fake, pass } = abandoned();
    fake.users.told.length = 0;
    pass(AT_LAST_DAYS);
    expect(fake.users.told.map(({ event, userId }) => [event, userId])).toEqual([
      ["expect", "anna"],
      ["not owned", "anna"],
    ]);
  });

  test("is free for another, as a new life", () => {
    const { fake, pass } = abandoned();
    pass(AT_LAST_DAYS);
    expect(fake.join("bob").register({ produces: ["*"], consumes: [] })).toMatchObject({
      type: "success",
      epoch: "id2",
    });
  });

  test("lapses under STREAM_POLICY=open too, and nobody's list is asked", () => {
    const { fake, exists, pass } = abandoned({ STREAM_POLICY: "open" });
    fake.users.room = "unreachable";
    pass(AT_LAST_DAYS);
    expect(exists()).toBe(false);
  });

  test("is told as late as it lapses after a sleep of any length", () => {
    const { fake, exists, pass } = abandoned();
    fake.nowMs += 100 * DAY_MS;
    fake.sleepAndWake();
    fake.stream.awake();
    pass(0);
    expect(exists()).toBe(false);
  });
});

describe("a stream does not lapse", () => {
  test("while an alert is stored, and does once it is forgotten", () => {
    const { fake, exists, pass } = abandoned({ ALERT_RETENTION_DAYS: 2 * AT_LAST_DAYS });
    const robot = fake.post(WRITER, { message: "kept" });
    expect(robot).toMatchObject({ kind: "stored" });
    pass(AT_LAST_DAYS);
    pass(TTL_DAYS);
    expect(exists()).toBe(true);
    pass(AT_LAST_DAYS);
    expect(exists()).toBe(false);
  });

  test("while it is needed, and its user's list is not even asked", () => {
    const { fake, pass, change } = abandoned();
    change({ public: true });
    fake.users.told.length = 0;
    pass(AT_LAST_DAYS);
    expect(fake.users.told).toEqual([]);
  });

  test.each([
    ["a reader", { readers: ["bob"] }],
    ["a writer", { writers: { bob: ["*"] } }],
    ["everybody", { public: true }],
  ])("while the access list lets %s in, and does when it no longer does", (_who, body) => {
    const { exists, pass, change } = abandoned();
    change(body);
    pass(AT_LAST_DAYS);
    pass(AT_LAST_DAYS);
    expect(exists()).toBe(true);
    change({ readers: [], writers: {}, public: false });
    pass(TTL_DAYS - 1);
    expect(exists()).toBe(true);
    pass(2);
    expect(exists()).toBe(false);
  });

  test("while somebody is there, if only to watch; a connection that never registered is nobody", () => {
    const { fake, exists, pass } = abandoned();
    const silent = fake.member("anna", { consumes: [] }, { endsInMs: 100 * DAY_MS });
    pass(AT_LAST_DAYS);
    expect([exists(), silent.socket.closedWith]).toEqual([true, undefined]);
    silent.leave();
    pass(TTL_DAYS - 1);
    expect(exists()).toBe(true);
    pass(2);
    expect(exists()).toBe(false);
  });
});

describe("use", () => {
  test.each<readonly [string, (all: ReturnType<typeof abandoned>) => unknown]>([
    ["a registration to produce", ({ fake }) => fake.member("anna", { produces: ["note"] }).leave()],
    ["a registration to read", ({ fake }) => fake.member("anna", { consumes: ["note"] }).leave()],
    ["a change of the access list", ({ change }) => change({})],
    ["a frame from a program", ({ fake }) => fake.post(WRITER, { type: "video-frame" })],
  ])("that is %s puts the lapse off", (_what, use) => {
    const all = abandoned();
    all.fake.nowMs += 5 * DAY_MS;
    use(all);
    expect(all.usedAtMs()).toBe(all.fake.nowMs);
    all.pass(TTL_DAYS - 1);
    expect(all.exists()).toBe(true);
    all.pass(2);
    expect(all.exists()).toBe(false);
  });

  test.each<readonly [string, (all: ReturnType<typeof abandoned>) => unknown]>([
    ["a look at the access list", ({ fake }) => fake.stream.managing.readAccess(user("anna"), STREAM_ID)],
    ["a look at how it is", ({ fake }) => fake.stream.requesting.readStatus(user("anna"), STREAM_ID)],
    ["a registration that was refused", ({ fake }) => fake.join("bob").register({ produces: ["*"] })],
    ["a change that was refused", ({ change }) => change({ version: 9 })],
    ["a post that was refused", ({ fake }) => fake.post(user("bob"), {})],
  ])("is not %s", (_what, look) => {
    const all = abandoned();
    const before = all.usedAtMs();
    all.fake.nowMs += 5 * DAY_MS;
    look(all);
    expect(all.usedAtMs()).toBe(before);
  });

  test("is written once a day at most", () => {
    const { fake, usedAtMs } = abandoned();
    const claimedMs = fake.nowMs;
    fake.nowMs += DAY_MS - 1;
    fake.owner().leave();
    expect(usedAtMs()).toBe(claimedMs);
    fake.nowMs += 1;
    fake.owner().leave();
    expect(usedAtMs()).toBe(claimedMs + DAY_MS);
  });

  test("is remembered over a sleep", () => {
    const { fake, exists, pass } = abandoned();
    fake.nowMs += 5 * DAY_MS;
    fake.owner().leave();
    fake.sleepAndWake();
    pass(TTL_DAYS - 1);
    expect(exists()).toBe(true);
  });

  test("asks for the next look where the alarm came for an earlier use", () => {
    const { fake, pass } = abandoned();
    pass(5);
    fake.owner().leave();
    const usedMs = fake.nowMs;
    fake.alarms.length = 0;
    pass(2);
    expect(isAlarmFor(fake, usedMs)).toBe(true);
  });
});

describe("a lapse whose user's list cannot be reached", () => {
  test("does not come about, and is tried again within the hour", () => {
    const { fake, exists, pass } = abandoned();
    fake.users.room = "unreachable";
    pass(AT_LAST_DAYS);
    expect([exists(), fake.alarms.at(-1)]).toEqual([true, fake.nowMs + 3_600_000]);
    fake.users.room = "room";
    pass(1 / 24);
    expect(exists()).toBe(false);
  });
});

describe("a lapse that waits for its user's list", () => {
  function due() {
    const all = abandoned();
    all.fake.users.room = undefined;
    all.pass(AT_LAST_DAYS);
    const answer = async (): Promise<void> => all.fake.users.asked[0]?.answer("room");
    return { ...all, answer };
  }

  test("comes about with the answer", async () => {
    const { answer, exists, fake } = due();
    expect(exists()).toBe(true);
    await answer();
    await Promise.all(fake.background);
    expect(exists()).toBe(false);
  });

  test("is off where somebody is back, who stays and keeps the stream", async () => {
    const { answer, exists, fake } = due();
    const anna = fake.owner();
    await answer();
    expect([exists(), anna.socket.closedWith, fake.users.told.at(-1)?.event]).toEqual([true, undefined, "owned"]);
  });

  test("is off where an alert was posted", async () => {
    const { answer, exists, fake } = due();
    fake.post(WRITER, {});
    await answer();
    expect(exists()).toBe(true);
  });

  test("is off where somebody was let in", async () => {
    const { answer, exists, change } = due();
    change({ public: true });
    await answer();
    expect(exists()).toBe(true);
  });

  test("does not end the next life of a stream that was deleted meanwhile", async () => {
    const { answer, fake } = due();
    fake.users.room = "room";
    expect(fake.stream.managing.erase(user("anna"), STREAM_ID)).toBeUndefined();
    fake.owner(undefined, "bob").leave();
    await answer();
    expect(fake.storage.rows("SELECT owner_id FROM stream")).toEqual([{ owner_id: "bob" }]);
  });
});
