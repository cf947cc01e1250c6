// Very many watchers, whose sessions end together or who do not read: nobody else notices, and none stays behind.
import { expect, test } from "vitest";
import { WATCHERS_MAX } from "../../../../protocol/limits.ts";
import { FakeStream, type Seat } from "../../../support/fake-stream.ts";

const WATCH = { consumes: ["presence"] };

/** Members that all watch, more than register at once: the limit is for those that come. */
function crowd(fake: FakeStream, count: number): readonly Seat[] {
  const seats = Array.from({ length: count }, () => fake.member("anna", { consumes: [] }, { endsInMs: 60_000 }));
  // As if an earlier release had let them in.
  for (const { socket } of seats) {
    const attachment = socket.deserializeAttachment() as { registration: object };
    socket.serializeAttachment({ ...attachment, registration: { ...attachment.registration, ...WATCH } });
  }
  fake.sleepAndWake();
  return seats;
}

const openOnes = (seats: readonly Seat[]): number => seats.filter(({ socket }) => socket.readyState === 1).length;

test("Thousands whose sessions end together are all closed, by one alarm", () => {
  const fake = new FakeStream({ AUTH_GRACE_S: "0", MAX_MEMBERS_PER_STREAM: "5000" });
  fake.owner();
  const seats = crowd(fake, 3000);
  fake.nowMs += 61_000;
  fake.stream.sweep();
  expect(openOnes(seats)).toBe(0);
});

test("Thousands who do not read are closed where one comes, and that one is let in", () => {
  const fake = new FakeStream({ MAX_MEMBERS_PER_STREAM: "5000" });
  fake.owner();
  const seats = crowd(fake, 3000);
  for (const { socket } of seats) socket.bufferedAmount = 2_000_000;
  const camera = fake.join("anna");
  expect(camera.register({ produces: ["note"] })).toMatchObject({ type: "success" });
  expect(openOnes(seats)).toBe(0);
});

test("No more than a few watch, and one more is told so", () => {
  const fake = new FakeStream();
  fake.owner();
  const seats = Array.from({ length: WATCHERS_MAX }, () => fake.member("anna", WATCH));
  const refused = fake.join("anna");
  expect(refused.register(WATCH)).toMatchObject({ code: "STREAM_FULL", temporary: true });
  seats[0]?.leave();
  expect(fake.join("anna").register(WATCH)).toMatchObject({ type: "success" });
});

test("Who may not know takes no place of those who may, and has so many of his own", () => {
  const fake = new FakeStream();
  fake.owner();
  fake.allow({ public: true });
  const reads = { consumes: ["alert", "presence"] };
  for (let index = 0; index < WATCHERS_MAX; index += 1) fake.member(`reader-${index}`, reads);
  expect(fake.join("reader").register(reads)).toMatchObject({ code: "STREAM_FULL" });
  expect(fake.join("anna").register(WATCH)).toMatchObject({ type: "success" });
});

test("Those who wait for a stream to be made take no place of who makes it", () => {
  const fake = new FakeStream();
  for (let index = 0; index < WATCHERS_MAX; index += 1) {
    fake.member(`stranger-${index}`, { consumes: ["alert", "presence"] });
  }
  const camera = fake.join("anna");
  expect(camera.register({ produces: ["note"], consumes: ["presence"] })).toMatchObject({ type: "success" });
});

test("A change that changes nothing for those who watch tells them nothing", () => {
  const fake = new FakeStream();
  fake.owner();
  const watcher = fake.member("anna", WATCH);
  fake.allow({ readers: ["bob"] });
  fake.allow({});
  expect(watcher.socket.ofType("presence")).toEqual([]);
});
