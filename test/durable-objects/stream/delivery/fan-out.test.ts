// Sending within bounds: what each lane does to a consumer that is behind, and that the others do not notice.
import { expect, test } from "vitest";
import { Counters } from "../../../../durable-objects/stream/delivery/counters.ts";
import { FanOut } from "../../../../durable-objects/stream/delivery/fan-out.ts";
import { Relayed } from "../../../../durable-objects/stream/delivery/relayed.ts";
import type { Member, MemberSocket } from "../../../../durable-objects/stream/members/member.ts";
import { Roster } from "../../../../durable-objects/stream/members/roster.ts";
import type { Code } from "../../../../protocol/codes.ts";
import type { Lane } from "../../../../protocol/lanes.ts";
import { memberOf } from "../../../support/members.ts";

const CONSUMER_BYTES = 10_000;
const OBJECT_BYTES = 100_000;
const NOW_MS = 1000;

function start(...members: Member[]) {
  const roster = new Roster();
  for (const member of members) roster.add(member);
  const expelled: [Member, Code][] = [];
  const over = new Set<Member>();
  const expel = (member: Member, code: Code): void => {
    roster.remove(member);
    expelled.push([member, code]);
  };
  const leaving = {
    isOver: (member: Member, nowMs: number) => nowMs === NOW_MS && over.has(member),
    expel,
    expire: (member: Member) => expel(member, "TOKEN_EXPIRED"),
    gone: (socket: MemberSocket) => roster.forget(socket),
  };
  const counters = new Counters(NOW_MS);
  const noted: (Member | "sent")[] = [];
  const lagging = {
    noteSent: () => void noted.push("sent"),
    noteGathered: (member: Member) => void noted.push(member),
    noteWaiting: (member: Member) => void noted.push(member),
  };
  const fanOut = new FanOut({ roster, leaving, lagging, counters, now: () => NOW_MS });
  return { roster, expelled, over, fanOut, counters, noted };
}

function consumer(waiting = 0) {
  const member = memberOf({ consumes: ["*"] });
  member.socket.bufferedAmount = waiting;
  return member;
}

/** A message of exactly so many bytes on its lane. */
function message(lane: Lane, bytes = 1000): Relayed {
  const stamps = { streamId: "s", userId: "u", senderKind: "user", seq: 1, receivedAt: 1 } as const;
  const build = (pad: number) => Relayed.of("note", lane, `{"type":"note","pad":"${"x".repeat(pad)}"}`, stamps);
  const relayed = build(bytes - (build(0)?.bytes ?? 0));
  if (relayed?.bytes !== bytes) throw new Error("the size was missed");
  return relayed;
}

test("Everyone who consumes the type gets the message", () => {
  const [first, second] = [consumer(), consumer()];
  start(first, second).fanOut.relay(message("live"), undefined, NOW_MS);
  expect([first.socket.sent.length, second.socket.sent.length]).toEqual([1, 1]);
});

test("Who does not consume the type gets nothing", () => {
  const other = memberOf({ consumes: ["alert"] });
  start(other).fanOut.relay(message("live"), undefined, NOW_MS);
  expect(other.socket.sent).toEqual([]);
});

test.each([
  ["latest", 0],
  ["live", 0],
  ["durable", 1],
] as const)("Of its own %s messages a sender gets %i", (lane, count) => {
  const sender = consumer();
  start(sender).fanOut.relay(message(lane), sender, NOW_MS);
  expect(sender.socket.sent).toHaveLength(count);
});

test.each(["latest", "live", "durable"] as const)(
  "Where nothing waits a %s message larger than the buffer is sent",
  (lane) => {
    const member = consumer();
    start(member).fanOut.relay(message(lane, 3 * CONSUMER_BYTES), undefined, NOW_MS);
    expect(member.socket.sent).toHaveLength(1);
  },
);

