// What a member sends while its registration waits: kept in order and within bounds, and handled behind the answer.
import { describe, expect, test } from "vitest";
import { Joining } from "../../../../durable-objects/stream/sessions/joining.ts";
import { FakeStream, type Seat } from "../../../support/fake-stream.ts";
import { memberOf } from "../../../support/members.ts";

const REGISTER = JSON.stringify({ type: "register", produces: ["*"], consumes: ["*"], ref: "r" });
const LANES = { latest: new Set(["video-frame"]), durable: new Set(["alert"]) };

/** A member whose registration waits for its user's list. */
function joining(variables = {}) {
  const fake = new FakeStream(variables);
  fake.users.room = undefined;
  const anna = fake.join("anna");
  anna.send(REGISTER);
  return { fake, anna, answer: (room: "room" | "full" = "room", index = 0) => fake.users.asked[index]?.answer(room) };
}

function note(number: number): string {
  return JSON.stringify({ type: "alert", ref: number });
}

function refs(seat: Seat): readonly unknown[] {
  return seat.socket.messages.filter(({ type }) => type !== "alert").map(({ ref }) => ref);
}

describe("what is sent behind register", () => {
  test("waits, and is answered behind it in order", async () => {
    const { anna, answer } = joining();
    for (const number of [1, 2, 3]) anna.send(note(number));
    anna.send({ type: "ping", ref: 4 });
    expect(anna.socket.sent).toEqual([]);
    await answer();
    expect(refs(anna)).toEqual(["r", 1, 2, 3, 4]);
  });

  test("in the same text waits before what comes in texts of its own", async () => {
    const fake = new FakeStream();
    fake.users.room = undefined;
    const anna = fake.join("anna");
    anna.send([REGISTER, note(1), "nonsense", note(2)].join("\n"));
    anna.send([note(3), note(4)].join("\n"));
    anna.send(note(5));
    await fake.users.asked[0]?.answer("room");
    expect(refs(anna)).toEqual(["r", 1, undefined, 2, 3, 4, 5]);
    expect(anna.socket.errorCodes).toEqual(["BAD_MESSAGE"]);
  });

  test("before register in the same text is answered at once", () => {
    const fake = new FakeStream();
    fake.users.room = undefined;
    const anna = fake.join("anna");
    anna.send([`{"type":"ping","ref":0}`, REGISTER, note(1)].join("\n"));
    expect(refs(anna)).toEqual([0]);
  });

  test("in binary keeps its place", async () => {
    const { fake, anna, answer } = joining();
    anna.send({ type: "note", number: 1 });
    anna.sendFrame({ type: "video-frame" }, [7]);
    anna.send({ type: "note", number: 2 });
    const viewer = fake.member("anna", { consumes: ["*"] });
    await answer();
    const order = viewer.socket.sent.map((message) => (typeof message === "string" ? "text" : "binary"));
    expect([order, viewer.socket.frames[0]?.payload]).toEqual([["text", "binary", "text"], [7]]);
  });

  test("is handled as by one who is not registered where the registration is refused", async () => {
    const { fake, anna, answer } = joining();
    fake.join("bob").send(REGISTER);
    anna.send(note(1));
    await answer("room", 1);
    await answer();
    expect(anna.socket.errorCodes).toEqual(["UNAUTHORIZED", "NOT_REGISTERED"]);
  });

  test("is let fall where the answer closes the connection", async () => {
    const { anna, answer } = joining();
    anna.send([note(1), note(2)].join("\n"));
    await answer("full");
    expect(anna.socket.errorCodes).toEqual(["STREAM_LIMIT"]);
  });

  test("does not hold up other members", async () => {
    const { fake, answer } = joining();
    const other = fake.join("anna");
    other.send({ type: "ping", ref: "other" });
    expect(refs(other)).toEqual(["other"]);
    await answer();
  });

  test.each([
    ["in texts of its own", false],
    ["in the same text", true],
  ])("%s ends with the connection that ends itself on the way", async (_where, inOneText) => {
    const fake = new FakeStream();
    fake.users.room = undefined;
    const anna = fake.join("anna");
    const texts = [REGISTER, ...Array.from({ length: 10 }, () => "nonsense"), note(1)];
    for (const text of inOneText ? [texts.join("\n")] : texts) anna.send(text);
    await fake.users.asked[0]?.answer("room");
    expect(anna.socket.closedWith?.code).toBe(4400);
    expect(fake.storage.rows("SELECT offset FROM alerts")).toEqual([]);
  });

  test("is let fall where the session ended meanwhile", async () => {
    const fake = new FakeStream({ AUTH_GRACE_S: "0" });
    fake.users.room = undefined;
    const anna = fake.join("anna", { endsInMs: 1000 });
    for (const text of [REGISTER, `{"type":"note"}`, note(1)]) anna.send(text);
    fake.nowMs += 1000;
    await fake.users.asked[0]?.answer("room");
    expect([anna.socket.errorCodes, anna.socket.closedWith?.code]).toEqual([["TOKEN_EXPIRED"], 4401]);
    const isStored = fake.storage.tables.includes("alerts") && fake.storage.rows("SELECT 1 FROM alerts").length > 0;
    expect(isStored).toBe(false);
  });

  test("keeps the object awake until it was handled", async () => {
    const { fake, anna, answer } = joining();
    anna.send(note(1));
    expect(fake.background).toHaveLength(1);
    await answer();
    await Promise.all(fake.background);
    expect(refs(anna)).toEqual(["r", 1]);
  });
});

