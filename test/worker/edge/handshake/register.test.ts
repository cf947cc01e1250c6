// How a client that is known comes to its stream, and what follows where the stream refuses it.
import { describe, expect, test } from "vitest";
import { type Code, CODES } from "../../../../protocol/codes.ts";
import {
  ALICE,
  atRegisterDoor,
  atStreamDoor,
  AUTH,
  binaryFrame,
  error,
  forward,
  frame,
  type HeldClient,
  refusal,
  REGISTER,
  unregistered,
} from "../../../support/held-client.ts";
import { holder } from "../../../support/tickets.ts";

/** At the door of a stream, verified, its stream being asked. */
function joiningAtStreamDoor(): HeldClient {
  const client = atStreamDoor();
  client.send(AUTH);
  client.verified();
  return client;
}

function joining(register: Record<string, unknown> = REGISTER): HeldClient {
  const client = unregistered();
  client.send(register);
  return client;
}

test("where the path names no stream a ticket is no credential, and where it does it is", () => {
  const ticket = { ...ALICE, principal: holder() };
  for (const [client, expected] of [
    [atRegisterDoor(), [refusal("AUTH_FAILED", 1008)]],
    [atStreamDoor(), [{ told: { type: "success", userId: "alice" } }, {}, { do: "join", streamId: "cam-1" }]],
  ] as const) {
    client.send(AUTH);
    expect(client.verified(ticket)).toMatchObject(expected);
  }
});

describe("before it registers a client", () => {
  test("names its stream and nothing else by register", () => {
    expect(unregistered().send({ ...REGISTER, streamId: "door:2" })).toEqual([
      { do: "join", streamId: "door:2", who: ALICE },
    ]);
  });

  test.each([undefined, null, 5, "", "a/b", "register", "..", "x".repeat(129), ["cam-1"]])(
    "that names the stream %j may try again, and no object is asked",
    (streamId) => {
      const client = unregistered();
      expect(client.send({ ...REGISTER, streamId, ref: 1 })).toMatchObject([error("INVALID_STREAM_ID", { ref: 1 })]);
      expect(client.send(REGISTER)).toMatchObject([{ do: "join" }]);
    },
  );

  test.each<readonly [string, unknown, Code, string | undefined]>([
    ["a frame", { ...frame("a"), ref: "r" }, "NOT_REGISTERED", "r"],
    ["an alert", { type: "alert", ref: "r" }, "NOT_REGISTERED", "r"],
    ["a binary frame", binaryFrame({ ...frame("a"), ref: "r" }), "NOT_REGISTERED", "r"],
    ["bytes that are no envelope", new ArrayBuffer(3), "BAD_MESSAGE", undefined],
    ["a text that is no JSON", "hello", "BAD_MESSAGE", undefined],
    ["a register that cannot be read", { ...REGISTER, produces: 5, ref: "r" }, "BAD_MESSAGE", "r"],
    ["an unknown type", { type: "success", ref: "r" }, "UNKNOWN_TYPE", "r"],
  ])("that sends %s is told so and stays", (_what, message, code, ref) => {
    const client = unregistered();
    expect(client.send(message)).toMatchObject([error(code, ref === undefined ? {} : { ref })]);
    expect(client.send(REGISTER)).toMatchObject([{ do: "join" }]);
  });

  test("that sends an acknowledgement of frames is not answered", () => {
    expect(unregistered().send({ type: "frame-ack", seq: 1 })).toEqual([]);
  });

  test("that sends too many messages in one text is told so once", () => {
    expect(unregistered().send("x\n".repeat(257))).toMatchObject([error("BAD_MESSAGE")]);
  });

  test("is closed where it does not register in time", () => {
    expect(unregistered().timedOut()).toMatchObject([refusal("REGISTER_TIMEOUT", 4408)]);
  });
});

describe("while its stream is asked", () => {
  test.each<readonly [string, () => HeldClient]>([
    ["by path", joiningAtStreamDoor],
    ["by register", () => joining()],
  ])("a client that named it %s is closed where the answer takes too long", (_how, make) => {
    expect(make().timedOut()).toMatchObject([refusal("REGISTER_TIMEOUT", 4408)]);
  });

  test("messages wait, whatever they are", () => {
    const client = joining();
    const messages = [frame("a"), REGISTER, AUTH, "junk", binaryFrame(frame("b")), { type: "ping", ref: 1 }];
    expect(messages.flatMap((message) => client.send(message))).toEqual([]);
  });
});

