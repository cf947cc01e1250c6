// Who comes and goes: told once each, to those who ask for it and may know, and to nobody else.
import { describe, expect, test } from "vitest";
import type { Principal } from "../../../../auth/principal.ts";
import type { Message } from "../../../support/fake-socket.ts";
import { FakeStream, type JoinOptions, type Seat, STREAM_ID } from "../../../support/fake-stream.ts";
import { service, user } from "../../../support/members.ts";

const WATCH = { consumes: ["presence"] };

/** A stream with its owner's camera, and a connection of the owner that watches who comes and goes. */
function start(variables = {}) {
  const fake = new FakeStream(variables);
  const owner = fake.owner();
  const watcher = fake.member("anna", WATCH);
  return { fake, owner, watcher };
}

function presenceOf({ socket }: Seat): readonly Message[] {
  return socket.ofType("presence");
}

/** The events without their snapshots, each with the connection it is about. */
function eventsOf(seat: Seat): readonly string[] {
  return presenceOf(seat)
    .filter(({ event }) => event !== "snapshot")
    .map(({ event, member }) => `${String(event)} ${(member as { connectionId: string }).connectionId}`);
}

/** A connection that registers and whose every answer is still unread. */
function watchAs(fake: FakeStream, userId: string, options: JoinOptions = {}, message = WATCH): Seat {
  const seat = fake.join(userId, options);
  seat.register(message);
  return seat;
}

describe("the snapshot", () => {
  test("Says who is there, itself included, behind the answer to its register", () => {
    const fake = new FakeStream();
    fake.owner({ clientType: "camera", produces: ["*"] });
    const watcher = watchAs(fake, "anna");
    const anna = { userId: "anna", senderKind: "user" };
    expect(watcher.socket.messages.slice(1)).toEqual([
      {
        type: "presence",
        streamId: STREAM_ID,
        event: "snapshot",
        members: [
          { connectionId: "connection-1", ...anna, clientType: "camera", produces: ["*"], consumes: [] },
          { connectionId: "connection-2", ...anna, produces: [], consumes: ["presence"] },
        ],
        total: 2,
        at: fake.nowMs,
      },
    ]);
  });

  test("Says nothing of connections that have not registered", () => {
    const { fake } = start();
    fake.join("anna");
    expect(presenceOf(watchAs(fake, "anna"))).toMatchObject([{ total: 3, members: { length: 3 } }]);
  });

  test("Names programs as what they are", () => {
    const { fake } = start();
    fake.member("", { consumes: ["*"] }, { principal: service("robot", { operations: ["read"], streams: ["*"] }) });
    expect(presenceOf(watchAs(fake, "anna"))[0]?.["members"]).toContainEqual(
      expect.objectContaining({ userId: "svc:robot", senderKind: "service" }),
    );
  });

  test("Holds no session, and nothing else that others need not know", () => {
    const { fake } = start();
    expect(JSON.stringify(presenceOf(watchAs(fake, "anna")))).not.toMatch(/session|token|grants|hop|endsAt/i);
  });

  test("Comes behind what is replayed", () => {
    const { fake, owner } = start();
    owner.send({ type: "alert" });
    const message = { consumes: ["*", "presence"], resume: { epoch: "", offset: 0 } };
    const watcher = watchAs(fake, "anna", {}, message);
    expect(watcher.socket.messages.map(({ type }) => type)).toEqual(["success", "alert", "presence"]);
  });

  /** The longest that one may declare. */
  const long = Array.from({ length: 32 }, (_, index) => `type-${index}`.padEnd(64, "x"));

  test("Ends where it would be too long, and still says how many there are", () => {
    const { fake } = start();
    for (let count = 0; count < 98; count += 1) fake.member("anna", { produces: long, consumes: long });
    const watcher = watchAs(fake, "anna");
    const [snapshot] = presenceOf(watcher);
    const listed = (snapshot?.["members"] as unknown[] | undefined)?.length;
    expect(snapshot).toMatchObject({ total: 101 });
    expect(listed).toBeGreaterThan(50);
    expect(listed).toBeLessThan(101);
    expect(String(watcher.socket.texts.at(-1)).length).toBeLessThan(262_144 + 1000);
  });

  // A resume is measured against the consumer's buffer before it is sent; this list is not.
  test("Does not close who asked for it where it is longer than his buffer", () => {
    const { fake } = start({ CONSUMER_BUFFER_BYTES: "16384" });
    for (let count = 0; count < 4; count += 1) fake.member("anna", { produces: long, consumes: long });
    const watcher = fake.join("anna");
    watcher.socket.stalled = true;
    watcher.register(WATCH);
    expect(watcher.socket.closedWith).toBeUndefined();
  });
});

