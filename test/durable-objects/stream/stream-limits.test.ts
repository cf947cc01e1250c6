// How many errors a connection may make, and what a bad message does to the others beside it.
import { expect, test } from "vitest";
import { FakeStream } from "../../support/fake-stream.ts";

function start(variables = {}) {
  const fake = new FakeStream(variables);
  const owner = fake.owner();
  const consumer = fake.member("anna", { consumes: ["*"] });
  return { fake, owner, consumer };
}

test("Nine errors within ten seconds leave the connection open", () => {
  const { owner } = start();
  for (let count = 0; count < 9; count += 1) owner.send("no JSON");
  expect([owner.socket.errorCodes.length, owner.socket.closedWith]).toEqual([9, undefined]);
});

test("Ten errors within ten seconds close it, whatever their codes", () => {
  const { fake, owner } = start();
  for (let count = 0; count < 10; count += 1) {
    owner.send(["no JSON", { type: "register" }, { type: "a b" }][count % 3]);
    fake.nowMs += 1000;
  }
  expect(new Set(owner.socket.errorCodes)).toEqual(new Set(["BAD_MESSAGE", "ALREADY_REGISTERED", "UNKNOWN_TYPE"]));
  expect(owner.socket.closedWith?.code).toBe(4400);
});

test("Ten errors within more than ten seconds leave it open", () => {
  const { fake, owner } = start();
  owner.send("no JSON");
  fake.nowMs += 10_000;
  for (let count = 0; count < 9; count += 1) owner.send("no JSON");
  expect([owner.socket.errorCodes.length, owner.socket.closedWith]).toEqual([10, undefined]);
});

test("Ten bad messages in one text close it, and the rest of the text is ignored", () => {
  const { owner, consumer } = start();
  owner.send(`${"no JSON\n".repeat(10)}{"type":"note"}`);
  expect(owner.socket.closedWith?.code).toBe(4400);
  expect(consumer.socket.sent).toEqual([]);
});

test("A bad message in a text leaves the others in it alone", () => {
  const { owner, consumer } = start();
  owner.send('{"type":"note","n":1}\nno JSON\n{"type":"note","n":2}');
  expect(owner.socket.errorCodes).toEqual(["BAD_MESSAGE"]);
  expect(consumer.socket.messages.map(({ n }) => n)).toEqual([1, 2]);
});

test("A bug that a message met closes its connection without a word about it", () => {
  const { fake, owner } = start();
  fake.stream.fail(owner.socket);
  expect(owner.socket.messages).toMatchObject([{ code: "INTERNAL", message: "Internal error" }]);
  expect(owner.socket.closedWith).toEqual({ code: 1011, reason: "INTERNAL" });
});

test("Errors from before ten seconds ago do not count", () => {
  const { fake, owner } = start();
  for (let round = 0; round < 3; round += 1) {
    for (let count = 0; count < 9; count += 1) owner.send("no JSON");
    fake.nowMs += 10_000;
  }
  expect([owner.socket.errorCodes.length, owner.socket.closedWith]).toEqual([27, undefined]);
});

test("Who waited for a stream that somebody else then claimed gives way to who may be there", () => {
  const fake = new FakeStream({ MAX_MEMBERS_PER_STREAM: "2" });
  const stranger = fake.join("eve");
  fake.owner();
  expect(fake.stream.entering.admission(fake.handoff("anna"))).toBeUndefined();
  expect([stranger.socket.errorCodes, stranger.socket.closedWith?.code]).toEqual([["UNAUTHORIZED"], 1008]);
  fake.join("anna");
  expect(fake.stream.entering.admission(fake.handoff("anna"))).toBe("STREAM_FULL");
});
