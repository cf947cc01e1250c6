// What an operator sees of a stream, and whom he takes out.
import { describe, expect, test } from "vitest";
import { FakeStream, STREAM_ID } from "../../../support/fake-stream.ts";
import { service } from "../../../support/members.ts";

describe("the view", () => {
  test("of a stream that nobody owns has who waits there", () => {
    const fake = new FakeStream();
    fake.join("anna", { hop: "bridged" });
    expect(fake.stream.operating.view(STREAM_ID)).toEqual({
      streamId: STREAM_ID,
      access: null,
      createdAt: null,
      epoch: "",
      offset: 0,
      members: [
        {
          connectionId: "connection-1",
          userId: "anna",
          senderKind: "user",
          sessionId: "session-of-anna",
          since: fake.nowMs,
          endsAt: fake.nowMs + 3_600_000,
          hop: "bridged",
          registration: undefined,
          waitingBytes: 0,
        },
      ],
      total: 1,
      since: fake.nowMs,
      counters: expect.objectContaining({ connections: 1 }),
    });
  });

  test("has whose it is, who may do what, and how far its log is", () => {
    const fake = new FakeStream();
    const owner = fake.owner({ produces: ["*"] });
    fake.allow({ readers: ["bob"] });
    owner.send({ type: "alert", message: "one" });
    expect(fake.stream.operating.view(STREAM_ID)).toMatchObject({
      access: { owner: "anna", public: false, readers: ["bob"], writers: {}, version: 2 },
      createdAt: fake.nowMs,
      epoch: "id1",
      offset: 1,
    });
  });

  test("has nobody for an owner where nobody is", () => {
    const fake = new FakeStream({ STREAM_POLICY: "open" });
    fake.owner();
    expect(fake.stream.operating.view(STREAM_ID).access?.owner).toBeNull();
  });

  test("has what a member registered, since when it is there, also after a sleep, and what it has not read", () => {
    const fake = new FakeStream();
    const sinceMs = fake.nowMs;
    const seat = fake.owner({ produces: ["*"], consumes: ["alert"] });
    seat.socket.bufferedAmount = 700;
    fake.nowMs += 60_000;
    fake.sleepAndWake();
    expect(fake.stream.operating.view(STREAM_ID).members).toMatchObject([
      { since: sinceMs, registration: { produces: ["*"], consumes: ["alert"] }, waitingBytes: 700 },
    ]);
  });

  test("has programs without a session and without an end", () => {
    const fake = new FakeStream();
    fake.join("", { principal: service("robot"), endsInMs: "never" });
    const [view] = fake.stream.operating.view(STREAM_ID).members;
    expect([view?.userId, view?.senderKind, view?.sessionId, view?.endsAt]).toEqual([
      "svc:robot",
      "service",
      undefined,
      undefined,
    ]);
  });

  test("ends before it is too long, and says how many there are", () => {
    const fake = new FakeStream();
    fake.owner();
    const long = Array.from({ length: 32 }, (_, index) => `type-${index}`.padEnd(64, "x"));
    for (let count = 0; count < 199; count += 1) fake.member("anna", { consumes: long });
    const { members, total } = fake.stream.operating.view(STREAM_ID);
    expect([total, members.length < 200, JSON.stringify(members).length < 270_000]).toEqual([200, true, true]);
  });
});

describe("who is disconnected", () => {
  function crowd() {
    const fake = new FakeStream();
    const seats = [fake.owner(), fake.join("anna"), fake.join("bob")] as const;
    return { fake, codes: () => seats.map(({ socket }) => [socket.errorCodes.at(-1), socket.closedWith?.code]) };
  }

  const OUT = ["UNAUTHORIZED", 1008];
  const STAYS = [undefined, undefined];

  test("is every connection of a user, registered or not", () => {
    const { fake, codes } = crowd();
    const before = codes();
    expect([fake.stream.operating.disconnect({ userId: "anna" }), codes()]).toEqual([2, [OUT, OUT, before[2]]]);
  });

  test("is one connection", () => {
    const { fake, codes } = crowd();
    expect([fake.stream.operating.disconnect({ connectionId: "connection-2" }), codes()]).toEqual([
      1,
      [STAYS, OUT, STAYS],
    ]);
  });

  test("is nobody where nobody is meant", () => {
    const { fake, codes } = crowd();
    expect([fake.stream.operating.disconnect({ userId: "cleo" }), codes()]).toEqual([0, [STAYS, STAYS, STAYS]]);
  });
});