describe("once the stream took the socket", () => {
  test("the register goes first and the rest follows in order", () => {
    const client = joining();
    const binary = binaryFrame(frame("b"));
    for (const message of [frame("a"), binary, "junk", frame("c")]) client.send(message);
    expect(client.joined()).toEqual([
      forward(REGISTER),
      forward(frame("a")),
      forward(binary),
      forward("junk"),
      forward(frame("c")),
    ]);
  });

  test("at the door of a stream what waited since auth follows in order", () => {
    const client = atStreamDoor();
    client.send(AUTH);
    client.send(REGISTER);
    client.verified();
    client.send(frame("a"));
    expect(client.joined()).toEqual([forward(REGISTER), forward(frame("a"))]);
  });

  test("the register is passed on letter by letter, since the object reads it itself", () => {
    const client = unregistered();
    const text = '{ "type":"register", "streamId":"cam-1", "produces":["*"], "later":1 }';
    client.send(text);
    expect(client.joined()).toEqual([forward(text)]);
  });

  test("nothing waits any more, and messages pass", () => {
    const client = joining();
    client.joined();
    expect([client.handshake.waitingBytes, client.send(frame("a"))]).toEqual([0, [forward(frame("a"))]]);
  });

  test("no time runs out any more", () => {
    const client = joining();
    client.joined();
    expect(client.timedOut()).toEqual([]);
  });
});

describe("where the stream refuses", () => {
  test("a client that named it by register is told so, with the ref, and may register elsewhere", () => {
    const client = joining({ ...REGISTER, ref: "r" });
    expect(client.joined("UNAUTHORIZED")).toMatchObject([error("UNAUTHORIZED", { ref: "r" })]);
    expect(client.send({ ...REGISTER, streamId: "cam-2" })).toEqual([{ do: "join", streamId: "cam-2", who: ALICE }]);
  });

  test.each([
    ["publish", { produces: ["video-frame", "alert"], consumes: ["alert"] }, "No permission to publish to this stream"],
    ["publish, as a phone does", { clientType: "mobile" }, "No permission to publish to this stream"],
    ["read", { produces: [], consumes: ["alert"] }, "No permission to read this stream"],
    ["nothing of it", { produces: [], consumes: [] }, "No permission to read this stream"],
  ])("a client that came to %s is told so", (_what, wishes, message) => {
    const client = joining({ type: "register", streamId: "cam-1", ...wishes });
    expect(client.joined("UNAUTHORIZED")).toMatchObject([error("UNAUTHORIZED", { message })]);
  });

  test("for another reason, that is what a client is told", () => {
    const client = joining();
    const sentence = CODES.INVALID_STREAM_ID.sentence;
    expect(client.joined("INVALID_STREAM_ID")).toMatchObject([error("INVALID_STREAM_ID", { message: sentence })]);
  });

  test("what waited is answered as before register", () => {
    const client = joining();
    client.send({ ...frame("a"), ref: 1 });
    client.send({ type: "ping", ref: 2 });
    expect(client.joined("UNAUTHORIZED")).toMatchObject([
      error("UNAUTHORIZED"),
      error("NOT_REGISTERED", { ref: 1 }),
      { told: { type: "pong", ref: 2 } },
    ]);
  });

  test("another register that waited is taken, and what follows it waits for that answer", () => {
    const client = joining();
    const elsewhere = { ...REGISTER, streamId: "cam-2" };
    client.send(elsewhere);
    client.send(frame("a"));
    expect(client.joined("UNAUTHORIZED")).toMatchObject([error("UNAUTHORIZED"), { do: "join", streamId: "cam-2" }]);
    expect(client.joined()).toEqual([forward(elsewhere), forward(frame("a"))]);
  });

  test("a client whose path names it is closed, as there is nothing else for it here", () => {
    expect(joiningAtStreamDoor().joined("UNAUTHORIZED")).toMatchObject([refusal("UNAUTHORIZED", 1008)]);
  });

  test.each<readonly [Code, number]>([
    ["STREAM_FULL", 4429],
    ["CONNECTION_LIMIT", 4429],
    ["OVERLOADED", 1013],
    ["DRAINING", 1012],
    ["SESSION_REVOKED", 4410],
    ["INTERNAL", 1011],
  ])("with %s the socket is closed with %d at either door", (code, closeCode) => {
    const steps = [joining().joined(code), joiningAtStreamDoor().joined(code)];
    expect(steps).toMatchObject([[refusal(code, closeCode)], [refusal(code, closeCode)]]);
  });

  test("what waited is forgotten where the socket is closed", () => {
    const client = joining();
    client.joined("STREAM_FULL");
    expect([client.handshake.waitingBytes, client.joined()]).toEqual([0, []]);
  });
});