test.each([
  ["latest", CONSUMER_BYTES / 2],
  ["live", CONSUMER_BYTES],
  ["durable", CONSUMER_BYTES],
] as const)("A %s message may fill what waits up to %i bytes", (lane, bound) => {
  const [fits, tooMuch] = [consumer(bound - 1000), consumer(bound - 999)];
  start(fits, tooMuch).fanOut.relay(message(lane), undefined, NOW_MS);
  expect([fits.socket.sent.length, tooMuch.socket.sent.length]).toEqual([1, 0]);
});

test("A latest message waits for a consumer that is behind and is sent to all others", () => {
  const [behind, before, after] = [consumer(CONSUMER_BYTES), consumer(), consumer()];
  const { fanOut, expelled } = start(before, behind, after);
  fanOut.relay(message("latest"), undefined, NOW_MS);
  expect([before, behind, after].map(({ socket }) => socket.sent.length)).toEqual([1, 0, 1]);
  expect(expelled).toEqual([]);
});

test("What gave way is told with the next one that is sent, and then no more", () => {
  const member = consumer(CONSUMER_BYTES);
  const { fanOut } = start(member);
  for (let count = 0; count < 3; count += 1) fanOut.relay(message("latest"), undefined, NOW_MS);
  member.socket.bufferedAmount = 0;
  for (let count = 0; count < 2; count += 1) fanOut.relay(message("latest"), undefined, NOW_MS);
  expect(member.socket.messages.map(({ dropped }) => dropped)).toEqual([3, 0]);
});

test.each(["live", "durable"] as const)(
  "A consumer that is behind on a %s message is expelled, nobody else",
  (lane) => {
    const [behind, other] = [consumer(CONSUMER_BYTES), consumer()];
    const { fanOut, expelled } = start(behind, other);
    fanOut.relay(message(lane), undefined, NOW_MS);
    expect(expelled).toEqual([[behind, "SLOW_CONSUMER"]]);
    expect(other.socket.sent).toHaveLength(1);
  },
);

test("The sum over all sockets is bounded", () => {
  const [hoarder, behind] = [consumer(OBJECT_BYTES - 1500), consumer(600)];
  const { fanOut } = start(hoarder, behind);
  fanOut.relay(message("latest"), hoarder, NOW_MS);
  expect(behind.socket.sent).toEqual([]);
});

test("A message that just fits into the sum is sent", () => {
  const [hoarder, behind] = [consumer(OBJECT_BYTES - 1500), consumer(500)];
  const { fanOut } = start(hoarder, behind);
  fanOut.relay(message("latest"), hoarder, NOW_MS);
  expect(behind.socket.sent).toHaveLength(1);
});

test("Where the sum is full a consumer that is behind on a live message is expelled", () => {
  const [hoarder, behind] = [consumer(OBJECT_BYTES), consumer(400)];
  const { fanOut, expelled } = start(hoarder, behind);
  fanOut.relay(message("live"), hoarder, NOW_MS);
  expect(expelled).toEqual([[behind, "SLOW_CONSUMER"]]);
});

test("What earlier consumers of the same message were sent counts towards the sum", () => {
  const hoarder = consumer(OBJECT_BYTES - 2500);
  const behind = [consumer(400), consumer(400), consumer(400)];
  const { fanOut } = start(hoarder, ...behind);
  for (const { socket } of behind) socket.stalled = true;
  fanOut.relay(message("latest"), hoarder, NOW_MS);
  expect(behind.map(({ socket }) => socket.sent.length)).toEqual([1, 0, 0]);
});

test("What a consumer was sent that had nothing waiting counts for the later ones of the same message", () => {
  const [hoarder, first, quick, last] = [consumer(OBJECT_BYTES - 2500), consumer(1), consumer(), consumer(1)];
  const { fanOut } = start(hoarder, first, quick, last);
  for (const { socket } of [first, quick, last]) socket.stalled = true;
  fanOut.relay(message("latest"), hoarder, NOW_MS);
  expect([first, quick, last].map(({ socket }) => socket.sent.length)).toEqual([1, 1, 0]);
});

