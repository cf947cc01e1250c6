// How a client becomes known by message, and what it is told or refused on the way.
import { describe, expect, test } from "vitest";
import {
  ALICE,
  atRegisterDoor,
  atStreamDoor,
  AUTH,
  binaryFrame,
  error,
  forward,
  frame,
  HeldClient,
  refusal,
  REGISTER,
  unregistered,
} from "../../support/held-client.ts";
import { service } from "../../support/members.ts";

const PING = '{"type":"ping"}';
const PONG = { told: { type: "pong" } };

describe("before it is known a client", () => {
  test.each<readonly [string, unknown]>([
    ["a register", REGISTER],
    ["a frame", frame("a")],
    ["a text that is no JSON", "hello"],
    ["an empty text", ""],
    ["an auth without a token", { type: "auth" }],
    ["an auth whose token is a number", { type: "auth", token: 5 }],
    ["a message without a type", {}],
    ["a list", "[]"],
    ["a binary frame", binaryFrame(frame("a"))],
    ["bytes that are no envelope", new ArrayBuffer(5)],
    ["no byte at all", new ArrayBuffer(0)],
  ])("that sends %s is told to authenticate first", (_what, message) => {
    expect(atStreamDoor().send(message)).toMatchObject([error("AUTH_REQUIRED")]);
  });

  test("is told so in the sentence that clients were built against", () => {
    expect(atStreamDoor().send(REGISTER)).toMatchObject([
      { told: { message: "Must authenticate first", reauth: true } },
    ]);
  });

  test("is told so with the ref of its message", () => {
    expect(atStreamDoor().send({ ...REGISTER, ref: 7 })).toMatchObject([error("AUTH_REQUIRED", { ref: 7 })]);
  });

  test("is told so twice and closed at the third time", () => {
    const client = atStreamDoor();
    const steps = [client.send(REGISTER), client.send("junk"), client.send({ ...frame("a"), ref: "r" })];
    expect(steps).toMatchObject([
      [error("AUTH_REQUIRED")],
      [error("AUTH_REQUIRED")],
      [{ do: "refuse", code: "AUTH_REQUIRED", closeCode: 1008, detail: { ref: "r" } }],
    ]);
  });

  test("may authenticate after it was told so twice", () => {
    const client = atStreamDoor();
    client.send(REGISTER);
    client.send(REGISTER);
    expect(client.send(AUTH)).toEqual([{ do: "verify", token: "tok.e.n" }]);
  });

  test("is closed in the middle of a text that holds three wrong messages, and the rest is not looked at", () => {
    const text = ["a", "b", "c", JSON.stringify(AUTH)].join("\n");
    expect(atStreamDoor().send(text)).toMatchObject([
      error("AUTH_REQUIRED"),
      error("AUTH_REQUIRED"),
      refusal("AUTH_REQUIRED", 1008),
    ]);
  });

  test("is closed where it does not authenticate in time", () => {
    expect(atStreamDoor().timedOut()).toMatchObject([refusal("AUTH_TIMEOUT", 4408)]);
  });
});

describe("its token", () => {
  test("is verified as it was sent", () => {
    expect(atRegisterDoor().send({ type: "auth", token: " a b " })).toEqual([{ do: "verify", token: " a b " }]);
  });

  test.each([
    [{ code: "AUTH_FAILED" } as const, 1008],
    [{ code: "AUTH_UNAVAILABLE" } as const, 1013],
  ])("that meets %j closes the socket with %d", (failure, closeCode) => {
    const client = atStreamDoor();
    client.send(AUTH);
    expect(client.verified(failure)).toMatchObject([refusal(failure.code, closeCode)]);
  });

  test("that is over is refused with that reason and the ref of the message", () => {
    const client = atStreamDoor();
    client.send({ ...AUTH, ref: 3 });
    expect(client.verified({ code: "AUTH_FAILED", reason: "expired" })).toMatchObject([
      { do: "refuse", code: "AUTH_FAILED", detail: { reason: "expired", ref: 3 } },
    ]);
  });

  test("that is not looked at closes the socket, and the client is told when to come back", () => {
    const client = atStreamDoor();
    client.send(AUTH);
    const detail = { detail: "Too many failed credentials from this address", retryAfterMs: 9000 };
    expect(client.verified({ code: "RATE_LIMITED", ...detail })).toMatchObject([
      { do: "refuse", code: "RATE_LIMITED", closeCode: 4429, detail: { message: detail.detail, retryAfterMs: 9000 } },
    ]);
  });

  test("that is refused takes with it what waited", () => {
    const client = atStreamDoor();
    client.send(AUTH);
    client.send(REGISTER);
    client.verified({ code: "AUTH_FAILED" });
    expect([client.handshake.waitingBytes, client.joined()]).toEqual([0, []]);
  });

  test("that is verified for too long closes the socket", () => {
    const client = atStreamDoor();
    client.send(AUTH);
    expect(client.timedOut()).toMatchObject([refusal("AUTH_TIMEOUT", 4408)]);
  });

  test("is verified once: another auth meanwhile waits", () => {
    const client = atStreamDoor();
    client.send(AUTH);
    expect(client.send(AUTH)).toEqual([]);
  });
});

