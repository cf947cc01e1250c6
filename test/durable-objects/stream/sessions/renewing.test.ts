// What another token on a live connection does: it is verified while messages go on, and decided in one step at the end.
import { describe, expect, test } from "vitest";
import type { Authenticated } from "../../../../auth/authenticator.ts";
import type { Principal } from "../../../../auth/principal.ts";
import type { Admittance } from "../../../../durable-objects/user/admitting.ts";
import { FakeStream, type JoinOptions, type Seat, STREAM_ID } from "../../../support/fake-stream.ts";
import { service, user } from "../../../support/members.ts";
import { GATEWAY_ORIGIN } from "../../../support/occasion.ts";

const HOUR_MS = 3_600_000;
const GRACE_MS = 30_000;
const NOTICE_MS = 60_000;
const AUTH = { type: "auth", token: "another.tok.en", ref: "r" };

/** A camera of anna's whose session ends in an hour, and what her next token says. */
function start(
  options: JoinOptions = {},
  register: Record<string, unknown> = { produces: ["*"], consumes: ["alert"] },
) {
  const fake = new FakeStream();
  const camera = fake.member("anna", register, options);
  const session = (endsInMs = 2 * HOUR_MS, principal: Principal = user("anna")): Authenticated => ({
    kind: "authenticated",
    shown: { tokenKind: "session-jwt" },
    principal,
    issuedAtS: Math.floor(fake.nowMs / 1000),
    endsAtMs: fake.nowMs + endsInMs,
  });
  const answer = async (verdict: Parameters<(typeof fake.authorities.asked)[0]["answer"]>[0], index = -1) =>
    fake.authorities.asked.at(index)?.answer(verdict);
  return { fake, camera, session, answer };
}

function ended({ socket }: Seat): unknown {
  return [socket.errorCodes, socket.closedWith?.code];
}

describe("a token of the same user", () => {
  test("is verified by where the client reached the gateway, and answered with who it is and until when", async () => {
    const { fake, camera, session, answer } = start();
    camera.send(AUTH);
    expect(fake.authorities.asked).toMatchObject([{ token: AUTH.token, origin: GATEWAY_ORIGIN }]);
    expect(camera.socket.sent).toEqual([]);
    await answer(session());
    expect(camera.socket.messages).toEqual([
      {
        type: "success",
        message: "Authentication successful",
        ref: "r",
        connectionId: "connection-1",
        userId: "anna",
        expiresAt: fake.nowMs + 2 * HOUR_MS,
      },
    ]);
  });

  test("moves the end, also over a sleep", async () => {
    const { fake, camera, session, answer } = start();
    camera.send(AUTH);
    await answer(session());
    fake.nowMs += HOUR_MS + GRACE_MS;
    fake.sleepAndWake();
    fake.stream.sweep();
    expect(ended(camera)).toEqual([[], undefined]);
    fake.nowMs += HOUR_MS;
    fake.stream.sweep();
    expect(ended(camera)).toEqual([["TOKEN_EXPIRED"], 4401]);
  });

  test("may also end sooner, and an alarm is set for it", async () => {
    // Behind a bridge, so that no alarm is set to look whether it is still there.
    const { fake, camera, session, answer } = start({ endsInMs: 10 * HOUR_MS, hop: "bridged" });
    camera.send(AUTH);
    await answer(session(HOUR_MS));
    expect(fake.alarmAtMs).toBe(fake.nowMs + HOUR_MS - NOTICE_MS);
    fake.nowMs += HOUR_MS + GRACE_MS;
    fake.stream.sweep();
    expect(ended(camera)).toEqual([["TOKEN_EXPIRED"], 4401]);
  });

  test("is written down with its session and when it was vouched for", async () => {
    const { fake, camera, session, answer } = start();
    fake.nowMs += 5000;
    camera.send(AUTH);
    const other = { ...user("anna"), sessionId: "another" };
    await answer(session(HOUR_MS, other));
    expect(camera.socket.deserializeAttachment()).toMatchObject({
      principal: other,
      issuedAtS: fake.nowMs / 1000,
      endsAtMs: fake.nowMs + HOUR_MS,
      registration: { produces: ["*"] },
    });
  });

  test("leaves nothing of itself in what survives a sleep", async () => {
    const { camera, session, answer } = start();
    camera.send(AUTH);
    await answer(session());
    const kept = JSON.stringify(camera.socket.deserializeAttachment());
    expect([kept.includes("anna"), kept.includes(AUTH.token)]).toEqual([true, false]);
  });

  test("is taken within the grace, and not behind it", async () => {
    const { fake, camera, session, answer } = start();
    fake.nowMs += HOUR_MS + GRACE_MS - 1;
    camera.send(AUTH);
    await answer(session());
    expect(camera.socket.ofType("success")).toHaveLength(1);
    fake.nowMs += 2 * HOUR_MS + GRACE_MS;
    camera.send(AUTH);
    expect([ended(camera), fake.authorities.asked.length]).toEqual([[["TOKEN_EXPIRED"], 4401], 1]);
  });

  test("renews a connection that has not registered as well", async () => {
    const { fake, session, answer } = start();
    const seat = fake.join("anna");
    seat.send(AUTH);
    await answer(session());
    expect(seat.socket.ofType("success")).toMatchObject([{ userId: "anna", ref: "r" }]);
    expect(seat.register({ consumes: ["alert"] })).toMatchObject({ expiresAt: fake.nowMs + 2 * HOUR_MS });
  });

  test("renews one behind a bridge", async () => {
    const { camera, session, answer } = start({ hop: "bridged" });
    camera.send(AUTH);
    await answer(session());
    expect(camera.socket.ofType("success")).toHaveLength(1);
  });
});