test("A live message expels only those for whom the sum has no room any more", () => {
  const hoarder = consumer(OBJECT_BYTES - 2500);
  const behind = [consumer(400), consumer(400), consumer(400)];
  const { fanOut, expelled } = start(hoarder, ...behind);
  for (const { socket } of behind) socket.stalled = true;
  fanOut.relay(message("live"), hoarder, NOW_MS);
  expect(expelled.map(([member]) => behind.findIndex((one) => one === member))).toEqual([1, 2]);
});

test("A socket that was closed and is not gone counts towards the sum", () => {
  const [departing, behind] = [consumer(OBJECT_BYTES), consumer(1)];
  const { roster, fanOut } = start(departing, behind);
  roster.remove(departing);
  fanOut.relay(message("latest"), undefined, NOW_MS);
  expect(behind.socket.sent).toEqual([]);
});

test("A socket that is gone does not count towards the sum", () => {
  const [departing, behind] = [consumer(OBJECT_BYTES), consumer(1)];
  const { roster, fanOut } = start(departing, behind);
  roster.remove(departing);
  roster.forget(departing.socket);
  fanOut.relay(message("latest"), undefined, NOW_MS);
  expect(behind.socket.sent).toHaveLength(1);
});

test.each(["latest", "live", "durable"] as const)(
  "A consumer with nothing waiting still gets %s messages when the sum is full",
  (lane) => {
    const [hoarder, quick] = [consumer(2 * OBJECT_BYTES), consumer()];
    start(hoarder, quick).fanOut.relay(message(lane), hoarder, NOW_MS);
    expect(quick.socket.sent).toHaveLength(1);
  },
);

test("A consumer whose session is over is expelled instead of served", () => {
  const [over, other] = [consumer(), consumer()];
  const hall = start(over, other);
  hall.over.add(over);
  hall.fanOut.relay(message("live"), undefined, NOW_MS);
  expect(hall.expelled).toEqual([[over, "TOKEN_EXPIRED"]]);
  expect([over.socket.sent.length, other.socket.sent.length]).toEqual([0, 1]);
});

test("A notice goes to every member that registered, and to no other", () => {
  const [all, nothing, unregistered] = [consumer(), memberOf({}), memberOf()];
  start(all, nothing, unregistered).fanOut.tellAll("{}", NOW_MS);
  expect([all, nothing, unregistered].map(({ socket }) => socket.sent.length)).toEqual([1, 1, 0]);
});

test("A notice expels who is not entitled to it any more, and the others get it", () => {
  const [before, over, after] = [consumer(), consumer(), consumer()];
  const hall = start(before, over, after);
  hall.over.add(over);
  hall.fanOut.tellAll("{}", NOW_MS);
  expect(hall.expelled).toEqual([[over, "TOKEN_EXPIRED"]]);
  expect([before, over, after].map(({ socket }) => socket.sent.length)).toEqual([1, 0, 1]);
});

test("A socket that is closing gets nothing and makes no trouble", () => {
  const closing = consumer();
  closing.socket.close(1000, "");
  const { fanOut, expelled } = start(closing);
  fanOut.relay(message("durable"), undefined, NOW_MS);
  fanOut.tell(closing, "{}");
  expect([closing.socket.sent, expelled]).toEqual([[], []]);
});

test("An answer is sent as it is", () => {
  const member = consumer();
  start(member).fanOut.tell(member, '{"type":"pong"}');
  expect(member.socket.sent).toEqual(['{"type":"pong"}']);
});

test("An answer to a member that is none any more is not sent", () => {
  const member = consumer();
  const { roster, fanOut } = start(member);
  roster.remove(member);
  fanOut.tell(member, "{}");
  expect(member.socket.sent).toEqual([]);
});

