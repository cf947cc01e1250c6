// The members of a stream: who is one, who consumes what, and how much waits for all of them.
import { expect, test } from "vitest";
import { Roster } from "../../../../durable-objects/stream/members/roster.ts";
import { memberOf } from "../../../support/members.ts";

function rosterOf(...members: ReturnType<typeof memberOf>[]): Roster {
  const roster = new Roster();
  for (const member of members) roster.add(member);
  return roster;
}

test("A member that was added is found by its socket", () => {
  const member = memberOf();
  const roster = rosterOf(member);
  expect(roster.find(member.socket)).toBe(member);
  expect(roster.has(member)).toBe(true);
  expect(roster.size).toBe(1);
});

test("A member that was removed is none any more", () => {
  const member = memberOf();
  const roster = rosterOf(member);
  roster.remove(member);
  expect(roster.find(member.socket)).toBeUndefined();
  expect(roster.has(member)).toBe(false);
  expect(roster.size).toBe(0);
});

test("A socket that is gone takes its member along", () => {
  const member = memberOf();
  const roster = rosterOf(member);
  roster.forget(member.socket);
  expect(roster.has(member)).toBe(false);
});

test("An object of the same socket that was never added is not a member", () => {
  const member = memberOf();
  expect(rosterOf(member).has(memberOf(undefined, member.socket))).toBe(false);
});

test("The list of members is not changed by a removal while somebody walks it", () => {
  const [first, second] = [memberOf(), memberOf()];
  const roster = rosterOf(first, second);
  const { members } = roster;
  roster.remove(second);
  expect(members).toEqual([first, second]);
});

test("Only those who consume a type are listed for it", () => {
  const [alerts, all, nothing] = [memberOf({ consumes: ["alert"] }), memberOf({ consumes: ["*"] }), memberOf()];
  const roster = rosterOf(alerts, all, nothing);
  expect(roster.consumersOf("alert")).toEqual([alerts, all]);
  expect(roster.consumersOf("video-frame")).toEqual([all]);
});

test("After a thousand invented types the lists of consumers are still right", () => {
  const [alerts, all] = [memberOf({ consumes: ["alert"] }), memberOf({ consumes: ["*"] })];
  const roster = rosterOf(alerts, all);
  roster.consumersOf("alert");
  const lists = Array.from({ length: 1000 }, (_, index) => roster.consumersOf(`invented-${index}`));
  expect(lists).toEqual(lists.map(() => [all]));
  expect(roster.consumersOf("alert")).toEqual([alerts, all]);
});

test("A list of consumers that was forgotten follows a member that comes", () => {
  const roster = rosterOf(memberOf({ consumes: ["alert"] }));
  for (const type of ["alert", ...Array.from({ length: 300 }, (_, index) => `invented-${index}`)]) {
    roster.consumersOf(type);
  }
  const late = memberOf({ consumes: ["alert"] });
  roster.add(late);
  expect(roster.consumersOf("alert")).toContain(late);
});

test("The list of consumers follows a member that comes", () => {
  const roster = rosterOf(memberOf({ consumes: ["alert"] }));
  roster.consumersOf("alert");
  const late = memberOf({ consumes: ["alert"] });
  roster.add(late);
  expect(roster.consumersOf("alert")).toContain(late);
});

test.each(["remove", "forget"] as const)("The list of consumers follows a member that goes by %s", (way) => {
  const member = memberOf({ consumes: ["alert"] });
  const roster = rosterOf(member);
  roster.consumersOf("alert");
  if (way === "remove") roster.remove(member);
  else roster.forget(member.socket);
  expect(roster.consumersOf("alert")).toEqual([]);
});

test("The list of consumers follows a member that registers", () => {
  const member = memberOf();
  const roster = rosterOf(member);
  roster.consumersOf("alert");
  member.register({ clientType: undefined, window: undefined, batch: false, produces: [], consumes: ["alert"] });
  roster.registrationChanged(member);
  expect(roster.consumersOf("alert")).toEqual([member]);
});

test("What waits for all members is added up", () => {
  const [first, second] = [memberOf(), memberOf()];
  first.socket.bufferedAmount = 30;
  second.socket.bufferedAmount = 12;
  expect(rosterOf(first, second).waitingBytes).toBe(42);
});

test("A socket that was closed and is not gone still counts", () => {
  const member = memberOf();
  member.socket.bufferedAmount = 30;
  const roster = rosterOf(member);
  roster.remove(member);
  expect(roster.waitingBytes).toBe(30);
});

test("A socket that was closed before the object slept counts until it is gone", () => {
  const { socket } = memberOf();
  socket.bufferedAmount = 30;
  const roster = new Roster();
  roster.addDeparting(socket);
  expect(roster.waitingBytes).toBe(30);
  roster.forget(socket);
  expect(roster.waitingBytes).toBe(0);
});

test("A socket that was closed before the object slept is no member", () => {
  const { socket } = memberOf();
  const roster = new Roster();
  roster.addDeparting(socket);
  expect([roster.size, roster.find(socket)]).toEqual([0, undefined]);
});

test("A socket that is gone does not count", () => {
  const member = memberOf();
  member.socket.bufferedAmount = 30;
  const roster = rosterOf(member);
  roster.remove(member);
  roster.forget(member.socket);
  expect(roster.waitingBytes).toBe(0);
});

test("Only those who named presence watch, and not those who consume everything", () => {
  const [watcher, all, none] = [
    memberOf({ consumes: ["presence", "alert"] }),
    memberOf({ consumes: ["*"] }),
    memberOf(),
  ];
  expect(rosterOf(all, watcher, none).watchers).toEqual([watcher]);
});

test.each(["remove", "forget"] as const)("A watcher that goes by %s watches no more", (way) => {
  const [watcher, other] = [memberOf({ consumes: ["presence"] }), memberOf({ consumes: ["presence"] })];
  const roster = rosterOf(watcher, other);
  if (way === "remove") roster.remove(watcher);
  else roster.forget(watcher.socket);
  expect(roster.watchers).toEqual([other]);
});

test("Who watches follows what a member registers, and whether it is one", () => {
  const member = memberOf();
  const roster = rosterOf(member);
  const watchingAfter = (consumes: readonly string[]): number => {
    member.register({ clientType: undefined, window: undefined, batch: false, produces: [], consumes });
    roster.registrationChanged(member);
    return roster.watchers.length;
  };
  expect([watchingAfter(["presence"]), watchingAfter(["alert"]), watchingAfter(["presence"])]).toEqual([1, 0, 1]);
  roster.remove(member);
  expect(watchingAfter(["presence"])).toBe(0);
});

test("The list of watchers is not changed by one that goes while somebody walks it", () => {
  const [first, second] = [memberOf({ consumes: ["presence"] }), memberOf({ consumes: ["presence"] })];
  const roster = rosterOf(first, second);
  const { watchers } = roster;
  roster.remove(second);
  expect(watchers).toEqual([first, second]);
});

test("Who was told to go takes a place as long as something waits for it, and none once its socket is gone", () => {
  const [slow, quick, member] = [memberOf(), memberOf(), memberOf()];
  slow.socket.bufferedAmount = 30;
  const roster = rosterOf(slow, quick, member);
  for (const one of [slow, quick]) roster.remove(one);
  expect([roster.size, roster.places]).toEqual([1, 2]);
  slow.socket.bufferedAmount = 0;
  expect(roster.places).toBe(1);
  slow.socket.bufferedAmount = 30;
  roster.forget(slow.socket);
  expect(roster.places).toBe(1);
});
