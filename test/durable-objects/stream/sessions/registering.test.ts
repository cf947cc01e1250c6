// What `register` does: rights, the claim of a new stream, the answer.
import { expect, test } from "vitest";
import { FakeStream, STREAM_ID } from "../../../support/fake-stream.ts";

const NO_WRITE = { type: "error", code: "UNAUTHORIZED", message: "No permission to publish to this stream" };
const NO_READ = { type: "error", code: "UNAUTHORIZED", message: "No permission to read this stream" };

test("The answer holds all that a client needs", () => {
  const fake = new FakeStream({ MAX_MESSAGE_BYTES: 2048, MAX_MESSAGES_PER_S: 7, MAX_BYTES_PER_S: 4096 });
  const anna = fake.join("anna", { endsInMs: 5000 });
  expect(anna.register({ produces: ["video-frame"], ref: "r1" })).toEqual({
    type: "success",
    message: "Registration successful. Stream ID: cam-1",
    ref: "r1",
    connectionId: "connection-1",
    userId: "anna",
    expiresAt: fake.nowMs + 5000,
    streamId: "cam-1",
    epoch: "id1",
    offset: 0,
    keepaliveMs: 25_000,
    limits: { maxMessageBytes: 2048, maxMessagesPerS: 7, maxBytesPerS: 4096 },
  });
});

test("An epoch is made of an id of the usual form and fits into the limit of the protocol", () => {
  const fake = new FakeStream();
  fake.owner();
  expect(fake.storage.rows("SELECT epoch FROM stream")[0]?.["epoch"]).toMatch(/^[a-z0-9]{1,32}$/);
});

test("The offset in the answer is that of the newest alert", () => {
  const fake = new FakeStream();
  const owner = fake.owner();
  for (let count = 0; count < 3; count += 1) owner.send({ type: "alert" });
  expect(fake.join("anna").register({ consumes: ["alert"] })["offset"]).toBe(3);
});

test.each([
  ["anna", "bob"],
  ["bob", "anna"],
])("Of two users who register at once on a new stream the first, %s, owns it and %s does not", (first, second) => {
  const fake = new FakeStream();
  const seats = [fake.join(first), fake.join(second)];
  const answers = seats.map((seat) => seat.register({ produces: ["video-frame"] }));
  expect(answers).toMatchObject([{ type: "success" }, NO_WRITE]);
  expect(fake.storage.rows("SELECT owner_id FROM stream")).toEqual([{ owner_id: first }]);
});

test("Who was refused may not publish", () => {
  const fake = new FakeStream();
  const owner = fake.owner({ produces: ["*"], consumes: ["*"] });
  const late = fake.join("bob");
  late.register({ produces: ["note"] });
  late.send({ type: "note" });
  expect(late.socket.errorCodes).toEqual(["UNAUTHORIZED", "NOT_REGISTERED"]);
  expect(owner.socket.sent).toEqual([]);
});

test("Who was refused keeps the connection", () => {
  const fake = new FakeStream();
  fake.owner();
  const late = fake.join("bob");
  late.register({ produces: ["note"] });
  expect(late.socket.closedWith).toBeUndefined();
});

test("The owner may register again and again, on other connections", () => {
  const fake = new FakeStream();
  fake.owner();
  expect(fake.join("anna").register({ produces: ["video-frame"], consumes: ["*"] }).type).toBe("success");
});

test("A user without a right may not read", () => {
  const fake = new FakeStream();
  const late = fake.join("bob");
  fake.owner();
  expect(late.register({ consumes: ["alert"] })).toMatchObject(NO_READ);
});

test("An unclaimed stream may be read, and its epoch is empty", () => {
  const answer = new FakeStream().join("bob").register({ consumes: ["*"] });
  expect(answer).toMatchObject({ type: "success", epoch: "", offset: 0 });
});