test.each([
  [CONSUMER_BYTES - 6, []],
  [CONSUMER_BYTES - 5, ["SLOW_CONSUMER"]],
])("An answer of six bytes passes the same bound: with %i bytes waiting %j follows", (waiting, codes) => {
  const member = consumer(waiting);
  const { fanOut, expelled } = start(member);
  fanOut.tell(member, '"äö"');
  expect(expelled.map(([, code]) => code)).toEqual(codes);
  expect(member.socket.sent).toHaveLength(1 - codes.length);
});

test("A frame for one member goes to nobody else", () => {
  const [one, other] = [consumer(), consumer()];
  start(one, other).fanOut.relayTo(one, message("latest"));
  expect([one.socket.messages, other.socket.messages]).toMatchObject([[{ dropped: 0 }], []]);
});

test.each([
  ["what waits is half its buffer", CONSUMER_BYTES / 2, 0],
  ["the sum is full", 1, OBJECT_BYTES],
])("A frame for one member waits, and nobody is expelled, where %s", (_where, waiting, elsewhere) => {
  const [member, hoarder] = [consumer(waiting), consumer(elsewhere)];
  const { fanOut, expelled, noted } = start(member, hoarder);
  fanOut.relayTo(member, message("latest"));
  expect([member.socket.sent, expelled, noted]).toEqual([[], [], [member]]);
});

test("A frame for one member says what it missed before, and the next one does not say it again", () => {
  const member = consumer(CONSUMER_BYTES);
  const { fanOut } = start(member);
  fanOut.relay(message("latest"), undefined, NOW_MS);
  member.socket.bufferedAmount = 0;
  fanOut.relayTo(member, message("latest"));
  fanOut.relay(message("latest"), undefined, NOW_MS);
  expect(member.socket.messages.map(({ dropped }) => dropped)).toEqual([1, 0]);
});

test.each(["removed", "closing"] as const)("A frame for a member that is %s is not sent", (how) => {
  const member = consumer();
  const { roster, fanOut } = start(member);
  if (how === "removed") roster.remove(member);
  else member.socket.close(1000, "");
  fanOut.relayTo(member, message("latest"));
  expect(member.socket.sent).toEqual([]);
});

test("A member whose socket throws on its frame, or on an answer, is a member no more", () => {
  const members = [consumer(), consumer()] as const;
  const { roster, fanOut } = start(...members);
  for (const { socket } of members) socket.broken = true;
  fanOut.relayTo(members[0], message("latest"));
  fanOut.tell(members[1], "{}");
  expect(roster.size).toBe(0);
});

test("What was sent is counted for each who got it, and not what waits", () => {
  const members = [consumer(), consumer(), consumer(CONSUMER_BYTES)];
  const { fanOut, counters } = start(...members);
  expect(fanOut.relay(message("latest"), undefined, NOW_MS)).toBe(2);
  fanOut.tell(consumer(), "{}");
  expect(counters.counts).toMatchObject({ messagesOut: 2, framesDropped: 0 });
});

test("Who is behind is looked at again soon, and who was sent something later", () => {
  const [behind, quick, other] = [consumer(CONSUMER_BYTES), consumer(), consumer()];
  const { fanOut, noted } = start(behind, quick, other);
  fanOut.relay(message("latest"), undefined, NOW_MS);
  // Once for all who got it.
  expect(noted).toEqual([behind, "sent"]);
});

test.each([
  ["an answer", (fanOut: FanOut, member: Member) => fanOut.tell(member, "{}")],
  ["a frame of its own", (fanOut: FanOut, member: Member) => fanOut.relayTo(member, message("latest"))],
])("Who was sent %s is looked at later, and who could not be sent it is not", (_what, send) => {
  const [member, broken] = [consumer(), consumer()];
  broken.socket.broken = true;
  const { fanOut, noted } = start(member, broken);
  for (const one of [broken, member]) send(fanOut, one);
  expect(noted).toEqual(["sent"]);
});

test("Nobody is looked at again where nobody was sent anything", () => {
  const { fanOut, noted } = start(memberOf({ consumes: ["alert"] }));
  fanOut.relay(message("latest"), undefined, NOW_MS);
  expect(noted).toEqual([]);
});
