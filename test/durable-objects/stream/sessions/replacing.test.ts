// A camera that comes back replaces its own former connection, which nobody closed, and nobody else's.
import { expect, test } from "vitest";
import type { Principal } from "../../../../auth/principal.ts";
import { FakeStream, type JoinOptions } from "../../../support/fake-stream.ts";
import { service } from "../../../support/members.ts";

const session = (sessionId: string): Principal => ({ kind: "user", userId: "anna", sessionId });

/** A first connection, then a second; the codes that the first is told, and how it is closed. */
function comeBack(
  first: { principal: Principal; produces: readonly string[] },
  second: { principal: Principal; produces: readonly string[] },
): readonly unknown[] {
  const fake = new FakeStream();
  fake.owner({ produces: ["note"] });
  const { socket } = fake.member("anna", { produces: first.produces }, { principal: first.principal });
  fake.member("anna", { produces: second.produces }, { principal: second.principal });
  return [socket.errorCodes, socket.closedWith?.code];
}

const STAYS = [[], undefined];
const GOES = [["REPLACED"], 4409];

test.each<readonly [string, readonly string[], readonly string[], readonly unknown[]]>([
  ["the same type", ["video-frame"], ["video-frame"], GOES],
  ["one type of several", ["video-frame", "alert"], ["audio-frame", "video-frame"], GOES],
  ["any type", ["video-frame"], ["*"], GOES],
  ["any type before", ["*"], ["audio-frame"], GOES],
  ["another type", ["video-frame"], ["audio-frame"], STAYS],
  ["a type that is not of the lane latest", ["alert"], ["alert"], STAYS],
  ["nothing", ["video-frame"], [], STAYS],
])("Who registers for %s: %3$j", (_what, first, second, outcome) => {
  const principal = session("s-1");
  expect(comeBack({ principal, produces: first }, { principal, produces: second })).toEqual(outcome);
});

test("Another session of the same user replaces nobody", () => {
  const produces = ["video-frame"];
  expect(comeBack({ principal: session("s-1"), produces }, { principal: session("s-2"), produces })).toEqual(STAYS);
});

test.each<[string, JoinOptions, JoinOptions]>([
  ["comes later", {}, { isOneOfSeveral: true }],
  ["was there first", { isOneOfSeveral: true }, {}],
])("One that stands beside others of its session and %s replaces nobody, and is not replaced", (_which, one, two) => {
  const fake = new FakeStream();
  const { socket } = fake.member("anna", { produces: ["*"] }, one);
  const { socket: later } = fake.member("anna", { produces: ["*"] }, two);
  expect([socket.errorCodes, socket.closedWith?.code]).toEqual(STAYS);
  expect([later.errorCodes, later.closedWith?.code]).toEqual(STAYS);
});

test("One that stands beside others of its session does so after a sleep", () => {
  const fake = new FakeStream();
  const { socket } = fake.member("anna", { produces: ["*"] }, { isOneOfSeveral: true });
  fake.sleepAndWake();
  fake.member("anna", { produces: ["*"] });
  expect([socket.errorCodes, socket.closedWith?.code]).toEqual(STAYS);
});

test("A service replaces nobody, itself included", () => {
  const produces = ["video-frame"];
  const principal = service("robot", { operations: ["write"], streams: ["*"] });
  expect(comeBack({ principal, produces }, { principal, produces })).toEqual(STAYS);
});

test("A camera that comes back has not left in between: nobody is told of a pause", () => {
  const fake = new FakeStream();
  const camera = fake.owner();
  const viewer = fake.member(
    "bob",
    { consumes: ["video-frame"] },
    { principal: { kind: "user", userId: "anna", sessionId: "another" } },
  );
  camera.sendFrame({ type: "video-frame" });
  fake.member("anna", { produces: ["*"] }).sendFrame({ type: "video-frame" });
  expect([camera.socket.errorCodes, viewer.socket.ofType("status")]).toEqual([["REPLACED"], []]);
});

// A token without a session has its user's id for one.
test("Another user whose session has the same name replaces nobody", () => {
  const fake = new FakeStream();
  fake.owner({ produces: ["note"] });
  fake.allow({ writers: { bob: ["*"] } });
  const { socket } = fake.member("anna", { produces: ["video-frame"] }, { principal: session("s") });
  const principal = { kind: "user", userId: "bob", sessionId: "s" } as const;
  const { socket: bobs } = fake.member("bob", { produces: ["video-frame"] }, { principal });
  expect([socket.errorCodes, bobs.errorCodes]).toEqual([[], []]);
});
