// Connections on their way into a stream: the user's object is asked, and what changes meanwhile counts.
import { describe, expect, test } from "vitest";
import type { Handoff } from "../../../../connection/handoff.ts";
import type { Admittance } from "../../../../durable-objects/user/admitting.ts";
import { FakeSocket } from "../../../support/fake-socket.ts";
import { FakeStream, STREAM_ID } from "../../../support/fake-stream.ts";
import { service, user } from "../../../support/members.ts";
import { holder } from "../../../support/tickets.ts";

/** As the stream's object does it: asked, then decided and joined in one step. */
async function come(fake: FakeStream, handoff: Handoff) {
  const refusal = (await fake.stream.entering.arrive(handoff)) ?? fake.stream.entering.admission(handoff);
  const socket = new FakeSocket();
  if (refusal === undefined) fake.stream.join(socket, handoff);
  return { refusal, socket };
}

/** The user's object answers when the test says so. */
function waiting(fake: FakeStream) {
  const { promise, resolve } = Promise.withResolvers<Admittance>();
  fake.users.admittance = promise;
  return resolve;
}

const SESSION_OF_ANNA = { userId: "anna", sessionId: "session-of-anna", issuedBeforeS: 2_000_000_000 };

describe("a user's connection", () => {
  test.each([
    ["admitted", undefined],
    ["revoked", "SESSION_REVOKED"],
    ["full", "CONNECTION_LIMIT"],
    ["unreachable", "OVERLOADED"],
  ] as const)("that is %s by his object is answered %s", async (admittance, refusal) => {
    const fake = new FakeStream();
    fake.users.admittance = admittance;
    expect((await come(fake, fake.handoff("anna"))).refusal).toBe(refusal);
  });

  test("is asked for by its own id, at his object", async () => {
    const fake = new FakeStream();
    await come(fake, fake.handoff("anna"));
    expect(fake.users.askedFor).toEqual([{ userId: "anna", connectionId: "connection-1" }]);
  });

  test("is said to be on this stream; one by a ticket for as long as it may live, the grace included, so that it counts as nobody's", async () => {
    const fake = new FakeStream();
    const anna = fake.owner();
    await come(fake, fake.handoff("anna"));
    const order = { operations: ["read"], uses: 1, expiresAtMs: fake.nowMs + 1000 } as const;
    const entry = fake.stream.tickets.mint(user("anna"), STREAM_ID, order);
    if (entry.kind === "fault") throw new Error(entry.code);
    const { ticketId, epoch } = entry;
    const principal = holder({ streamId: STREAM_ID, ticketId, epoch, userId: "anna" });
    expect((await come(fake, fake.handoff("anna", { principal, endsInMs: 5000 }))).refusal).toBeUndefined();
    expect(fake.users.places).toEqual([
      { kind: "stream", streamId: STREAM_ID },
      { kind: "ticket", streamId: STREAM_ID, untilMs: fake.nowMs + 35_000 },
    ]);
    expect(anna.socket.closedWith).toBeUndefined();
  });

  test("that has no right is not asked for", async () => {
    const fake = new FakeStream();
    fake.owner();
    expect([(await come(fake, fake.handoff("bob"))).refusal, fake.users.askedFor]).toEqual(["UNAUTHORIZED", []]);
  });

  test("has no right any more where the stream became another's meanwhile", async () => {
    const fake = new FakeStream();
    const answer = waiting(fake);
    const coming = come(fake, fake.handoff("bob"));
    fake.owner();
    answer("admitted");
    expect((await coming).refusal).toBe("UNAUTHORIZED");
  });

  test("finds the last place taken where another took it meanwhile", async () => {
    const fake = new FakeStream({ MAX_MEMBERS_PER_STREAM: 1 });
    const answer = waiting(fake);
    const both = [come(fake, fake.handoff("anna")), come(fake, fake.handoff("anna"))];
    answer("admitted");
    expect((await Promise.all(both)).map(({ refusal }) => refusal)).toEqual([undefined, "STREAM_FULL"]);
  });

  test("is refused where it was revoked while it waited, though it was admitted before", async () => {
    const fake = new FakeStream();
    const answer = waiting(fake);
    const coming = come(fake, fake.handoff("anna"));
    fake.stream.endSessions(SESSION_OF_ANNA, 300_000);
    answer("admitted");
    expect((await coming).refusal).toBe("SESSION_REVOKED");
  });

  test("is refused where it had to give way while it waited", async () => {
    const fake = new FakeStream();
    const answer = waiting(fake);
    const coming = come(fake, fake.handoff("anna"));
    fake.stream.giveWay("connection-1");
    answer("admitted");
    expect((await coming).refusal).toBe("CONNECTION_LIMIT");
  });
});

test("A program is not asked for", async () => {
  const fake = new FakeStream();
  fake.users.admittance = "unreachable";
  const handoff = fake.handoff("", { principal: service("robot"), endsInMs: "never" });
  expect([(await come(fake, handoff)).refusal, fake.users.askedFor]).toEqual([undefined, []]);
});

describe("which connections are live", () => {
  const ALL = ["connection-1", "connection-2"];

  test("are members, and who is on the way in", async () => {
    const fake = new FakeStream();
    await come(fake, fake.handoff("anna"));
    const answer = waiting(fake);
    const coming = come(fake, fake.handoff("anna"));
    expect(fake.stream.whichLive([...ALL, "connection-3"])).toEqual(ALL);
    answer("admitted");
    await coming;
    expect(fake.stream.whichLive(ALL)).toEqual(ALL);
  });

  test("is nobody who was refused, by whomever", async () => {
    const fake = new FakeStream();
    fake.users.admittance = "full";
    await come(fake, fake.handoff("anna"));
    const answer = waiting(fake);
    const coming = come(fake, fake.handoff("bob"));
    fake.owner();
    answer("admitted");
    await coming;
    expect(fake.stream.whichLive(ALL)).toEqual([]);
  });

  test("is nobody who left, or was closed", async () => {
    const fake = new FakeStream();
    const { socket } = await come(fake, fake.handoff("anna"));
    await come(fake, fake.handoff("anna"));
    fake.stream.leave(socket);
    fake.stream.giveWay("connection-2");
    expect(fake.stream.whichLive(ALL)).toEqual([]);
  });

  test("is nobody whose request the platform dropped on the way", () => {
    const fake = new FakeStream();
    waiting(fake);
    void fake.stream.entering.arrive(fake.handoff("anna"));
    fake.nowMs += 9999;
    expect(fake.stream.whichLive(ALL)).toEqual(["connection-1"]);
    fake.nowMs += 1;
    expect(fake.stream.whichLive(ALL)).toEqual([]);
  });
});

test("Who gives way is told, and the others stay", async () => {
  const fake = new FakeStream();
  const { socket: older } = await come(fake, fake.handoff("anna"));
  const { socket: newer } = await come(fake, fake.handoff("anna"));
  fake.stream.giveWay("connection-1");
  fake.stream.giveWay("nobody");
  expect([older.errorCodes, older.closedWith?.code, newer.closedWith]).toEqual([["CONNECTION_LIMIT"], 4429, undefined]);
});
