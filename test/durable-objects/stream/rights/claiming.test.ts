// A claim and the list of its user: asked before anything changes, told what came of it, in the order in which it came.
import { describe, expect, test } from "vitest";
import { Claiming, NEEDS_ROOM, type Room } from "../../../../durable-objects/stream/rights/claiming.ts";
import { FakeStream, STREAM_ID } from "../../../support/fake-stream.ts";
import { FakeUsers } from "../../../support/fake-users.ts";
import { user } from "../../../support/members.ts";

const PRODUCER = { type: "register", produces: ["*"] };

function owners(fake: FakeStream): readonly unknown[] {
  if (!fake.storage.tables.includes("stream")) return [];
  return fake.storage.rows("SELECT owner_id FROM stream").map((row) => row["owner_id"]);
}

describe("work that needs no room", () => {
  test("is done at once and tells nobody", () => {
    const users = new FakeUsers();
    const claiming = new Claiming(users, () => "anna");
    expect([claiming.attempt("anna", STREAM_ID, () => "done"), users.told]).toEqual(["done", []]);
  });
});

describe("work that needs room", () => {
  test("is done a second time, with the answer", () => {
    const seen: (Room | undefined)[] = [];
    const claiming = new Claiming(new FakeUsers(), () => "anna");
    const result = claiming.attempt("anna", STREAM_ID, (room) => {
      seen.push(room);
      return room === undefined ? NEEDS_ROOM : "done";
    });
    expect([result, seen]).toEqual(["done", [undefined, "room"]]);
  });

  test.each([
    ["anna", "owned"],
    ["bob", "not owned"],
    [undefined, "not owned"],
  ])("tells the list of anna, where the stream is on the account of %j: %s", (ownerId, event) => {
    const users = new FakeUsers();
    void new Claiming(users, () => ownerId).attempt("anna", STREAM_ID, (room) =>
      room === undefined ? NEEDS_ROOM : room,
    );
    expect(users.told).toEqual([
      { event: "expect", userId: "anna", streamId: STREAM_ID },
      { event, userId: "anna", streamId: STREAM_ID },
    ]);
  });

  test.each(["full", "unreachable"] as const)("says nothing to a list that was %s, since it noted nothing", (room) => {
    const users = new FakeUsers();
    users.room = room;
    void new Claiming(users, () => "anna").attempt("anna", STREAM_ID, (answer) => answer ?? NEEDS_ROOM);
    expect(users.told.map(({ event }) => event)).toEqual(["expect"]);
  });

  test("leaves the list unsure where it throws, so that the stream is asked later", () => {
    const users = new FakeUsers();
    const work = (room: Room | undefined): typeof NEEDS_ROOM => {
      if (room === undefined) return NEEDS_ROOM;
      throw new Error("disk full");
    };
    expect(() => new Claiming(users, () => "anna").attempt("anna", STREAM_ID, work)).toThrow("disk full");
    expect(users.told.map(({ event }) => event)).toEqual(["expect"]);
  });

  test("that still does not know whether there is room is a bug", () => {
    const claiming = new Claiming(new FakeUsers(), () => "anna");
    expect(() => claiming.attempt("anna", STREAM_ID, () => NEEDS_ROOM)).toThrow("whether there is room");
  });
});

describe("a claim at a list", () => {
  test("that is full is STREAM_LIMIT, ends the connection and leaves the stream unclaimed", () => {
    const fake = new FakeStream();
    fake.users.room = "full";
    const anna = fake.join("anna");
    anna.send({ ...PRODUCER, ref: 7 });
    expect(anna.socket.errorCodes).toEqual(["STREAM_LIMIT"]);
    expect([anna.socket.closedWith?.code, fake.storage.tables]).toEqual([4429, []]);
  });

  test("that cannot be reached is OVERLOADED, which may pass, and leaves the stream unclaimed", () => {
    const fake = new FakeStream();
    fake.users.room = "unreachable";
    const anna = fake.join("anna");
    anna.send(PRODUCER);
    expect(anna.socket.messages).toMatchObject([{ code: "OVERLOADED", temporary: true }]);
    expect([anna.socket.closedWith?.code, fake.storage.tables]).toEqual([1013, []]);
  });

  test("is asked for before anything is stored", () => {
    const fake = new FakeStream();
    fake.users.room = undefined;
    const anna = fake.join("anna");
    anna.send(PRODUCER);
    expect([fake.storage.tables, anna.socket.sent]).toEqual([[], []]);
  });

  test("is not asked for by who only reads, nor by who owns the stream already", () => {
    const fake = new FakeStream();
    fake.member("anna", { consumes: ["*"] });
    expect(fake.users.told).toEqual([]);
    fake.owner();
    fake.owner();
    expect(fake.users.told.map(({ event }) => event)).toEqual(["expect", "owned"]);
  });

  test("is not asked for by who may not claim", () => {
    const fake = new FakeStream();
    fake.owner();
    fake.users.told.length = 0;
    fake.join("bob").register({ produces: ["*"] });
    expect(fake.users.told).toEqual([]);
  });
});