describe("a key", () => {
  const robot = service("robot", { operations: ["read"], streams: ["*"] });
  const KEY: Authenticated = {
    kind: "authenticated",
    principal: robot,
    issuedAtS: undefined,
    endsAtMs: undefined,
    shown: { tokenKind: "api-key" },
  };

  test("may be shown again, and changes nothing", async () => {
    const { fake, answer } = start();
    const reader = fake.member("robot", { consumes: ["*"] }, { principal: robot, endsInMs: "never" });
    reader.send(AUTH);
    await answer(KEY);
    expect(reader.socket.messages).toEqual([
      {
        type: "success",
        message: "Authentication successful",
        ref: "r",
        connectionId: "connection-2",
        userId: robot.userId,
      },
    ]);
    fake.nowMs += 1000 * HOUR_MS;
    fake.stream.sweep();
    expect([reader.socket.sent.length, reader.socket.closedWith]).toEqual([1, undefined]);
  });

  test("of another service ends the connection, as a user's token does", async () => {
    for (const principal of [service("other"), user("anna")]) {
      const { fake, answer, session } = start();
      const reader = fake.member("robot", { consumes: ["*"] }, { principal: robot, endsInMs: "never" });
      reader.send(AUTH);
      await answer(session(HOUR_MS, principal));
      expect(ended(reader)).toEqual([["AUTH_FAILED"], 1008]);
    }
  });
});

