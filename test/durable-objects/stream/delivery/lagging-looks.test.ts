// Whom a look sees, and when the next one comes, where one is behind, another has a frame that waits, and some are gone.
import { afterEach, describe, expect, test, vi } from "vitest";
import { type Consumer, consumer, Hall, LATER_MS, SOON_MS } from "../../../support/hall.ts";
import { MEMBER_OPTIONS } from "../../../support/members.ts";

const { consumerBufferBytes } = MEMBER_OPTIONS.outbox;

afterEach(() => vi.restoreAllMocks());

/** Members in a hall whose timer has just looked at all of them; the first has a frame that waits. */
function start(...members: readonly [Consumer, ...Consumer[]]) {
  const hall = new Hall(...members);
  const [waits] = members;
  waits.socket.bufferedAmount = consumerBufferBytes;
  hall.wait(waits);
  hall.ring();
  return hall;
}

const looksAt = ({ outbox }: Consumer) => vi.spyOn(outbox, "look");

describe("the next look", () => {
  test("comes soon where one has a frame that waits, and those before and after it are only behind", () => {
    const [behind, waits, other] = [consumer(500), consumer(consumerBufferBytes), consumer(500)];
    const hall = new Hall(behind, waits, other);
    hall.wait(waits);
    hall.ring();
    expect(hall.timers.due).toEqual([SOON_MS]);
  });

  test("comes later where the frame has left, at whom was not seen meanwhile", () => {
    const [waits, behind] = [consumer(), consumer()];
    const hall = start(waits, behind);
    behind.socket.bufferedAmount = 500;
    hall.lagging.noteSent();
    waits.socket.bufferedAmount = 0;
    hall.ring();
    expect(hall.timers.due).toEqual([LATER_MS]);
    hall.ring();
    expect(hall.timers.due).toEqual([LATER_MS]);
  });

  test("comes again for what is sent after everybody had read all", () => {
    const hall = new Hall(consumer());
    for (let round = 0; round < 3; round += 1) {
      hall.lagging.noteSent();
      expect(hall.timers.due).toEqual([LATER_MS]);
      hall.ring();
      expect(hall.timers.due).toEqual([]);
    }
  });

  test("comes later where a bug kept this one from seeing whether all was read", () => {
    const log = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const bad = consumer(500);
    const hall = new Hall(bad);
    looksAt(bad).mockImplementation(() => {
      throw new TypeError("secret");
    });
    hall.lagging.noteSent();
    hall.ring();
    expect([log.mock.calls.length, hall.timers.due]).toEqual([1, [LATER_MS]]);
  });
});

describe("a look that comes soon", () => {
  test("sees those alone that have a frame that waits, and all once a second", () => {
    const [waits, other] = [consumer(), consumer(500)];
    const hall = start(waits, other);
    const [atWaiting, atOther] = [looksAt(waits), looksAt(other)];
    for (let ms = 0; ms < LATER_MS; ms += SOON_MS) hall.ring();
    expect([atWaiting.mock.calls.length, atOther.mock.calls.length]).toEqual([LATER_MS / SOON_MS, 1]);
  });

  test("sees nobody whose frame has left, while that of another waits", () => {
    const [waits, served] = [consumer(), consumer(consumerBufferBytes)];
    const hall = start(waits, served);
    hall.wait(served);
    served.socket.bufferedAmount = 0;
    hall.ring();
    const atServed = looksAt(served);
    for (let round = 0; round < 5; round += 1) hall.ring();
    expect([served.socket.sent.length, atServed.mock.calls.length]).toEqual([1, 0]);
  });

  test("sends nothing to one that left, though it has room", () => {
    const waits = consumer();
    const hall = start(waits, consumer());
    hall.roster.forget(waits.socket);
    waits.socket.bufferedAmount = 0;
    hall.ring();
    expect(waits.socket.sent).toEqual([]);
  });

  test("leaves one that is closing a member until it is gone", () => {
    const waits = consumer();
    const hall = start(waits, consumer());
    waits.socket.close(1000, "");
    waits.socket.bufferedAmount = 0;
    hall.ring();
    expect([hall.roster.has(waits), hall.expelled]).toEqual([true, []]);
  });
});
