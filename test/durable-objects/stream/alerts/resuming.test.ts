// What `register` gives back after a `resume`: all that was missed, in order, or nothing.
import { expect, test } from "vitest";
import type { Message } from "../../../support/fake-socket.ts";
import { FakeStream, type Seat } from "../../../support/fake-stream.ts";

/** A claimed stream that holds so many alerts. */
function start(alerts: number, variables: Record<string, unknown> = {}, message = "") {
  const fake = new FakeStream(variables);
  const owner = fake.owner({ produces: ["*"], consumes: ["*"] });
  for (let number = 1; number <= alerts; number += 1) owner.send({ type: "alert", number, message });
  const epoch = fake.storage.rows("SELECT epoch FROM stream")[0]?.["epoch"];
  return { fake, owner, epoch };
}

function resume(fake: FakeStream, point: unknown, consumes = ["alert"]): { seat: Seat; answer: Message } {
  const seat = fake.join("anna");
  const answer = seat.register({ consumes, resume: point });
  return { seat, answer };
}

function offsets({ socket }: Seat): unknown[] {
  return socket.messages.slice(1).map(({ offset }) => offset);
}

test.each([
  [0, [1, 2, 3]],
  [1, [2, 3]],
  [2, [3]],
  [3, []],
])("After the offset %i what was missed is replayed in order: %j", (offset, expected) => {
  const { fake, epoch } = start(3);
  const { seat, answer } = resume(fake, { epoch, offset });
  expect(answer).toMatchObject({ type: "success", recovered: true, offset: 3 });
  expect(offsets(seat)).toEqual(expected);
});

test("The answer comes first, then the replay, then what is live", () => {
  const { fake, owner, epoch } = start(2);
  const { seat } = resume(fake, { epoch, offset: 0 });
  owner.send({ type: "alert" });
  expect(seat.socket.messages.map(({ type, offset }) => [type, offset])).toEqual([
    ["success", 2],
    ["alert", 1],
    ["alert", 2],
    ["alert", 3],
  ]);
});

test("A replayed alert is, to the byte, what was sent when it was live", () => {
  const { fake, owner, epoch } = start(2, {}, 'a "quote", ünïcode 🎥');
  fake.nowMs += 60_000;
  const { seat } = resume(fake, { epoch, offset: 0 });
  expect(seat.socket.texts.slice(1)).toEqual(owner.socket.texts);
});

test("Without `resume` nothing is replayed, and nothing is said of it", () => {
  const seat = start(3).fake.join("anna");
  expect(seat.register({ consumes: ["alert"] })).not.toHaveProperty("recovered");
  expect(seat.socket.sent).toHaveLength(1);
});

test("After a restart the same is replayed", () => {
  const { fake, owner, epoch } = start(3);
  fake.sleepAndWake();
  const { seat } = resume(fake, { epoch, offset: 0 });
  expect(seat.socket.texts.slice(1)).toEqual(owner.socket.texts);
});

test("From another epoch nothing is replayed", () => {
  const { seat, answer } = resume(start(3).fake, { epoch: "other", offset: 1 });
  expect(answer).toMatchObject({ type: "success", recovered: false, offset: 3 });
  expect(seat.socket.sent).toHaveLength(1);
});

test("From a point ahead of the log nothing is replayed", () => {
  const { fake, epoch } = start(3);
  const { seat, answer } = resume(fake, { epoch, offset: 4 });
  expect(answer["recovered"]).toBe(false);
  expect(seat.socket.sent).toHaveLength(1);
});

test.each([
  [0, false, 0],
  [1, true, 2],
])("With REPLAY_MAX 2 and three alerts a resume from %i recovers: %s", (offset, recovered, count) => {
  const { fake, epoch } = start(3, { REPLAY_MAX: 2 });
  const { seat, answer } = resume(fake, { epoch, offset });
  expect(answer["recovered"]).toBe(recovered);
  expect(offsets(seat)).toHaveLength(count);
});

test("Only the types that the member consumes are replayed", () => {
  const { fake, owner, epoch } = start(0, { DURABLE_TYPES: "alert,order" });
  for (const type of ["alert", "order", "alert", "order"]) owner.send({ type });
  const { seat, answer } = resume(fake, { epoch, offset: 0 }, ["order"]);
  expect(answer["recovered"]).toBe(true);
  expect(offsets(seat)).toEqual([2, 4]);
});

