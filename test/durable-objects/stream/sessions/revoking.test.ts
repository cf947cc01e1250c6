// A revocation, as a stream hears of it: whose sockets close, when, and how a grace outlives a sleep.
import { describe, expect, test } from "vitest";
import { FakeStream, type Seat } from "../../../support/fake-stream.ts";
import { service, user } from "../../../support/members.ts";
import { holder } from "../../../support/tickets.ts";

const GRACE_MS = 60_000;

/** What was vouched for by now. */
function revocationOf(fake: FakeStream, sessionId?: string) {
  return { userId: "anna", sessionId, issuedBeforeS: Math.floor(fake.nowMs / 1000) };
}

const endOf = ({ socket }: Seat) => [socket.errorCodes, socket.closedWith?.code];
const REVOKED = [["SESSION_REVOKED"], 4410];
const STAYS = [[], undefined];

describe("members of a user who is revoked", () => {
  test("are told and closed, registered or not, by whatever hop", () => {
    const fake = new FakeStream();
    const seats = [fake.owner(), fake.join("anna"), fake.join("anna", { hop: "bridged" })];
    fake.stream.endSessions(revocationOf(fake), 0);
    expect(seats.map(endOf)).toEqual([REVOKED, REVOKED, REVOKED]);
  });

  test("are closed after a sleep as well", () => {
    const fake = new FakeStream();
    const seat = fake.owner();
    fake.sleepAndWake();
    fake.stream.endSessions(revocationOf(fake), 0);
    expect(endOf(seat)).toEqual(REVOKED);
  });

  test("stay where they are of another session, or were vouched for later", () => {
    const fake = new FakeStream();
    const word = revocationOf(fake, "session-of-anna");
    const other = fake.join("anna", { principal: { kind: "user", userId: "anna", sessionId: "other" } });
    fake.nowMs += 1000;
    const later = fake.join("anna");
    fake.stream.endSessions(word, 0);
    expect([other, later].map(endOf)).toEqual([STAYS, STAYS]);
  });
});

test("Others stay, whatever their sessions are called, and programs do", () => {
  const fake = new FakeStream();
  const seats = [
    fake.join("bob", { principal: { kind: "user", userId: "bob", sessionId: "session-of-anna" } }),
    fake.join("", { principal: service("anna"), endsInMs: "never" }),
  ];
  for (const sessionId of [undefined, "session-of-anna"]) fake.stream.endSessions(revocationOf(fake, sessionId), 0);
  expect(seats.map(endOf)).toEqual([STAYS, STAYS]);
});

test("Who comes with a revoked session within the next minute is refused, and not after it: his object knows", () => {
  const fake = new FakeStream();
  const handoff = fake.handoff("anna");
  fake.stream.endSessions(revocationOf(fake), 0);
  fake.nowMs += 59_999;
  expect(fake.stream.entering.admission(handoff)).toBe("SESSION_REVOKED");
  fake.nowMs += 1;
  expect(fake.stream.entering.admission(handoff)).toBeUndefined();
});

test("Of many words each holds for who comes", () => {
  const fake = new FakeStream();
  const handoffs = ["anna", "bob"].map((userId) => fake.handoff(userId));
  fake.stream.endSessions(revocationOf(fake), 0);
  fake.stream.endSessions({ ...revocationOf(fake), userId: "bob" }, 0);
  const refusals = handoffs.map((handoff) => fake.stream.entering.admission(handoff));
  expect(refusals).toEqual(["SESSION_REVOKED", "SESSION_REVOKED"]);
});

