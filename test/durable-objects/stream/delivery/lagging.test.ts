// Looking again at consumers that have not read all: when, at whom, and that no timer runs where nobody is behind.
import { afterEach, describe, expect, test, vi } from "vitest";
import { FakeStream } from "../../../support/fake-stream.ts";
import { type Consumer, consumer, frame, Hall, LATER_MS, SOON_MS } from "../../../support/hall.ts";
import { MEMBER_OPTIONS } from "../../../support/members.ts";

const { consumerBufferBytes, objectBufferBytes, stallMs } = MEMBER_OPTIONS.outbox;

afterEach(() => vi.restoreAllMocks());

const seqsOf = ({ socket }: Consumer) => socket.frames.map(({ header }) => header["seq"]);

describe("the timer", () => {
  test("is not set before anything was sent", () => {
    expect(new Hall(consumer(500)).timers.due).toEqual([]);
  });

  test("looks once, a second after something was sent, and no more where all was read", () => {
    const hall = new Hall(consumer());
    hall.lagging.noteSent();
    hall.lagging.noteSent();
    expect(hall.timers.due).toEqual([LATER_MS]);
    hall.ring();
    expect(hall.timers.due).toEqual([]);
  });

  test("looks each second while somebody is behind", () => {
    const [behind, quick] = [consumer(500), consumer()];
    const hall = new Hall(behind, quick);
    hall.lagging.noteSent();
    for (let round = 0; round < 3; round += 1) {
      hall.ring();
      expect(hall.timers.due).toEqual([LATER_MS]);
    }
    behind.socket.bufferedAmount = 0;
    hall.ring();
    expect(hall.timers.due).toEqual([]);
  });

  test("looks every 40 ms while a frame waits, so that it leaves within 50 ms of room", () => {
    const member = consumer(consumerBufferBytes);
    const hall = new Hall(member);
    hall.lagging.noteSent();
    hall.wait(member);
    hall.lagging.noteSent();
    for (let round = 0; round < 3; round += 1) {
      expect(hall.timers.due).toEqual([SOON_MS]);
      hall.ring();
    }
    member.socket.bufferedAmount = 0;
    hall.ring();
    expect(seqsOf(member)).toEqual([1]);
  });

  test("is not set anew by each frame that waits, since it would never ring at thirty a second", () => {
    const [member, other] = [consumer(consumerBufferBytes), consumer(consumerBufferBytes)];
    const hall = new Hall(member, other);
    hall.wait(member);
    hall.wait(member, frame(2));
    hall.wait(other, frame(2));
    expect([hall.timers.due, hall.timersSet]).toEqual([[SOON_MS], 1]);
  });

  test("looks after the last frame that waited once more at all, and then no more", () => {
    const member = consumer(consumerBufferBytes);
    const hall = new Hall(member, consumer());
    hall.wait(member);
    member.socket.bufferedAmount = 0;
    hall.ring();
    // Whether all were seen in the same look or not.
    expect([[], [LATER_MS]]).toContainEqual(hall.timers.due);
    hall.ring();
    expect(hall.timers.due).toEqual([]);
  });

  test("ends for a frame that waits for credits", () => {
    const member = consumer(0, 1);
    const hall = new Hall(member);
    for (const seq of [1, 2]) hall.wait(member, frame(seq));
    hall.ring();
    hall.ring();
    expect(hall.timers.due).toEqual([]);
    expect([member.outbox.waitingBytes > 0, seqsOf(member)]).toEqual([true, [1]]);
  });
});

