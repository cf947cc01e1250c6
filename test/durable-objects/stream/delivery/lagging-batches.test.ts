// Messages that were gathered for one text: when they leave, for whom, and that one who is gone keeps no other from his.
import { afterEach, describe, expect, test, vi } from "vitest";
import { Relayed } from "../../../../durable-objects/stream/delivery/relayed.ts";
import { TotalWaiting } from "../../../../durable-objects/stream/delivery/total-waiting.ts";
import { BATCH_DELAY_MS, Hall, LATER_MS } from "../../../support/hall.ts";
import { memberOf } from "../../../support/members.ts";

afterEach(() => vi.restoreAllMocks());

function note(seq: number): Relayed {
  const stamps = { streamId: "s", userId: "u", senderKind: "user", seq, receivedAt: 1 } as const;
  const relayed = Relayed.of("note", "live", '{"type":"note"}', stamps);
  if (relayed === undefined) throw new Error("the header is too long");
  return relayed;
}

/** Two members that take batches, for each of which a message was gathered. */
function start() {
  const [one, other] = [memberOf(), memberOf()];
  for (const member of [one, other]) {
    member.register({ clientType: undefined, produces: [], consumes: ["*"], window: undefined, batch: true });
  }
  const hall = new Hall(one, other);
  const gather = (member: typeof one, seq: number) => {
    const outcome = member.outbox.offer(note(seq), new TotalWaiting(hall.roster), hall.nowMs);
    if (outcome === "gathered") hall.lagging.noteGathered(member);
  };
  for (const member of [one, other]) gather(member, 1);
  return { hall, one, other, gather };
}

describe("what was gathered", () => {
  test("leaves for all members with one timer, which is set anew by no further message", () => {
    const { hall, one, other, gather } = start();
    gather(one, 2);
    expect(hall.timers.due).toEqual([BATCH_DELAY_MS]);
    hall.ring();
    expect([one, other].map(({ socket }) => socket.texts.map((text) => text.split("\n").length))).toEqual([[2], [1]]);
  });

  test("after that leaves with the next timer", () => {
    const { hall, one, gather } = start();
    hall.ring();
    gather(one, 2);
    expect(hall.timers.due.filter((ms) => ms === BATCH_DELAY_MS)).toHaveLength(1);
    hall.ring();
    expect(one.socket.texts).toHaveLength(2);
  });

  test("is looked at later, since it may not be read", () => {
    const { hall } = start();
    hall.ring();
    expect(hall.timers.due).toEqual([LATER_MS]);
  });

  test("is not sent to one that left meanwhile, and is to the others", () => {
    const { hall, one, other } = start();
    hall.roster.forget(one.socket);
    hall.ring();
    expect([one.socket.sent.length, other.socket.sent.length]).toEqual([0, 1]);
  });

  test("is not tried for one that is closing, which stays a member until it is gone", () => {
    const { hall, one, other } = start();
    one.socket.close(1000, "");
    hall.ring();
    expect([hall.roster.has(one), other.socket.sent.length]).toEqual([true, 1]);
  });

  test("tells of a connection that broke, and its member is gone", () => {
    const { hall, one, other } = start();
    one.socket.broken = true;
    hall.ring();
    expect([hall.roster.members, other.socket.sent.length]).toEqual([[other], 1]);
  });
});

test("A bug in sending what was gathered is logged by its kind alone", () => {
  const log = vi.spyOn(console, "error").mockImplementation(() => undefined);
  const { hall, one } = start();
  vi.spyOn(one.outbox, "flushBatch").mockImplementation(() => {
    throw new TypeError("secret");
  });
  expect(() => hall.ring()).not.toThrow();
  expect(log.mock.calls).toEqual([['{"event":"internal-error","where":"batches","name":"TypeError"}']]);
});

// As with a look: otherwise whoever stands behind it in the list would wait until another message is gathered for him.
test("A bug in sending what was gathered for one keeps no other from his", () => {
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  const { hall, one, other } = start();
  vi.spyOn(one.outbox, "flushBatch").mockImplementation(() => {
    throw new TypeError("secret");
  });
  hall.ring();
  expect(other.socket.sent).toHaveLength(1);
});
