// How a client that is known, and has not registered yet, renews its session by another `auth`.
import { describe, expect, test } from "vitest";
import {
  ALICE,
  ALICE_ANEW,
  atRegisterDoor,
  AUTH,
  BOB,
  binaryFrame,
  error,
  forward,
  frame,
  type HeldClient,
  refusal,
  REGISTER,
  unregistered,
} from "../../../support/held-client.ts";
import { service } from "../../../support/members.ts";

const ANEW = { ...AUTH, token: "another.tok.en", ref: "r" };

/** Known by the upgrade, with another token under way. */
function renewing(maxMessageBytes?: number): HeldClient {
  const client = unregistered(maxMessageBytes);
  client.send(ANEW);
  return client;
}

describe("another auth", () => {
  test.each([
    ["came with the upgrade", unregistered],
    [
      "authenticated by message",
      () => {
        const client = atRegisterDoor();
        client.send(AUTH);
        client.verified();
        return client;
      },
    ],
  ])("of a client that %s is verified, and then it joins with its new session", (_how, make) => {
    const client = make();
    expect(client.send(ANEW)).toEqual([{ do: "verify", token: "another.tok.en" }]);
    expect(client.verified(ALICE_ANEW)).toEqual([
      {
        told: {
          type: "success",
          message: "Authentication successful",
          ref: "r",
          connectionId: "c-1",
          userId: "alice",
          expiresAt: ALICE_ANEW.endsAtMs,
        },
      },
    ]);
    expect(client.send(REGISTER)).toEqual([{ do: "join", streamId: "cam-1", who: ALICE_ANEW }]);
  });

  test("starts no time anew: who renews and does not register is closed", () => {
    const client = renewing();
    expect(client.verified(ALICE_ANEW)).not.toContainEqual({ do: "allow-time-to-register" });
    expect(client.timedOut()).toMatchObject([refusal("REGISTER_TIMEOUT", 4408)]);
    expect(renewing().timedOut()).toMatchObject([refusal("REGISTER_TIMEOUT", 4408)]);
  });

  test.each([
    ["of another user", BOB],
    ["of a service called like the user", { ...ALICE, principal: { ...service("x"), userId: "alice" as "key:x" } }],
  ])("%s closes the socket, and what waited is gone", (_whose, verdict) => {
    const client = renewing();
    client.send(REGISTER);
    expect(client.verified(verdict)).toEqual([
      { do: "refuse", code: "AUTH_FAILED", detail: { ref: "r" }, closeCode: 1008 },
    ]);
    expect([client.handshake.waitingBytes, client.send(REGISTER)]).toEqual([0, []]);
  });

  test("that is over closes the socket, with that reason", () => {
    expect(renewing().verified({ code: "AUTH_FAILED", reason: "expired" })).toEqual([
      { do: "refuse", code: "AUTH_FAILED", detail: { reason: "expired", ref: "r" }, closeCode: 1008 },
    ]);
  });

  test("that nobody can judge now leaves the client as it was", () => {
    const client = renewing();
    expect(client.verified({ code: "AUTH_UNAVAILABLE" })).toMatchObject([
      error("AUTH_UNAVAILABLE", { ref: "r", temporary: true }),
    ]);
    expect(client.send(REGISTER)).toEqual([{ do: "join", streamId: "cam-1", who: ALICE }]);
  });

  test("that nobody can judge counts as an error each time, so that nobody asks in a loop", () => {
    const client = unregistered();
    for (let count = 1; count < 10; count += 1) {
      client.send(AUTH);
      client.verified({ code: "AUTH_UNAVAILABLE" });
    }
    client.send(AUTH);
    expect(client.verified({ code: "AUTH_UNAVAILABLE" })).toMatchObject([refusal("AUTH_UNAVAILABLE", 4400)]);
  });
});

describe("while another token is verified", () => {
  test("messages wait, a third token among them, and are taken in order", () => {
    const client = renewing();
    for (const message of [REGISTER, frame("a"), AUTH]) expect(client.send(message)).toEqual([]);
    expect(client.verified(ALICE_ANEW).at(-1)).toEqual({ do: "join", streamId: "cam-1", who: ALICE_ANEW });
    expect(client.joined()).toEqual([forward(REGISTER), forward(frame("a")), forward(AUTH)]);
  });

  test("a third token that waited is verified next", () => {
    const client = renewing();
    client.send(AUTH);
    expect(client.verified(ALICE_ANEW)).toMatchObject([{ told: { ref: "r" } }, { do: "verify", token: AUTH.token }]);
    expect(client.verified(ALICE)).toMatchObject([{ told: { expiresAt: ALICE.endsAtMs } }]);
  });

  test("as much may wait as while a stream is asked: the client is known", () => {
    const client = renewing(100_000);
    expect(client.send(binaryFrame({ type: "alert" }, 90_000))).toEqual([]);
    expect(client.send(binaryFrame({ type: "alert" }, 20_000))).toMatchObject([refusal("TOO_LARGE", 1009)]);
  });

  test("a client that leaves is not answered", () => {
    const client = renewing();
    client.handshake.left();
    expect(client.verified(ALICE_ANEW)).toEqual([]);
  });
});