describe("a grace", () => {
  function revoked(variables = {}) {
    const fake = new FakeStream(variables);
    const seat = fake.owner();
    fake.stream.endSessions(revocationOf(fake), GRACE_MS);
    return { fake, seat };
  }

  test("is told to members at once, as what they may still renew, and once", () => {
    const { fake, seat } = revoked();
    const expiresAt = fake.nowMs + GRACE_MS;
    const told = { type: "auth-expiring", expiresAt };
    expect(seat.socket.messages).toEqual([told]);
    fake.sleepAndWake();
    fake.stream.sweep();
    expect(seat.socket.messages).toEqual([told]);
  });

  test("is not told to who holds a ticket, as no token renews it, and ends it all the same", () => {
    const fake = new FakeStream();
    fake.owner();
    const seat = fake.join("anna", { principal: holder({ userId: "anna" }) });
    fake.stream.endSessions(revocationOf(fake), GRACE_MS);
    expect(seat.socket.sent).toEqual([]);
    fake.nowMs += GRACE_MS;
    fake.stream.sweep();
    expect(endOf(seat)).toEqual(REVOKED);
  });

  test("has an alarm of its own, where none is set before", () => {
    const fake = new FakeStream();
    // Behind a bridge, so that none is set to look whether it is still there.
    fake.join("anna", { hop: "bridged" });
    fake.stream.endSessions(revocationOf(fake), GRACE_MS);
    expect(fake.alarmAtMs).toBe(fake.nowMs + GRACE_MS);
  });

  test("lets members stay and work, and ends with the alarm", () => {
    const { fake, seat } = revoked();
    fake.nowMs += GRACE_MS - 1;
    seat.send({ type: "alert", message: "still here", ref: 1 });
    expect(seat.socket.ofType("success")).toHaveLength(1);
    fake.ring();
    expect(endOf(seat)).toEqual(REVOKED);
  });

  test("ends with the next message, should the alarm be late", () => {
    const { fake, seat } = revoked();
    fake.nowMs += GRACE_MS;
    seat.send({ type: "alert", message: "too late" });
    expect([endOf(seat), fake.storage.rows("SELECT * FROM alerts")]).toEqual([REVOKED, []]);
  });

  test("ends with the next message for it", () => {
    const fake = new FakeStream();
    const camera = fake.owner({ produces: ["*"] });
    const reader = fake.member("anna", { consumes: ["*"] }, { principal: { ...user("anna"), sessionId: "other" } });
    fake.stream.endSessions(revocationOf(fake, "other"), GRACE_MS);
    fake.nowMs += GRACE_MS;
    camera.send({ type: "alert", message: "who reads this?" });
    expect(endOf(reader)).toEqual(REVOKED);
  });

  test("outlives a sleep", () => {
    const { fake, seat } = revoked();
    fake.sleepAndWake();
    fake.nowMs += GRACE_MS;
    fake.stream.sweep();
    expect(endOf(seat)).toEqual(REVOKED);
  });

  test("sets the alarm anew after an earlier one", () => {
    const { fake, seat } = revoked();
    fake.nowMs += 10_000;
    fake.stream.sweep();
    fake.ring();
    expect(endOf(seat)).toEqual(REVOKED);
  });

  test("is not the end where the session ends before", () => {
    const fake = new FakeStream({ AUTH_GRACE_S: 0 });
    const seat = fake.join("anna", { endsInMs: 1000 });
    fake.stream.endSessions(revocationOf(fake), GRACE_MS);
    fake.nowMs += 1000;
    fake.stream.sweep();
    expect(endOf(seat)).toEqual([["TOKEN_EXPIRED"], 4401]);
  });

  test("is not made longer by a second word, and a word without one ends it", () => {
    const { fake, seat } = revoked();
    fake.stream.endSessions(revocationOf(fake), 5 * GRACE_MS);
    fake.nowMs += GRACE_MS;
    fake.stream.sweep();
    const { fake: other, seat: another } = revoked();
    other.stream.endSessions(revocationOf(other), 0);
    expect([endOf(seat), endOf(another)]).toEqual([REVOKED, REVOKED]);
  });

  test("of a session is one of all sessions where the second word is of all", () => {
    const fake = new FakeStream();
    const seat = fake.join("anna");
    fake.stream.endSessions(revocationOf(fake, "session-of-anna"), GRACE_MS);
    fake.stream.endSessions(revocationOf(fake), 2 * GRACE_MS);
    fake.nowMs += GRACE_MS;
    fake.stream.sweep();
    expect(endOf(seat)).toEqual(REVOKED);
  });

  test("is told to who may renew, and not to a ticket's socket, which would only be closed sooner", () => {
    const fake = new FakeStream();
    const seats = [fake.owner(), fake.join("anna", { principal: holder({ userId: "anna" }) })];
    fake.stream.endSessions(revocationOf(fake), GRACE_MS);
    expect(seats.map(({ socket }) => socket.ofType("auth-expiring").length)).toEqual([1, 0]);
    fake.nowMs += GRACE_MS;
    fake.stream.sweep();
    expect(seats.map(endOf)).toEqual([REVOKED, REVOKED]);
  });

  test("costs others nothing: they stay", () => {
    const fake = new FakeStream();
    const bob = fake.join("bob");
    fake.stream.endSessions(revocationOf(fake), GRACE_MS);
    fake.nowMs += GRACE_MS;
    fake.stream.sweep();
    expect(endOf(bob)).toEqual(STAYS);
  });
});