describe("who may know", () => {
  const READ_AND_WRITE = service("robot", { operations: ["read", "write"], streams: ["*"] });
  const READ = service("robot", { operations: ["read"], streams: ["*"] });

  test.each<readonly [string, Principal, Record<string, unknown>, boolean]>([
    ["the owner", user("anna"), {}, true],
    ["a reader", user("bob"), { readers: ["bob"] }, false],
    ["anybody, where all may read", user("bob"), { public: true }, false],
    ["a writer who may read", user("bob"), { readers: ["bob"], writers: { bob: ["*"] } }, true],
    ["a writer of one type who may read", user("bob"), { public: true, writers: { bob: ["alert"] } }, true],
    ["a service that may read and write", READ_AND_WRITE, {}, true],
    ["a service that may read", READ, {}, false],
  ])("Is %s: %3$s", (_who, principal, list, knows) => {
    const { fake } = start();
    fake.allow(list);
    const seat = watchAs(fake, "", { principal });
    const other = fake.member("anna", {});
    other.leave();
    expect(seat.socket.messages[0]).toMatchObject({ type: "success" });
    const events = knows ? ["snapshot", "join", "leave"] : [];
    expect(presenceOf(seat).map(({ event }) => event)).toEqual(events);
  });

  test.each([["*"], ["video-frame"], []])("Is nobody who did not name it, such as who consumes %j", (...consumes) => {
    const { fake } = start();
    const seat = watchAs(fake, "anna", {}, { consumes });
    fake.member("anna", {});
    expect(presenceOf(seat)).toEqual([]);
  });

  test("Is a writer who may not read, and who then gets nothing else", () => {
    const { fake, owner } = start();
    fake.allow({ writers: { bob: ["alert"] } });
    const writer = watchAs(fake, "bob");
    expect(presenceOf(writer).map(({ event }) => event)).toEqual(["snapshot"]);
    owner.send({ type: "note" });
    expect(writer.socket.ofType("note")).toEqual([]);
    const reading = fake.join("bob");
    expect(reading.register({ consumes: ["presence", "note"] })).toMatchObject({ code: "UNAUTHORIZED" });
  });

  test("Is nobody who may only read, nor may such a one register for it alone", () => {
    const { fake } = start();
    fake.allow({ readers: ["bob"] });
    expect(presenceOf(watchAs(fake, "bob"))).toEqual([]);
    expect(fake.join("eve").register(WATCH)).toMatchObject({ code: "UNAUTHORIZED" });
  });

  test("Is everybody on a stream that is open to all, once it exists", () => {
    const fake = new FakeStream({ STREAM_POLICY: "open" });
    const early = watchAs(fake, "bob");
    expect(presenceOf(early)).toEqual([]);
    fake.owner();
    expect(presenceOf(watchAs(fake, "cleo"))).toMatchObject([{ event: "snapshot", total: 3 }]);
    expect(eventsOf(early)).toEqual(["join connection-2", "join connection-3"]);
  });

  test("Is nobody on a stream that nobody owns", () => {
    const fake = new FakeStream();
    const [first, second] = [watchAs(fake, "anna"), watchAs(fake, "anna")];
    second.leave();
    expect(presenceOf(first)).toEqual([]);
  });

  // Who is an admin of a stream is not asked whether there is one.
  test("Is no admin either on a stream that nobody owns", () => {
    const fake = new FakeStream();
    fake.member("anna", { consumes: ["*"] });
    expect(presenceOf(watchAs(fake, "", { principal: { ...service("ops"), adminOf: ["*"] } }))).toEqual([]);
  });

  test("Learns nothing any more once the right is taken away, and something again once it is given back", () => {
    const { fake } = start();
    const list = { readers: ["bob"], writers: { bob: ["*"] } };
    fake.allow(list);
    const bob = fake.member("bob", WATCH);
    fake.allow({ writers: {} });
    fake.member("anna", {});
    expect(bob.socket.sent).toEqual([]);
    fake.allow(list);
    const back = fake.member("anna", {});
    back.leave();
    expect(eventsOf(bob)).toEqual(["join connection-5", "leave connection-5"]);
  });

  // What happened meanwhile was not told, and nothing says that the list is to be asked for again.
  test.each([
    ["given back", { readers: ["bob"], writers: {} }],
    ["given for the first time", { readers: ["bob"] }],
  ])("Gets a snapshot when the right is %s", (_how, before) => {
    const { fake } = start();
    fake.allow(before);
    const bob = fake.member("bob", WATCH);
    fake.member("anna", {});
    fake.allow({ writers: { bob: ["*"] } });
    expect(presenceOf(bob)).toMatchObject([{ event: "snapshot", total: 4 }]);
  });

  // The same from the other side: his dashboard was open before his camera came.
  test("Gets a snapshot when the stream becomes his", () => {
    const fake = new FakeStream();
    const early = [watchAs(fake, "anna"), watchAs(fake, "anna")];
    fake.owner();
    for (const seat of early) expect(presenceOf(seat)).toMatchObject([{ event: "snapshot" }, { event: "join" }]);
  });
});

// Asked before a frame is relayed and before a notice, since the alarm that ends a session may be late; not before this.
test("A watcher whose session is over learns nothing any more, however late the alarm is", () => {
  const { fake } = start();
  const watcher = fake.member("anna", WATCH, { endsInMs: 1000 });
  fake.nowMs += 60_000;
  fake.member("anna", {});
  expect(eventsOf(watcher)).toEqual([]);
});

test("A watcher that is closing is sent nothing and makes no trouble", () => {
  const { fake, watcher } = start();
  watcher.socket.close(1000, "");
  fake.member("anna", {});
  expect(watcher.socket.sent).toEqual([]);
});

test("Watching goes on after a sleep, without another snapshot", () => {
  const { fake, watcher } = start();
  fake.sleepAndWake();
  fake.member("anna", {}).leave();
  expect(presenceOf(watcher).map(({ event }) => event)).toEqual(["join", "leave"]);
});