test("A member that consumes nothing durable recovers with nothing", () => {
  const { fake, epoch } = start(3);
  const { seat, answer } = resume(fake, { epoch, offset: 0 }, ["video-frame"]);
  expect(answer["recovered"]).toBe(true);
  expect(seat.socket.sent).toHaveLength(1);
});

test.each([
  [{ epoch: "", offset: 0 }, true],
  [{ epoch: "", offset: 1 }, false],
  [{ epoch: "e1", offset: 0 }, false],
])("On an unclaimed stream a resume from %j recovers: %s", (point, recovered) => {
  expect(resume(new FakeStream(), point).answer).toMatchObject({ type: "success", recovered });
});

test.each([
  ["", 0, true, [1, 2, 3]],
  ["", 1, false, []],
])("From the epoch %j, before anybody owned the stream, and the offset %i a resume recovers: %s", (...row) => {
  const [epoch, offset, recovered, expected] = row;
  const { seat, answer } = resume(start(3).fake, { epoch, offset });
  expect(answer).toMatchObject({ type: "success", recovered, offset: 3 });
  expect(offsets(seat)).toEqual(expected);
});

test("Who registered on an unclaimed stream may come back with what it was told, and misses nothing", () => {
  const fake = new FakeStream();
  const early = fake.join("anna");
  const { epoch, offset } = early.register({ consumes: ["alert"] });
  early.leave();
  const owner = fake.owner();
  for (let count = 0; count < 2; count += 1) owner.send({ type: "alert" });
  const { seat, answer } = resume(fake, { epoch, offset });
  expect(answer["recovered"]).toBe(true);
  expect(offsets(seat)).toEqual([1, 2]);
});

test("Who saw nothing and claims the stream with this very register recovers with nothing", () => {
  const seat = new FakeStream().join("anna");
  const answer = seat.register({ produces: ["alert"], consumes: ["alert"], resume: { epoch: "", offset: 0 } });
  expect(answer).toMatchObject({ type: "success", recovered: true, offset: 0 });
  expect(seat.socket.sent).toHaveLength(1);
});

test("Who saw something of another life of the stream and claims it anew does not recover", () => {
  const seat = new FakeStream().join("anna");
  const answer = seat.register({ produces: ["alert"], consumes: ["alert"], resume: { epoch: "e0", offset: 0 } });
  expect(answer).toMatchObject({ type: "success", recovered: false, offset: 0 });
});

test("Of who saw nothing too, no more than REPLAY_MAX is replayed", () => {
  const { seat, answer } = resume(start(3, { REPLAY_MAX: 2 }).fake, { epoch: "", offset: 0 });
  expect(answer["recovered"]).toBe(false);
  expect(seat.socket.sent).toHaveLength(1);
});

test.each([
  [2, true],
  [3, false],
])(
  "With REPLAY_MAX 2 and %i alerts, none of them consumed, a resume from the start recovers: %s",
  (count, expected) => {
    const { fake, epoch } = start(count, { REPLAY_MAX: 2 });
    expect(resume(fake, { epoch, offset: 0 }, ["video-frame"]).answer["recovered"]).toBe(expected);
  },
);

test.each([{ epoch: "e" }, { offset: 1 }, { epoch: "e", offset: -1 }, { epoch: "e", offset: 0.5 }, null, "e:1"])(
  "A resume point like %j is a bad message, and nothing is registered",
  (point) => {
    const { seat, answer } = resume(start(1).fake, point);
    seat.send({ type: "alert" });
    expect(answer["code"]).toBe("BAD_MESSAGE");
    expect(seat.socket.errorCodes).toEqual(["BAD_MESSAGE", "NOT_REGISTERED"]);
  },
);

test("A user without a right gets no replay", () => {
  const fake = new FakeStream();
  const bob = fake.join("bob");
  const owner = fake.owner();
  owner.send({ type: "alert" });
  const epoch = fake.storage.rows("SELECT epoch FROM stream")[0]?.["epoch"];
  bob.register({ consumes: ["alert"], resume: { epoch, offset: 0 } });
  expect(bob.socket.messages).toMatchObject([{ code: "UNAUTHORIZED" }]);
});
