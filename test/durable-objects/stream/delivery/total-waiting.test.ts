// What waits for all members while one message is sent: added up when it is asked for, and then kept up to date.
import { expect, test, vi } from "vitest";
import { TotalWaiting } from "../../../../durable-objects/stream/delivery/total-waiting.ts";
import { Roster } from "../../../../durable-objects/stream/members/roster.ts";
import { memberOf } from "../../../support/members.ts";

function start(waiting: number) {
  const member = memberOf();
  member.socket.bufferedAmount = waiting;
  const roster = new Roster();
  roster.add(member);
  return { member, roster, total: new TotalWaiting(roster) };
}

test("What was sent before anybody asked is in the sum of the sockets already, and counts once", () => {
  const { member, total } = start(100);
  member.socket.bufferedAmount += 30;
  total.add({ bytes: 30 });
  expect(total.bytes).toBe(130);
});

test("What is sent after that is added to it", () => {
  const { total } = start(100);
  const before = total.bytes;
  total.add({ bytes: 30 });
  total.add({ bytes: 7 });
  expect([before, total.bytes]).toEqual([100, 137]);
});

test("All sockets are looked at once for a message, and not at all where nobody asks", () => {
  const { roster, total } = start(100);
  const added = vi.spyOn(roster, "waitingBytes", "get");
  total.add({ bytes: 30 });
  expect(added).not.toHaveBeenCalled();
  for (let count = 0; count < 5; count += 1) expect(total.bytes).toBe(100);
  expect(added).toHaveBeenCalledOnce();
});