describe("a look", () => {
  test("finds who was behind without a frame that waits, beside one that had one", () => {
    const [waits, behind] = [consumer(consumerBufferBytes), consumer(500)];
    const hall = new Hall(waits, behind);
    hall.wait(waits);
    waits.socket.bufferedAmount = 0;
    for (let ms = 0; ms < stallMs + 3 * LATER_MS; ms += LATER_MS) hall.ring();
    expect(hall.expelled).toEqual([[behind, "SLOW_CONSUMER"]]);
  });

  // While a frame waits the timer looks soon, and soon only at those that have one: others are never seen. It should look
  // at all of them once a second as well.
  test("finds who reads nothing also while others have a frame that waits all the time", () => {
    const [waits, stalled] = [consumer(consumerBufferBytes), consumer(500)];
    const hall = new Hall(waits, stalled);
    for (let ms = 0; ms < stallMs + 3 * LATER_MS; ms += SOON_MS) {
      hall.wait(waits, frame(ms));
      waits.socket.bufferedAmount -= 1; // it reads, and is no case for a close
      hall.ring();
    }
    expect(hall.expelled).toEqual([[stalled, "SLOW_CONSUMER"]]);
  });

  test("closes who read nothing for the time, and not before", () => {
    const [stalled, reading] = [consumer(500), consumer(500)];
    const hall = new Hall(stalled, reading);
    hall.lagging.noteSent();
    // It is seen that something waits with the first look.
    for (let ms = 0; ms < stallMs; ms += LATER_MS) {
      hall.ring();
      reading.socket.bufferedAmount -= 1;
    }
    expect(hall.expelled).toEqual([]);
    hall.ring();
    expect(hall.expelled).toEqual([[stalled, "SLOW_CONSUMER"]]);
  });

  test("closes a consumer whose frame waits and that reads nothing", () => {
    const member = consumer(consumerBufferBytes);
    const hall = new Hall(member);
    hall.wait(member);
    for (let ms = 0; ms <= stallMs + SOON_MS; ms += SOON_MS) hall.ring();
    expect(hall.expelled).toEqual([[member, "SLOW_CONSUMER"]]);
    hall.ring();
    hall.ring();
    expect(hall.timers.due).toEqual([]);
  });

  test("sends each of several what waits for it", () => {
    const members = [consumer(consumerBufferBytes), consumer(consumerBufferBytes)];
    const hall = new Hall(...members);
    members.forEach((member, index) => hall.wait(member, frame(index + 1)));
    for (const { socket } of members) socket.bufferedAmount = 0;
    hall.ring();
    expect(members.map(seqsOf)).toEqual([[1], [2]]);
  });

  test("leaves nobody behind who has room when another has not", () => {
    const [first, second] = [consumer(consumerBufferBytes), consumer(consumerBufferBytes)];
    const hall = new Hall(first, second);
    for (const member of [first, second]) hall.wait(member);
    second.socket.bufferedAmount = 0;
    hall.ring();
    expect([seqsOf(first), seqsOf(second), hall.timers.due]).toEqual([[], [1], [SOON_MS]]);
  });

  test.each(["left", "closing"] as const)("forgets a member that is %s", (how) => {
    const member = consumer(consumerBufferBytes);
    const hall = new Hall(member);
    hall.wait(member);
    if (how === "left") hall.roster.forget(member.socket);
    else member.socket.close(1000, "");
    member.socket.bufferedAmount = 0;
    hall.ring();
    hall.ring();
    expect([member.socket.sent, hall.timers.due, hall.expelled]).toEqual([[], [], []]);
  });

  test("takes one whose connection broke for gone", () => {
    const member = consumer(consumerBufferBytes);
    const hall = new Hall(member);
    hall.wait(member);
    member.socket.bufferedAmount = 0;
    member.socket.broken = true;
    hall.ring();
    expect(hall.roster.size).toBe(0);
  });

  // The session is not asked for before the frame is sent, as it is in FanOut: the alarm that ends it may be late.
  test("sends nothing to a member whose session is over, and ends it", () => {
    const member = consumer(consumerBufferBytes);
    const hall = new Hall(member);
    hall.wait(member);
    member.socket.bufferedAmount = 0;
    hall.over.add(member);
    hall.ring();
    expect([member.socket.sent, hall.expelled]).toEqual([[], [[member, "TOKEN_EXPIRED"]]]);
  });

  // The sum is added up once for a look at all, and what the look itself sends is not added.
  test("counts what it sent to one for the next, so that the sum is kept", () => {
    const size = 400;
    const hoarder = consumer(objectBufferBytes);
    const members = [1, 2, 3].map(() => consumer(10));
    const hall = new Hall(hoarder, ...members);
    for (const member of members) {
      member.socket.stalled = true;
      hall.wait(member, frame(1, new Uint8Array(size)));
    }
    hoarder.socket.bufferedAmount = objectBufferBytes - 1.5 * size - 200;
    hall.ring();
    expect(members.map(({ socket }) => socket.sent.length)).toEqual([1, 0, 0]);
  });

  // Each form is a copy of the whole frame, and `forgetForms` was called before the frame waited.
  test("leaves no form of a frame in memory that one consumer got", () => {
    const members = [1, 2, 3].map(() => consumer(consumerBufferBytes));
    const hall = new Hall(...members);
    const newest = frame(9);
    members.forEach((member, index) => {
      for (let missed = 0; missed <= index; missed += 1) hall.wait(member, frame(missed));
      hall.wait(member, newest);
      newest.forgetForms();
    });
    for (const { socket } of members) socket.bufferedAmount = 0;
    hall.ring();
    const kept = members.filter(({ socket }, index) => socket.sent[0] === newest.formFor(index + 1));
    expect([members.map(seqsOf), kept]).toEqual([[[9], [9], [9]], []]);
  });
});

describe("a bug in a look", () => {
  function start() {
    const log = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const [bad, good] = [consumer(consumerBufferBytes), consumer(consumerBufferBytes)];
    const hall = new Hall(bad, good);
    for (const member of [bad, good]) hall.wait(member);
    vi.spyOn(bad.outbox, "look").mockImplementation(() => {
      throw new TypeError("secret");
    });
    return { hall, log, good };
  }

  test("is logged by its kind alone, and leaves the timer to who comes next", () => {
    const { hall, log } = start();
    expect(() => hall.ring()).not.toThrow();
    expect(log.mock.calls[0]?.[0]).toBe('{"event":"internal-error","where":"lagging","name":"TypeError"}');
    hall.lagging.noteSent();
    expect(hall.timers.due).toHaveLength(1);
  });

  // Whoever stands behind it in the list is not looked at, and no timer is set again.
  test("does not keep the others from what waits for them, now or later", () => {
    const { hall, good } = start();
    hall.ring();
    good.socket.bufferedAmount = 0;
    hall.ring();
    expect(seqsOf(good)).toEqual([1]);
  });
});

