// How a member leaves: told once, closed, forgotten at once, and the others hear of it once.
import { describe, expect, test } from "vitest";
import { closeSaying, Leaving } from "../../../../durable-objects/stream/members/leaving.ts";
import type { Member } from "../../../../durable-objects/stream/members/member.ts";
import { Roster } from "../../../../durable-objects/stream/members/roster.ts";
import { FakeSocket } from "../../../support/fake-socket.ts";
import { memberOf } from "../../../support/members.ts";

/** A member whose session ends at 5000, and those of whom the others were told. */
function present(authGraceMs = 0) {
  const roster = new Roster();
  const left: Member[] = [];
  const leaving = new Leaving({ roster, now: () => 0, authGraceMs, left: (member) => left.push(member) });
  const member = memberOf();
  roster.add(member);
  return { roster, left, leaving, member };
}

describe("a member that is expelled", () => {
  test("is told why, closed and forgotten, and the others hear of it", () => {
    const { roster, left, leaving, member } = present();
    leaving.expel(member, "TOKEN_EXPIRED");
    expect([member.socket.errorCodes, member.socket.closedWith]).toEqual([
      ["TOKEN_EXPIRED"],
      { code: 4401, reason: "TOKEN_EXPIRED" },
    ]);
    expect([roster.has(member), left]).toEqual([false, [member]]);
  });

  test("is no longer one when the others hear of it", () => {
    const roster = new Roster();
    const seen: boolean[] = [];
    const leaving = new Leaving({
      roster,
      now: () => 0,
      authGraceMs: 0,
      left: (member) => seen.push(roster.has(member)),
    });
    for (const end of [
      (member: Member) => leaving.expel(member, "INTERNAL"),
      (member: Member) => leaving.close(member, 4400, "too many errors"),
      (member: Member) => leaving.gone(member.socket),
    ]) {
      const member = memberOf();
      roster.add(member);
      end(member);
    }
    expect(seen).toEqual([false, false, false]);
  });

  test("twice is told once and gone once", () => {
    const { left, leaving, member } = present();
    leaving.expel(member, "SLOW_CONSUMER");
    leaving.expel(member, "INTERNAL");
    leaving.gone(member.socket);
    expect([member.socket.errorCodes, left.length]).toEqual([["SLOW_CONSUMER"], 1]);
  });
});

test("A member that was told already is closed without another word", () => {
  const { roster, left, leaving, member } = present();
  leaving.close(member, 4429, "too many errors");
  expect([member.socket.sent, member.socket.closedWith]).toEqual([[], { code: 4429, reason: "too many errors" }]);
  expect([roster.has(member), left]).toEqual([false, [member]]);
});

describe("a socket that is gone", () => {
  test("takes its member along, once, and is told nothing", () => {
    const { roster, left, leaving, member } = present();
    leaving.gone(member.socket);
    leaving.gone(member.socket);
    expect([roster.has(member), left, member.socket.sent]).toEqual([false, [member], []]);
  });

  test("without a member is nobody's leaving", () => {
    const { left, leaving } = present();
    leaving.gone(new FakeSocket());
    expect(left).toEqual([]);
  });
});

describe("the end of a session", () => {
  test.each([
    [0, 4999, false],
    [0, 5000, true],
    [2000, 6999, false],
    [2000, 7000, true],
  ])("with a grace of %i ms is at %i: %s", (graceMs, nowMs, isOver) => {
    const { leaving, member } = present(graceMs);
    expect([leaving.isOver(member, nowMs), leaving.endOf(member)]).toEqual([isOver, 5000 + graceMs]);
  });
});

test("Nothing is said to a socket that is closing, and one that broke is closed all the same", () => {
  const [closing, broken] = [new FakeSocket(), new FakeSocket()];
  closing.close(1000, "");
  broken.broken = true;
  for (const socket of [closing, broken]) closeSaying(socket, "NOT_FOUND");
  expect([closing.closedWith, broken.closedWith]).toEqual([
    { code: 1000, reason: "" },
    { code: 1008, reason: "NOT_FOUND" },
  ]);
});
