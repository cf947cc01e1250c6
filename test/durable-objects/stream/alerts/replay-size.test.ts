// How much a replay may be: half a consumer's buffer, in the bytes of what is really sent.
import { expect, test } from "vitest";
import type { Message } from "../../../support/fake-socket.ts";
import { FakeStream, type Seat } from "../../../support/fake-stream.ts";

const PLENTY = { MAX_MESSAGES_PER_S: 10_000 };

interface Log {
  readonly count: number;
  readonly message: string;
}

/** A claimed stream that holds these alerts, with all that was sent of them when they were live. */
function start({ count, message }: Log, variables: Record<string, unknown> = {}) {
  const fake = new FakeStream({ ...PLENTY, ...variables });
  const owner = fake.owner({ produces: ["*"], consumes: ["*"] });
  for (let number = 1; number <= count; number += 1) owner.send({ type: "alert", message });
  const epoch = fake.storage.rows("SELECT epoch FROM stream")[0]?.["epoch"];
  return { fake, owner, epoch };
}

/** The bytes of these alerts on the wire, stamps included. */
function bytesLive(log: Log): number {
  const { texts } = start(log).owner.socket;
  return Buffer.byteLength(texts.join(""));
}

/** Comes back for everything after the start, and reads nothing of it. */
function resumeSlowly(fake: FakeStream, epoch: unknown, consumes = ["alert"]): { seat: Seat; answer: Message } {
  const seat = fake.join("anna");
  seat.socket.stalled = true;
  const answer = seat.register({ consumes, resume: { epoch, offset: 0 } });
  return { seat, answer };
}

test.each([
  ["ASCII", { count: 20, message: "x".repeat(300) }],
  ["Chinese", { count: 20, message: "警".repeat(300) }],
  ["emoji", { count: 20, message: "🎥".repeat(300) }],
  ["almost nothing but stamps", { count: 20, message: "" }],
])("Of %s exactly half a consumer's buffer is replayed, and not a byte more", (_what, log) => {
  const half = bytesLive(log);
  const outcomes = [2 * half, 2 * half - 1].map((bytes) => {
    const { fake, epoch } = start(log, { CONSUMER_BUFFER_BYTES: bytes });
    const { seat, answer } = resumeSlowly(fake, epoch);
    return [answer["recovered"], seat.socket.sent.length];
  });
  expect(outcomes).toEqual([
    [true, 21],
    [false, 1],
  ]);
});

test("A thousand alerts that are short in characters and long in bytes are not replayed", () => {
  const { fake, epoch } = start({ count: 1000, message: "警".repeat(450) });
  const { seat, answer } = resumeSlowly(fake, epoch);
  expect(answer).toMatchObject({ type: "success", recovered: false, offset: 1000 });
  expect(seat.socket.sent).toHaveLength(1);
});

test("Who comes back for more than can be replayed is not closed", () => {
  const { fake, epoch } = start({ count: 1000, message: "警".repeat(450) });
  expect(resumeSlowly(fake, epoch).seat.socket.closedWith).toBeUndefined();
});

test("Who comes back for more than can be replayed receives what is live", () => {
  const { fake, owner, epoch } = start({ count: 1000, message: "警".repeat(450) });
  const { seat } = resumeSlowly(fake, epoch);
  owner.send({ type: "alert" });
  expect(seat.socket.ofType("alert")).toMatchObject([{ offset: 1001 }]);
});

test("What fits is replayed without closing the client, however slowly it reads", () => {
  const { fake, epoch } = start({ count: 3, message: "x".repeat(450) }, { CONSUMER_BUFFER_BYTES: 4096 });
  const { seat, answer } = resumeSlowly(fake, epoch);
  expect(answer["recovered"]).toBe(true);
  expect(seat.socket.ofType("alert").map(({ offset }) => offset)).toEqual([1, 2, 3]);
  expect(seat.socket.closedWith).toBeUndefined();
});

test("Alerts that the member does not consume take no room in its replay", () => {
  const large = { count: 3, message: "x".repeat(2000) };
  const { fake, owner, epoch } = start(large, { CONSUMER_BUFFER_BYTES: 4096, DURABLE_TYPES: "alert,order" });
  owner.send({ type: "order" });
  const { seat, answer } = resumeSlowly(fake, epoch, ["order"]);
  expect(answer["recovered"]).toBe(true);
  expect(seat.socket.ofType("order")).toMatchObject([{ offset: 4 }]);
});

test("Who consumes nothing durable recovers, however much is stored", () => {
  const { fake, epoch } = start({ count: 3, message: "x".repeat(2000) }, { CONSUMER_BUFFER_BYTES: 4096 });
  expect(resumeSlowly(fake, epoch, ["video-frame"]).answer["recovered"]).toBe(true);
});

test("From a later point what is left may fit", () => {
  const { fake, epoch } = start({ count: 4, message: "x".repeat(700) }, { CONSUMER_BUFFER_BYTES: 4096 });
  const seats = [0, 2].map((offset) => fake.join("anna").register({ consumes: ["alert"], resume: { epoch, offset } }));
  expect(seats.map(({ recovered }) => recovered)).toEqual([false, true]);
});
