// An operator sends everybody away: each is told when to come back, and not all at the same moment.
import { expect, test } from "vitest";
import { FakeStream } from "../../../support/fake-stream.ts";

test("Every member is told when to come back, and closed", () => {
  const fake = new FakeStream();
  const seats = [fake.owner(), fake.member("anna", { consumes: ["*"] }), fake.join("anna")];
  expect(fake.stream.drain()).toBe(3);
  for (const { socket } of seats) {
    expect(socket.ofType("reconnect")).toMatchObject([{ afterMs: expect.any(Number) as unknown }]);
    expect([socket.errorCodes, socket.closedWith?.code]).toEqual([["DRAINING"], 1012]);
  }
});

test("They come back over twenty seconds, and none at once", () => {
  const fake = new FakeStream();
  const randoms = Array.from({ length: 100 }, (_, index) => index / 100.7);
  fake.random = () => randoms.shift() ?? 0;
  const seats = randoms.map(() => fake.join("anna"));
  fake.stream.drain();
  const after = seats.map(({ socket }) => Number(socket.ofType("reconnect")[0]?.["afterMs"]));
  expect([Math.min(...after), new Set(after).size]).toEqual([500, 100]);
  expect(Math.max(...after)).toBeLessThanOrEqual(20_000);
  expect(after.every(Number.isInteger)).toBe(true);
});

test("What is stored stays, and the stream goes on with who comes back", () => {
  const fake = new FakeStream();
  fake.owner().send({ type: "alert" });
  fake.stream.drain();
  const back = fake.join("anna");
  expect(back.register({ produces: ["alert"] })).toMatchObject({ type: "success", offset: 1 });
});

test("Who has no room for the word is closed with DRAINING all the same", () => {
  const fake = new FakeStream();
  const owner = fake.owner();
  owner.socket.bufferedAmount = 1_048_576;
  fake.stream.drain();
  expect([owner.socket.errorCodes, owner.socket.closedWith?.code]).toEqual([["DRAINING"], 1012]);
});

test("Who watches is not told of all that leave in the same moment", () => {
  const fake = new FakeStream();
  fake.owner();
  const watcher = fake.member(
    "anna",
    { consumes: ["presence"] },
    { principal: { kind: "user", userId: "anna", sessionId: "w" } },
  );
  watcher.socket.forgetSent();
  expect(fake.stream.drain()).toBe(2);
  expect(watcher.socket.messages.map(({ type }) => type)).toEqual(["reconnect", "error"]);
});