describe("the connection ends", () => {
  test("by a token of another user, and nobody is asked whether he may", async () => {
    const { fake, camera, session, answer } = start();
    camera.send(AUTH);
    await answer(session(HOUR_MS, user("bob")));
    expect(camera.socket.messages).toMatchObject([{ code: "AUTH_FAILED", ref: "r", reauth: true }]);
    expect([ended(camera), fake.users.askedFor.filter(({ userId }) => userId === "bob")]).toEqual([
      [["AUTH_FAILED"], 1008],
      [],
    ]);
  });

  test("by a token that is bad or over, with that reason", async () => {
    for (const reason of [undefined, "expired"] as const) {
      const { camera, answer } = start();
      camera.send(AUTH);
      await answer(reason === undefined ? { code: "AUTH_FAILED" } : { code: "AUTH_FAILED", reason });
      expect(camera.socket.messages).toMatchObject([{ code: "AUTH_FAILED", ref: "r" }]);
      expect([camera.socket.messages[0]?.["reason"], ended(camera)]).toEqual([reason, [["AUTH_FAILED"], 1008]]);
    }
  });

  test("by a session that was revoked", async () => {
    const { fake, camera, session, answer } = start();
    fake.users.admittance = "revoked";
    camera.send(AUTH);
    await answer(session(HOUR_MS, { ...user("anna"), sessionId: "another" }));
    expect(fake.users.askedFor.at(-1)).toEqual({ userId: "anna", connectionId: "connection-1" });
    expect(ended(camera)).toEqual([["SESSION_REVOKED"], 4410]);
  });

  test("by a session that was revoked while its user's object was asked, though that let it pass before", async () => {
    const { fake, camera, session, answer } = start();
    const { promise, resolve } = Promise.withResolvers<Admittance>();
    fake.users.admittance = promise;
    camera.send(AUTH);
    await answer(session(HOUR_MS, { ...user("anna"), sessionId: "another" }));
    expect(fake.users.places).toEqual([{ kind: "stream", streamId: STREAM_ID }]);
    const issuedBeforeS = Math.floor(fake.nowMs / 1000);
    fake.stream.endSessions({ userId: "anna", sessionId: "another", issuedBeforeS }, 0);
    resolve("admitted");
    await fake.background.at(-1);
    expect(ended(camera)).toEqual([["SESSION_REVOKED"], 4410]);
  });

  test("by a bug on the way, without details", async () => {
    const { fake, camera } = start();
    camera.send(AUTH);
    await fake.authorities.asked[0]?.fail();
    expect(ended(camera)).toEqual([["INTERNAL"], 1011]);
    expect(camera.socket.texts.join()).not.toContain("a bug");
  });

  test("where its session was over before the token was found good, though no alarm rang", async () => {
    const { fake, camera, session, answer } = start();
    camera.send(AUTH);
    fake.nowMs += HOUR_MS + GRACE_MS;
    await answer(session());
    expect(ended(camera)).toEqual([["TOKEN_EXPIRED"], 4401]);
  });
});

describe("the connection stays as it was where nobody can say", () => {
  test("whether the token is good", async () => {
    const { fake, camera, answer } = start();
    camera.send(AUTH);
    await answer({ code: "AUTH_UNAVAILABLE" });
    expect(camera.socket.messages).toMatchObject([{ code: "AUTH_UNAVAILABLE", temporary: true, ref: "r" }]);
    expect(camera.socket.closedWith).toBeUndefined();
    fake.nowMs += HOUR_MS + GRACE_MS;
    fake.stream.sweep();
    expect(camera.socket.closedWith?.code).toBe(4401);
  });

  test("whether the session was revoked", async () => {
    const { fake, camera, session, answer } = start();
    fake.users.admittance = "unreachable";
    camera.send(AUTH);
    await answer(session(HOUR_MS, { ...user("anna"), sessionId: "another" }));
    expect(camera.socket.messages).toMatchObject([{ code: "OVERLOADED", temporary: true, ref: "r" }]);
    expect(camera.socket.deserializeAttachment()).toMatchObject({ principal: user("anna") });
    expect(camera.socket.closedWith).toBeUndefined();
  });

  test("but who asks on and on is closed: each time counts as an error", async () => {
    const { fake, camera, answer } = start();
    for (let count = 0; count < 10; count += 1) {
      camera.send(AUTH);
      // oxlint-disable-next-line no-await-in-loop -- one after the other is what is tried
      await answer({ code: "AUTH_UNAVAILABLE" });
    }
    camera.send(AUTH);
    expect([fake.authorities.asked.length, camera.socket.closedWith?.code]).toEqual([10, 4400]);
  });
});

