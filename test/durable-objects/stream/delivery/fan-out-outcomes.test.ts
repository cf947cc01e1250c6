// What a message comes to for each of several: counted, looked at again, or nobody's any more while the others are told.
import { expect, test } from "vitest";
import { Counters } from "../../../../durable-objects/stream/delivery/counters.ts";
import { FanOut } from "../../../../durable-objects/stream/delivery/fan-out.ts";
import { Relayed } from "../../../../durable-objects/stream/delivery/relayed.ts";
import type { Member, MemberSocket } from "../../../../durable-objects/stream/members/member.ts";
import { Roster } from "../../../../durable-objects/stream/members/roster.ts";
import { memberOf } from "../../../support/members.ts";

function start(...members: Member[]) {
  const roster = new Roster();
  for (const member of members) roster.add(member);
  const gone: MemberSocket[] = [];
  const leaving = {
    isOver: () => false,
    expel: (member: Member) => roster.remove(member),
    expire: (member: Member) => roster.remove(member),
    gone: (socket: MemberSocket) => void gone.push(socket),
  };
  const noted: (Member | "sent")[] = [];
  const lagging = {
    noteSent: () => void noted.push("sent"),
    noteGathered: (member: Member) => void noted.push(member),
    noteWaiting: (member: Member) => void noted.push(member),
  };
  const counters = new Counters(0);
  const fanOut = new FanOut({ roster, leaving, lagging, counters, now: () => 0 });
  return { roster, gone, noted, counters, fanOut };
}

const consumer = () => memberOf({ consumes: ["*"] });

function note(): Relayed {
  const stamps = { streamId: "s", userId: "u", senderKind: "user", seq: 1, receivedAt: 1 } as const;
  const relayed = Relayed.of("note", "live", '{"type":"note"}', stamps);
  if (relayed === undefined) throw new Error("the header is too long");
  return relayed;
}

test("Who is told to go while the ones before are told is neither sent the message nor taken for lost", () => {
  const [first, second, third] = [consumer(), consumer(), consumer()];
  const { roster, gone, counters, fanOut } = start(first, second, third);
  first.socket.onSend = () => {
    roster.remove(second);
    second.socket.close(1000, "");
  };
  expect(fanOut.relay(note(), undefined, 0)).toBe(2);
  expect([second.socket.sent, gone, third.socket.sent.length]).toEqual([[], [], 1]);
  expect(counters.counts.messagesOut).toBe(2);
});

test("What was gathered for one text counts as sent, and is looked at when its time comes", () => {
  const [batched, plain] = [memberOf(), consumer()];
  batched.register({ clientType: undefined, produces: [], consumes: ["*"], window: undefined, batch: true });
  const { noted, counters, fanOut } = start(batched, plain);
  expect(fanOut.relay(note(), undefined, 0)).toBe(2);
  expect([counters.counts.messagesOut, noted]).toEqual([2, [batched, "sent"]]);
});

test("A frame or an answer for one that is closing is not tried, so it stays a member until it is gone", () => {
  const closing = consumer();
  const { roster, gone, fanOut } = start(closing);
  closing.socket.close(1000, "");
  fanOut.relayTo(closing, note());
  fanOut.tell(closing, "{}");
  expect([roster.has(closing), gone]).toEqual([true, []]);
});