test("A reader of an unclaimed stream stores nothing", () => {
  const fake = new FakeStream();
  fake.member("bob", { consumes: ["*"] });
  expect(fake.storage.tables).toEqual([]);
});

test("A lurker of another user is told at the claim that he may not read", () => {
  const fake = new FakeStream();
  const lurker = fake.member("bob", { consumes: ["*"] });
  fake.owner();
  expect(lurker.socket.messages).toMatchObject([NO_READ]);
});

test("A lurker of another user keeps his socket at the claim", () => {
  const fake = new FakeStream();
  const lurker = fake.member("bob", { consumes: ["*"] });
  fake.owner();
  expect(lurker.socket.closedWith).toBeUndefined();
});

test("A lurker of another user is unregistered at the claim", () => {
  const fake = new FakeStream();
  const lurker = fake.member("bob", { consumes: ["*"] });
  fake.owner();
  lurker.send({ type: "note" });
  expect(lurker.socket.errorCodes.at(-1)).toBe("NOT_REGISTERED");
});

test("A lurker of another user receives nothing after the claim, even after a wake", () => {
  const fake = new FakeStream();
  const lurker = fake.member("bob", { consumes: ["*"] });
  const owner = fake.owner();
  lurker.socket.forgetSent();
  for (const type of ["video-frame", "alert", "note"]) owner.send({ type });
  fake.sleepAndWake();
  for (const type of ["video-frame", "alert", "note"]) owner.send({ type });
  expect(lurker.socket.sent).toEqual([]);
});

test("The owner's own lurkers stay registered at the claim", () => {
  const fake = new FakeStream();
  const waiting = fake.member("anna", { consumes: ["alert"] });
  fake.owner().send({ type: "alert" });
  expect(waiting.socket.messages).toMatchObject([{ type: "alert", offset: 1 }]);
});

test("Registering twice is refused", () => {
  const anna = new FakeStream().owner();
  expect(anna.register({ produces: ["note"], ref: 2 })).toMatchObject({ code: "ALREADY_REGISTERED", ref: 2 });
});

test("After registering twice the first registration stands", () => {
  const fake = new FakeStream();
  const anna = fake.owner({ produces: ["note"], consumes: ["alert"] });
  anna.register({ produces: ["alert"], consumes: [] });
  anna.send({ type: "alert" });
  expect(anna.socket.errorCodes).toEqual(["ALREADY_REGISTERED", "NOT_A_PRODUCER"]);
});

test.each(["cam-2", "", "CAM-1", 5, null, ["cam-1"]])("Registering with the stream id %j is refused", (streamId) => {
  const fake = new FakeStream();
  expect(fake.join("anna").register({ streamId, produces: ["note"], ref: 3 })).toMatchObject({
    code: "INVALID_STREAM_ID",
    ref: 3,
  });
  expect(fake.storage.tables).toEqual([]);
});

test("Registering with the id of this stream is fine", () => {
  expect(new FakeStream().join("anna").register({ streamId: STREAM_ID }).type).toBe("success");
});

test("After a refused registration another one may follow", () => {
  const anna = new FakeStream().join("anna");
  anna.register({ streamId: "cam-2" });
  expect(anna.register({ produces: ["note"] }).type).toBe("success");
});

test("A mobile that declares nothing produces frames and consumes alerts", () => {
  const fake = new FakeStream();
  const phone = fake.owner({ clientType: "mobile" });
  const model = fake.member("anna", { produces: ["alert"], consumes: ["video-frame"] });
  phone.send({ type: "video-frame", data: "" });
  model.send({ type: "alert" });
  expect([phone.socket.messages, model.socket.messages]).toMatchObject([
    [{ type: "alert" }],
    [{ type: "video-frame" }],
  ]);
});

test("Who registers only to read claims nothing", () => {
  const fake = new FakeStream();
  fake.member("anna", { consumes: ["*"] });
  expect(fake.join("bob").register({ produces: ["note"] }).type).toBe("success");
});