describe("a member that has room by its own word", () => {
  test("is sent the newest at once, and no timer is needed where it has read all", () => {
    const member = consumer(0, 1);
    const hall = new Hall(member);
    for (const seq of [1, 2, 3]) hall.wait(member, frame(seq));
    hall.ring();
    hall.ring();
    member.outbox.acknowledge(1);
    hall.lagging.look(member);
    expect(member.socket.frames.map(({ header }) => [header["seq"], header["dropped"]])).toEqual([
      [1, 0],
      [3, 1],
    ]);
    expect(hall.timers.due).toEqual([]);
  });

  test("is looked at again soon where its line has none", () => {
    const member = consumer(0, 1);
    const hall = new Hall(member);
    for (const seq of [1, 2]) hall.wait(member, frame(seq));
    hall.ring();
    hall.ring();
    member.socket.bufferedAmount = consumerBufferBytes;
    member.outbox.acknowledge(1);
    hall.lagging.look(member);
    expect([seqsOf(member), hall.timers.due]).toEqual([[1], [SOON_MS]]);
  });

  // What a look of its own sends is not noted, so nobody looks whether it is read; the object stays in memory for it.
  test("is looked at again later, since it may not read what it was sent", () => {
    const member = consumer(0, 1);
    const hall = new Hall(member);
    for (const seq of [1, 2]) hall.wait(member, frame(seq));
    hall.ring();
    hall.ring();
    member.socket.stalled = true;
    member.outbox.acknowledge(1);
    hall.lagging.look(member);
    expect([seqsOf(member), hall.timers.due]).toEqual([[1, 2], [LATER_MS]]);
  });
});

describe("in a stream", () => {
  function start(register: Record<string, unknown> = {}) {
    const fake = new FakeStream();
    const owner = fake.owner();
    const viewer = fake.member("anna", { consumes: ["*"], ...register });
    return { fake, owner, viewer };
  }

  test("the newest frame comes after the camera paused, with the number of those that gave way", () => {
    const { fake, owner, viewer } = start();
    viewer.socket.bufferedAmount = 1_000_000;
    for (const n of [1, 2, 3]) owner.send({ type: "video-frame", n });
    fake.timers.ring();
    viewer.socket.bufferedAmount = 0;
    fake.timers.ring();
    expect(viewer.socket.messages).toMatchObject([{ n: 3, dropped: 2 }]);
  });

  test("a frame-ack brings the newest frame at once", () => {
    const { owner, viewer } = start({ window: 1, batch: false });
    for (const n of [1, 2, 3]) owner.send({ type: "video-frame", n });
    const [first] = viewer.socket.messages;
    viewer.send({ type: "frame-ack", seq: first?.["seq"] });
    expect(viewer.socket.messages.map(({ n, dropped }) => [n, dropped])).toEqual([
      [1, 0],
      [3, 1],
    ]);
  });

  test("no timer is left once everybody has read all, and no member is left that has gone", () => {
    const { fake, owner, viewer } = start();
    viewer.socket.bufferedAmount = 1_000_000;
    owner.send({ type: "video-frame" });
    viewer.leave();
    for (let round = 0; round < 3; round += 1) fake.timers.ring();
    expect(fake.timers.due).toEqual([]);
  });

  test("who lost its right is not sent the frame that waited for it", () => {
    const { fake, owner } = start();
    fake.allow({ readers: ["bob"] });
    const bob = fake.member("bob", { consumes: ["*"] });
    bob.socket.bufferedAmount = 1_000_000;
    owner.send({ type: "video-frame" });
    bob.socket.bufferedAmount = 500_000;
    fake.allow({ readers: [] });
    bob.socket.bufferedAmount = 0;
    fake.timers.ring();
    expect(bob.socket.ofType("video-frame")).toEqual([]);
  });

  // What waits for credits keeps no timer, so the object may fall asleep and forget it. The frame itself is stored by then:
  // the first acknowledgement after a wake should bring it where its number is higher.
  test("a frame-ack brings the newest frame also where the object slept meanwhile", () => {
    const { fake, owner, viewer } = start({ window: 1, batch: false });
    for (const n of [1, 2]) owner.send({ type: "video-frame", n });
    for (let round = 0; round < 3; round += 1) fake.ring();
    fake.sleepAndWake();
    viewer.send({ type: "frame-ack", seq: viewer.socket.messages[0]?.["seq"] });
    expect(viewer.socket.ofType("video-frame").map(({ n }) => n)).toEqual([1, 2]);
  });
});