describe("while a token is verified", () => {
  test("messages go through as before", async () => {
    const { fake, camera, session, answer } = start();
    const viewer = fake.member("anna", { consumes: ["*"] });
    camera.send(AUTH);
    camera.send({ type: "note" });
    camera.send({ type: "alert", ref: 1 });
    expect([viewer.socket.ofType("note").length, camera.socket.ofType("success").length]).toEqual([1, 1]);
    await answer(session());
    expect(camera.socket.ofType("success")).toHaveLength(2);
  });

  test("a second one is refused, and the first still decides", async () => {
    const { fake, camera, session, answer } = start();
    camera.send(AUTH);
    camera.send({ ...AUTH, ref: "second" });
    expect(camera.socket.messages).toMatchObject([{ code: "CONFLICT", ref: "second" }]);
    await answer(session());
    expect(camera.socket.messages.at(-1)).toMatchObject({ type: "success", ref: "r" });
    camera.send(AUTH);
    expect(fake.authorities.asked).toHaveLength(2);
  });

  test("others may renew too", async () => {
    const { fake, camera, session, answer } = start();
    const viewer = fake.member("anna", { consumes: ["*"] });
    camera.send(AUTH);
    viewer.send({ ...AUTH, ref: "viewer" });
    await answer(session(), 1);
    expect([camera.socket.sent.length, viewer.socket.ofType("success")]).toMatchObject([0, [{ ref: "viewer" }]]);
  });

  test("who leaves is not answered, and nobody else notices", async () => {
    const { fake, camera, session, answer } = start();
    const before = camera.socket.deserializeAttachment();
    camera.send(AUTH);
    camera.leave();
    await answer(session());
    expect([camera.socket.sent, fake.background.length]).toEqual([[], 1]);
    expect(camera.socket.deserializeAttachment()).toEqual(before);
    await expect(fake.background[0]).resolves.toBeUndefined();
  });

  test("the object is kept awake", () => {
    const { fake, camera } = start();
    const before = fake.background.length;
    camera.send(AUTH);
    expect(fake.background.length).toBe(before + 1);
  });

  test("what is under way is lost with the object, and the client may send it again", async () => {
    const { fake, camera, session, answer } = start();
    camera.send(AUTH);
    fake.sleepAndWake();
    camera.send(AUTH);
    await answer(session());
    expect(camera.socket.ofType("success")).toHaveLength(1);
  });

  test("a registration that waits for room holds it back, in order", async () => {
    const { fake, session, answer } = start({}, { consumes: ["*"] });
    fake.users.room = undefined;
    const seat = fake.join("anna");
    seat.send({ type: "register", produces: ["*"] });
    seat.send(AUTH);
    expect(fake.authorities.asked).toEqual([]);
    await fake.users.asked[0]?.answer("room");
    expect(fake.authorities.asked).toHaveLength(1);
    await answer(session());
    expect(seat.socket.messages).toMatchObject([{ streamId: STREAM_ID }, { message: "Authentication successful" }]);
  });
});

test("A token counts as a message against the rate, and is not looked at above it", () => {
  const fake = new FakeStream({ MAX_MESSAGES_PER_S: 1 });
  const camera = fake.join("anna");
  for (let count = 0; count < 3; count += 1) camera.send(AUTH);
  expect(camera.socket.errorCodes).toEqual(["CONFLICT", "RATE_LIMITED"]);
  expect(fake.authorities.asked).toHaveLength(1);
});

test("Many tokens in one text are one verification, and close who sends them", () => {
  const { fake, camera } = start();
  camera.send(Array.from({ length: 200 }, () => JSON.stringify(AUTH)).join("\n"));
  expect([fake.authorities.asked.length, camera.socket.closedWith?.code]).toEqual([1, 4400]);
});
