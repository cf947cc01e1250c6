// Each coming and each going, whichever way: told once, to all who watch, in the right order.
import { describe, expect, test } from "vitest";
import type { Message } from "../../../support/fake-socket.ts";
import { FakeStream, type Seat, STREAM_ID } from "../../../support/fake-stream.ts";

const WATCH = { consumes: ["presence"] };
/** More than any buffer holds. */
const BEHIND_BYTES = 2_000_000;

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

describe("who comes", () => {
  test("Is told to the others, in the words of the snapshot, and not to itself", () => {
    const { fake, watcher } = start();
    const late = fake.join("anna");
    late.register(WATCH);
    const [snapshot] = presenceOf(late);
    expect(presenceOf(watcher)).toEqual([
      {
        type: "presence",
        streamId: STREAM_ID,
        event: "join",
        member: (snapshot?.["members"] as unknown[] | undefined)?.at(-1),
        at: fake.nowMs,
      },
    ]);
    expect(presenceOf(late).map(({ event }) => event)).toEqual(["snapshot"]);
  });

  test("Is told when it registers, not when it connects", () => {
    const { fake, watcher } = start();
    const late = fake.join("anna");
    expect(eventsOf(watcher)).toEqual([]);
    late.register();
    late.register();
    expect(eventsOf(watcher)).toEqual(["join connection-3"]);
  });

  test("Is not told where it was refused", () => {
    const { fake, watcher } = start();
    fake.join("bob").register({ consumes: ["*"] });
    expect(eventsOf(watcher)).toEqual([]);
  });

  // Its end was told before its coming, which then stands for ever.
  test.each(["throws", "is full"])("And whose socket %s on the answer is not there for ever", (how) => {
    const { fake, watcher } = start();
    const late = fake.join("anna");
    if (how === "throws") late.socket.broken = true;
    else late.socket.bufferedAmount = BEHIND_BYTES;
    late.send({ type: "register" });
    late.leave();
    expect(["", "join connection-3 leave connection-3"]).toContain(eventsOf(watcher).join(" "));
  });
});

describe("who goes", () => {
  /** Each way, done to a member of the owner that consumes everything. */
  const WAYS: readonly (readonly [string, (seat: Seat, fake: FakeStream, owner: Seat) => void])[] = [
    ["leaves", (seat) => seat.leave()],
    ["sends too much at once", (seat) => seat.send("x".repeat(1_048_577))],
    [
      "makes one error after the other",
      (seat) => {
        for (let count = 0; count < 10; count += 1) seat.send("no JSON");
      },
    ],
    [
      "is too slow for an alert",
      (seat, _fake, owner) => {
        seat.socket.bufferedAmount = BEHIND_BYTES;
        owner.send({ type: "alert" });
      },
    ],
    [
      "is too slow for an answer",
      (seat) => {
        seat.socket.bufferedAmount = BEHIND_BYTES;
        seat.send({ type: "ping", ref: 1 });
      },
    ],
    [
      "has a socket that throws",
      (seat, _fake, owner) => {
        seat.socket.broken = true;
        owner.send({ type: "note" });
      },
    ],
    [
      "has a session that ends, seen by the alarm",
      (_seat, fake) => {
        fake.nowMs += 60_000;
        fake.stream.sweep();
      },
    ],
    [
      "has a session that ends, seen at a message",
      (_seat, fake, owner) => {
        fake.nowMs += 60_000;
        owner.send({ type: "note" });
      },
    ],
    ["meets a bug", (seat, fake) => fake.stream.fail(seat.socket)],
  ];

  test.each(WAYS)("Is told once, where it %s", (_way, go) => {
    const { fake, owner, watcher } = start();
    const seat = fake.member("anna", { consumes: ["*"] }, { endsInMs: 1000 });
    go(seat, fake, owner);
    seat.leave();
    expect(eventsOf(watcher)).toEqual(["join connection-3", "leave connection-3"]);
    expect(eventsOf(seat)).toEqual([]);
  });

  test.each(WAYS)("Is told once, where it %s after a sleep", (_way, go) => {
    const { fake, owner, watcher } = start();
    const seat = fake.member("anna", { consumes: ["*"] }, { endsInMs: 1000 });
    fake.sleepAndWake();
    go(seat, fake, owner);
    seat.leave();
    expect(eventsOf(watcher)).toEqual(["join connection-3", "leave connection-3"]);
  });

  test("Is told in the words in which it came", () => {
    const { fake, watcher } = start();
    fake.member("anna", { clientType: "phone", consumes: ["*"] }).leave();
    const [join, leave] = presenceOf(watcher);
    expect(leave).toEqual({ ...join, event: "leave" });
  });

  test("Is not told where it never registered", () => {
    const { fake, watcher } = start();
    fake.join("anna").leave();
    expect(watcher.socket.sent).toEqual([]);
  });

  test("Is told where an access change takes its right, and again where it comes back", () => {
    const { fake, watcher } = start();
    fake.allow({ readers: ["bob"] });
    const bob = fake.member("bob", { consumes: ["*"] });
    fake.allow({ readers: [] });
    bob.leave();
    fake.allow({ readers: ["bob"] });
    fake.member("bob", { consumes: ["*"] });
    expect(eventsOf(watcher)).toEqual(["join connection-3", "leave connection-3", "join connection-4"]);
  });

  test("Is told where a claim takes its right, to those whose stream it is now", () => {
    const fake = new FakeStream();
    const watcher = fake.member("anna", WATCH);
    fake.member("bob", { consumes: ["*"] });
    fake.owner();
    expect(eventsOf(watcher)).toEqual(["leave connection-2", "join connection-3"]);
  });

  test("Is not told to watchers that a claim turned away", () => {
    const fake = new FakeStream();
    const [bob] = [fake.member("bob", WATCH), fake.member("cleo", WATCH)];
    fake.owner();
    expect(presenceOf(bob)).toEqual([]);
    expect(bob.socket.errorCodes).toEqual(["UNAUTHORIZED"]);
  });

  test("Is told to nobody where the whole stream is deleted", () => {
    const { fake, watcher } = start();
    fake.erase();
    expect(watcher.socket.messages).toMatchObject([{ type: "error", code: "NOT_FOUND" }]);
  });

  test("Is told once where it is found gone while the going of another is told", () => {
    const { fake, watcher } = start();
    const brief = { endsInMs: 1000 };
    fake.member("anna", {}, brief);
    fake.member("anna", WATCH, brief).socket.bufferedAmount = BEHIND_BYTES;
    watcher.socket.forgetSent();
    fake.nowMs += 60_000;
    fake.stream.sweep();
    expect([...eventsOf(watcher)].toSorted()).toEqual(["leave connection-3", "leave connection-4"]);
  });

  test("Is told to the watchers behind one whose own socket throws on it, and so is that one", () => {
    const { fake, watcher } = start();
    const broken = fake.member("anna", WATCH);
    const last = fake.member("anna", WATCH);
    watcher.socket.forgetSent();
    broken.socket.broken = true;
    fake.member("anna", {});
    for (const seat of [watcher, last])
      expect([...eventsOf(seat)].toSorted()).toEqual(["join connection-5", "leave connection-3"]);
  });
});
