// What the operator can look up of a stream: who left and how, whose it became, who changed it and who ended it.
import { expect, test } from "vitest";
import { FakeStream, STREAM_ID } from "../../support/fake-stream.ts";

const ANNA = { principal: "user", userId: "anna", sessionId: "session-of-anna" };
const HERE = { streamId: STREAM_ID };

test("a claim, and not what its owner does after it", () => {
  const fake = new FakeStream();
  const owner = fake.owner();
  owner.send({ type: "alert", message: "seen" });
  owner.sendFrame({ type: "video-frame" });
  fake.member("anna", { produces: ["alert"] });
  expect(fake.noted).toEqual([{ event: "claimed", ...HERE, userId: "anna" }]);
});

test("a claim of nobody, where nobody owns", () => {
  const fake = new FakeStream({ STREAM_POLICY: "open" });
  fake.owner();
  expect(fake.noted).toEqual([{ event: "claimed", ...HERE, userId: "" }]);
});

test("who leaves by himself, and with which code", () => {
  const fake = new FakeStream();
  fake.join("anna").leave(1001);
  expect(fake.noted).toEqual([
    { event: "left", ...HERE, connectionId: "connection-1", ...ANNA, closeCode: 1001, code: undefined },
  ]);
});

test("who is sent away, why, and only once", () => {
  const fake = new FakeStream();
  const seat = fake.join("anna");
  seat.send("x".repeat(1_048_577));
  seat.leave(1009);
  expect(fake.noted).toEqual([
    { event: "left", ...HERE, connectionId: "connection-1", ...ANNA, closeCode: 1009, code: "TOO_LARGE" },
  ]);
});

test("who made too many errors", () => {
  const fake = new FakeStream();
  const seat = fake.join("anna");
  for (let error = 0; error < 10; error += 1) seat.send("junk");
  expect(fake.noted).toMatchObject([{ event: "left", closeCode: 4400 }]);
});

test("who changed the access list, and not who tried in vain", () => {
  const fake = new FakeStream();
  fake.owner();
  fake.allow({ public: true });
  fake.allow({ public: true }, "eve");
  fake.allow({ readers: 5 });
  expect(fake.noted.slice(1)).toEqual([{ event: "access-changed", ...HERE, ...ANNA }]);
});

test("who deleted it, before those who are closed for it", () => {
  const fake = new FakeStream();
  fake.owner();
  fake.erase("eve");
  fake.erase();
  expect(fake.noted.slice(1)).toMatchObject([
    { event: "stream-deleted", ...HERE, reason: "asked", ...ANNA },
    { event: "left", code: "NOT_FOUND", closeCode: 1008 },
  ]);
});

test("that it lapsed, and that nobody did it", async () => {
  const fake = new FakeStream({ CLAIM_TTL_DAYS: "1" });
  fake.owner().leave();
  for (let day = 0; day < 4; day += 1) {
    fake.ring();
    // oxlint-disable-next-line no-await-in-loop -- the clock goes on behind it
    await Promise.all(fake.background);
  }
  expect(fake.noted.slice(2)).toEqual([{ event: "stream-deleted", ...HERE, reason: "lapsed" }]);
});

test("that a sink is in trouble, once", async () => {
  const fake = new FakeStream({ ALERT_SINKS: "NOTIFY", NOTIFY: {} });
  fake.callAlertSink = () => Promise.reject(new Error("a secret of the sink"));
  const owner = fake.owner();
  owner.send({ type: "alert", message: "one" });
  owner.send({ type: "alert", message: "two" });
  await Promise.all(fake.background);
  expect(fake.noted.slice(1)).toEqual([{ event: "sink-trouble", ...HERE, sink: "NOTIFY", reason: "failed" }]);
});