describe("a client that becomes known", () => {
  const greeting = {
    told: {
      type: "success",
      message: "Authentication successful",
      ref: "r-1",
      connectionId: "c-1",
      userId: "alice",
      expiresAt: ALICE.endsAtMs,
    },
  };

  test("at the door of a stream is greeted, and its stream is asked at once", () => {
    const client = atStreamDoor();
    client.send({ ...AUTH, ref: "r-1" });
    expect(client.verified()).toEqual([
      greeting,
      { do: "allow-time-to-register" },
      { do: "join", streamId: "cam-1", who: ALICE },
    ]);
  });

  test("at the other door is greeted, and no stream is asked before it names one", () => {
    const client = atRegisterDoor();
    client.send({ ...AUTH, ref: "r-1" });
    expect(client.verified()).toEqual([greeting, { do: "allow-time-to-register" }]);
  });

  test("by a key is told of no end", () => {
    const client = atRegisterDoor();
    client.send(AUTH);
    const [welcome] = client.verified({
      kind: "authenticated",
      principal: service("robot"),
      issuedAtS: undefined,
      endsAtMs: undefined,
      shown: { tokenKind: "api-key" },
    });
    expect(welcome).not.toHaveProperty("told.expiresAt");
  });

  test("is known from the start where the upgrade said who it is", () => {
    expect(unregistered().send(REGISTER)).toEqual([{ do: "join", streamId: "cam-1", who: ALICE }]);
  });

  test("by the first of three lines has the others taken in order", () => {
    const client = atRegisterDoor();
    const lines = [AUTH, REGISTER, frame("a")].map((message) => JSON.stringify(message));
    expect(client.send(lines.join("\n"))).toEqual([{ do: "verify", token: "tok.e.n" }]);
    expect(client.verified().at(-1)).toEqual({ do: "join", streamId: "cam-1", who: ALICE });
    expect(client.joined()).toEqual([forward(REGISTER), forward(frame("a"))]);
  });
});

describe("the keepalive is answered", () => {
  const verifying = atStreamDoor();
  verifying.send(AUTH);
  const renewing = unregistered();
  renewing.send(AUTH);
  const joining = unregistered();
  joining.send(REGISTER);
  const joined = unregistered();
  joined.send(REGISTER);
  joined.joined();

  test.each<readonly [string, HeldClient]>([
    ["before auth", atStreamDoor()],
    ["while the token is verified", verifying],
    ["before register", unregistered()],
    ["while another token is verified", renewing],
    ["while the stream is asked", joining],
    ["once joined", joined],
  ])("%s", (_when, client) => {
    expect(client.send(PING)).toEqual([PONG]);
  });

  test("before auth without counting as a wrong message", () => {
    const client = atStreamDoor();
    for (let count = 0; count < 5; count += 1) client.send(PING);
    expect(client.send(REGISTER)).toMatchObject([error("AUTH_REQUIRED")]);
  });

  test("with its ref before register", () => {
    expect(unregistered().send({ type: "ping", ref: 5 })).toEqual([{ told: { type: "pong", ref: 5 } }]);
  });
});