test("Twenty users who register at once on a new stream leave one owner: who was answered first", async () => {
  const fake = new FakeStream();
  fake.users.room = undefined;
  const names = Array.from({ length: 20 }, (_, index) => `user-${index}`);
  const seats = names.map((name) => fake.join(name));
  for (const seat of seats) seat.send(PRODUCER);
  for (const { answer } of fake.users.asked.toReversed()) await answer("room");
  expect(owners(fake)).toEqual(["user-19"]);
  expect(seats.map(({ socket }) => socket.messages[0]?.["code"] ?? "owner")).toEqual([
    ...names.slice(1).map(() => "UNAUTHORIZED"),
    "owner",
  ]);
  const settled = fake.users.told.filter(({ event }) => event !== "expect");
  expect(settled.map(({ event, userId }) => [event, userId])).toEqual(
    names.toReversed().map((name) => [name === "user-19" ? "owned" : "not owned", name]),
  );
});

describe("a PUT of the access list", () => {
  test("that claims asks the list too, and answers when it knows", async () => {
    const fake = new FakeStream();
    fake.users.room = undefined;
    const change = fake.stream.managing.changeAccess(user("anna"), STREAM_ID, { public: true }, () => fake.nowMs);
    expect([change, owners(fake)]).toEqual([expect.any(Promise), []]);
    await fake.users.asked[0]?.answer("room");
    expect(await change).toMatchObject({ owner: "anna", public: true, version: 2 });
    expect(fake.users.told.map(({ event }) => event)).toEqual(["expect", "owned"]);
  });

  test.each([
    ["full", "STREAM_LIMIT"],
    ["unreachable", "OVERLOADED"],
  ] as const)("where the list is %s is %s and claims nothing", (room, code) => {
    const fake = new FakeStream();
    fake.users.room = room;
    const change = fake.stream.managing.changeAccess(user("anna"), STREAM_ID, {}, () => fake.nowMs);
    expect([change, owners(fake)]).toEqual([expect.objectContaining({ code }), []]);
  });

  test.each([
    ["a change that is none", { readers: 7 }, "BAD_REQUEST"],
    ["another owner", { owner: "bob" }, "CONFLICT"],
    ["a version that is not the current one", { version: 3 }, "CONFLICT"],
  ])("with %s asks nobody for room", (_what, body, code) => {
    const fake = new FakeStream();
    expect(fake.stream.managing.changeAccess(user("anna"), STREAM_ID, body, () => fake.nowMs)).toMatchObject({ code });
    expect(fake.users.told).toEqual([]);
  });

  test("by the owner asks nobody for room", () => {
    const fake = new FakeStream();
    fake.owner();
    fake.users.told.length = 0;
    expect(fake.stream.managing.changeAccess(user("anna"), STREAM_ID, {}, () => fake.nowMs)).toMatchObject({
      version: 2,
    });
    expect(fake.users.told).toEqual([]);
  });
});

describe("a deletion", () => {
  test("makes the list unsure first, and takes the stream off it after", () => {
    const fake = new FakeStream();
    fake.owner();
    fake.users.told.length = 0;
    expect(fake.stream.managing.erase(user("anna"), STREAM_ID)).toBeUndefined();
    expect(fake.users.told.map(({ event, userId }) => [event, userId])).toEqual([
      ["expect", "anna"],
      ["not owned", "anna"],
    ]);
  });

  test("that cannot make the list unsure deletes nothing", () => {
    const fake = new FakeStream();
    const owner = fake.owner();
    fake.users.room = "unreachable";
    expect(fake.stream.managing.erase(user("anna"), STREAM_ID)).toMatchObject({ code: "OVERLOADED" });
    expect([owners(fake), owner.socket.closedWith]).toEqual([["anna"], undefined]);
  });

  test("of a stream that an earlier release made needs no room in a list that is full", () => {
    const fake = new FakeStream();
    fake.owner();
    fake.users.room = "full";
    expect(fake.stream.managing.erase(user("anna"), STREAM_ID)).toBeUndefined();
    expect(fake.storage.tables).toEqual([]);
  });

  test("by a stranger asks nobody", () => {
    const fake = new FakeStream();
    fake.owner();
    fake.users.told.length = 0;
    expect(fake.stream.managing.erase(user("bob"), STREAM_ID)).toMatchObject({ code: "UNAUTHORIZED" });
    expect(fake.users.told).toEqual([]);
  });
});

describe("with STREAM_POLICY=open", () => {
  test("nobody's list is asked, since nobody owns", () => {
    const fake = new FakeStream({ STREAM_POLICY: "open" });
    fake.users.room = "full";
    expect(fake.owner().socket.closedWith).toBeUndefined();
    expect(fake.users.told.filter(({ event }) => event === "expect")).toEqual([]);
  });

  test("nobody claims by the access list, which stays the operator's", () => {
    const fake = new FakeStream({ STREAM_POLICY: "open" });
    expect(fake.stream.managing.changeAccess(user("anna"), STREAM_ID, {}, () => fake.nowMs)).toMatchObject({
      code: "NOT_FOUND",
    });
    expect(fake.storage.tables).toEqual([]);
  });
});

test("A stream says on whose account it is, and on nobody's before its claim and after its end", () => {
  const fake = new FakeStream();
  const isOn = (): readonly boolean[] => ["anna", "bob", ""].map((userId) => fake.stream.isOnAccountOf(userId));
  expect(isOn()).toEqual([false, false, false]);
  fake.owner();
  expect(isOn()).toEqual([true, false, false]);
  expect(fake.stream.managing.erase(user("anna"), STREAM_ID)).toBeUndefined();
  expect(isOn()).toEqual([false, false, false]);
});