describe("a second register that was queued", () => {
  test("is one too many where the first one succeeded", async () => {
    const { anna, answer } = joining();
    anna.send({ type: "register", produces: ["alert"], ref: 2 });
    anna.send(note(3));
    await answer();
    expect(refs(anna)).toEqual(["r", 2, 3]);
    expect(anna.socket.errorCodes).toEqual(["ALREADY_REGISTERED"]);
  });

  test.each([
    ["in the same text", "\n"],
    ["in texts of their own", undefined],
  ])("%s keeps its place among the others where the first one was refused", async (_where, between) => {
    const fake = new FakeStream();
    fake.users.room = undefined;
    const anna = fake.join("anna");
    const texts = [REGISTER, note(1), REGISTER.replace(`"r"`, `"again"`), note(2)];
    if (between === undefined) for (const text of texts) anna.send(text);
    else anna.send(texts.join(between));
    fake.join("bob").send(REGISTER);
    anna.send({ type: "register", streamId: "other", ref: "elsewhere" });
    await fake.users.asked[1]?.answer("room");
    await fake.users.asked[0]?.answer("room");
    expect([refs(anna), anna.socket.errorCodes]).toEqual([
      ["r", 1, "again", 2, "elsewhere"],
      ["UNAUTHORIZED", "NOT_REGISTERED", "UNAUTHORIZED", "NOT_REGISTERED", "INVALID_STREAM_ID"],
    ]);
  });
});

describe("the bounds of what waits", () => {
  test("are 64 messages, and one more ends the connection", async () => {
    const { fake, anna, answer } = joining({ MAX_MESSAGES_PER_S: 1000 });
    for (let number = 1; number <= 64; number += 1) anna.send(note(number));
    expect(anna.socket.closedWith).toBeUndefined();
    anna.send(note(65));
    expect([anna.socket.errorCodes, anna.socket.closedWith?.code]).toEqual([["TOO_LARGE"], 1009]);
    await answer();
    expect(fake.storage.tables).toEqual([]);
  });

  test("drop frames beyond, and the connection stays", async () => {
    const { anna, answer } = joining({ MAX_MESSAGES_PER_S: 1000 });
    for (let number = 1; number <= 64; number += 1) anna.send(note(number));
    anna.sendFrame({ type: "video-frame" });
    anna.send({ type: "video-frame" });
    await answer();
    expect(refs(anna)).toEqual(["r", ...Array.from({ length: 64 }, (_, index) => index + 1)]);
  });

  test("are MAX_MESSAGE_BYTES for one member", async () => {
    const { anna } = joining({ MAX_MESSAGE_BYTES: 1024 });
    const half = JSON.stringify({ type: "note", text: "x".repeat(480) });
    anna.send(half);
    anna.send(half);
    expect(anna.socket.closedWith).toBeUndefined();
    anna.send(note(3));
    expect(anna.socket.closedWith?.code).toBe(1009);
  });

  test("have room again once the answer is there", async () => {
    const { anna, answer } = joining({ MAX_MESSAGES_PER_S: 1000 });
    for (let number = 1; number <= 64; number += 1) anna.send(note(number));
    await answer();
    anna.socket.forgetSent();
    anna.send(note(65));
    expect(refs(anna)).toEqual([65]);
  });

  test("are OBJECT_BUFFER_BYTES for all members together: OVERLOADED for who goes over them", () => {
    const fake = new FakeStream({ MAX_MESSAGE_BYTES: 1024, OBJECT_BUFFER_BYTES: 2048 });
    fake.users.room = undefined;
    const seats = ["anna", "bob", "cleo"].map((name) => fake.join(name));
    for (const seat of seats) seat.send(REGISTER);
    for (const seat of seats) seat.send(JSON.stringify({ type: "note", text: "x".repeat(800) }));
    expect(seats.map(({ socket }) => socket.closedWith?.code)).toEqual([undefined, undefined, 1013]);
  });
});

describe("a member that is joining", () => {
  test("is one until its end, and hands out each message once", () => {
    const all = new Joining(LANES, { memberBytes: 100, totalBytes: 100 });
    const member = memberOf();
    all.begin(member);
    expect([all.has(member), all.keep(member, "a"), all.keep(member, "b")]).toEqual([true, undefined, undefined]);
    expect(all.end(member)).toMatchObject({ rest: { messages: [], bytes: 0 }, queued: ["a", "b"] });
    expect([all.has(member), all.end(member)]).toMatchObject([false, { rest: { messages: [], bytes: 0 }, queued: [] }]);
  });

  test("is none without having begun, and nothing is kept of it", () => {
    const all = new Joining(LANES, { memberBytes: 100, totalBytes: 100 });
    const member = memberOf();
    expect([all.has(member), all.keep(member, "a")]).toEqual([false, undefined]);
    expect(all.end(member)).toMatchObject({ rest: { messages: [], bytes: 0 }, queued: [] });
  });

  test("may fill all its room, and the room of all", () => {
    const all = new Joining(LANES, { memberBytes: 10, totalBytes: 10 });
    const member = memberOf();
    all.begin(member);
    expect([all.keep(member, "x".repeat(10)), all.keep(member, "x")]).toEqual([undefined, "TOO_LARGE"]);
  });
});
