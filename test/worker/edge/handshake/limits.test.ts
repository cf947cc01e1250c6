// What a client may make the gateway keep or answer before it is a member, and that nothing follows the end.
import { describe, expect, test } from "vitest";
import { PING_TEXT } from "../../../../protocol/answers.ts";
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
  MAX_MESSAGE_BYTES,
  refusal,
  REGISTER,
  unregistered,
} from "../../../support/held-client.ts";

const TOO_LARGE = [refusal("TOO_LARGE", 1009)];

/** A text message of exactly this many bytes. */
function ofBytes(bytes: number, message: Record<string, unknown> = { type: "chat" }): string {
  const rest = JSON.stringify({ ...message, pad: "" }).length;
  return JSON.stringify({ ...message, pad: "x".repeat(bytes - rest) });
}

function verifying(client = atStreamDoor()): HeldClient {
  client.send(AUTH);
  return client;
}

describe("before auth", () => {
  test("16 KiB may be sent, the auth among them", () => {
    expect(atStreamDoor().send(ofBytes(16_384, AUTH))).toMatchObject([{ do: "verify" }]);
  });

  test("a byte more closes the socket", () => {
    expect(atStreamDoor().send(ofBytes(16_385, AUTH))).toMatchObject(TOO_LARGE);
  });

  test("all messages count together, keepalives among them", () => {
    const client = atStreamDoor();
    client.send(ofBytes(16_384 - PING_TEXT.length));
    client.send(PING_TEXT);
    expect(client.send("x")).toMatchObject(TOO_LARGE);
  });

  test("a letter counts as many bytes as it has on the wire", () => {
    const message = { type: "auth", token: "€".repeat(5500) };
    expect(atStreamDoor().send(message)).toMatchObject(TOO_LARGE);
  });

  test("bytes count as text does", () => {
    expect(atStreamDoor().send(new ArrayBuffer(16_385))).toMatchObject(TOO_LARGE);
  });
});

describe("while the token is verified", () => {
  test("64 messages may wait", () => {
    const client = verifying();
    const steps = Array.from({ length: 64 }, (_, index) => client.send({ type: "chat", index }));
    expect(steps.flat()).toEqual([]);
  });

  test("the 65th closes the socket, since nobody may miss it", () => {
    const client = verifying();
    for (let index = 0; index < 64; index += 1) client.send({ type: "chat", index });
    expect(client.send({ type: "chat" })).toMatchObject(TOO_LARGE);
  });

  test("the 65th is dropped where it is a frame, and the rest stays in order", () => {
    const client = verifying();
    const messages = Array.from({ length: 64 }, (_, index) => ({ type: "chat", index }));
    for (const message of messages) client.send(message);
    expect(client.send(frame("late"))).toEqual([]);
    client.verified();
    expect(client.joined()).toEqual(messages.map(forward));
  });

  test("a binary frame that finds no room is dropped too", () => {
    const client = verifying();
    for (let index = 0; index < 64; index += 1) client.send({ type: "chat", index });
    expect(client.send(binaryFrame(frame("late")))).toEqual([]);
  });

  test("64 KiB may wait together", () => {
    const client = verifying();
    expect([client.send(ofBytes(65_535)), client.send("x")]).toEqual([[], []]);
  });

  test("a byte more closes the socket", () => {
    const client = verifying();
    client.send(ofBytes(65_535));
    expect(client.send("xy")).toMatchObject(TOO_LARGE);
  });

  test("each line of a text counts as a message", () => {
    expect(verifying().send("x\n".repeat(65))).toMatchObject(TOO_LARGE);
  });
});

describe.each<readonly [string, () => HeldClient]>([
  [
    "by path",
    () => {
      const client = verifying();
      client.verified();
      return client;
    },
  ],
  [
    "by register",
    () => {
      const client = unregistered();
      client.send(REGISTER);
      return client;
    },
  ],
])("while the stream that was named %s is asked", (_how, make) => {
  test("more than 64 KiB may wait", () => {
    const client = make();
    expect([client.send(ofBytes(60_000)), client.send(ofBytes(30_000))]).toEqual([[], []]);
  });

  test("more than the largest message closes the socket", () => {
    const client = make();
    client.send(ofBytes(60_000));
    expect(client.send(ofBytes(MAX_MESSAGE_BYTES - 60_000 + 1))).toMatchObject(TOO_LARGE);
  });

  test("a frame beyond that is dropped", () => {
    const client = make();
    client.send(ofBytes(60_000));
    expect(client.send(ofBytes(60_000, frame("late")))).toEqual([]);
  });
});

test("what waits is counted, for the bound on all sockets together", () => {
  const client = verifying();
  client.send("x".repeat(10));
  client.send(new ArrayBuffer(20));
  expect(client.handshake.waitingBytes).toBe(30);
});

describe("a message larger than the largest closes the socket", () => {
  test.each<readonly [string, () => HeldClient]>([
    ["while the token is verified", () => verifying(atStreamDoor(1000))],
    ["before register", () => unregistered(1000)],
  ])("%s", (_when, make) => {
    expect(make().send(ofBytes(1001))).toMatchObject(TOO_LARGE);
  });

  test("even where it is a frame", () => {
    expect(unregistered(1000).send(ofBytes(1001, frame("a")))).toMatchObject(TOO_LARGE);
  });

  test("as its bytes are counted and not its letters", () => {
    expect(unregistered(1000).send({ type: "chat", text: "€".repeat(400) })).toMatchObject(TOO_LARGE);
  });

  test("and not a message of just that size", () => {
    expect(unregistered(1000).send(ofBytes(1000))).toMatchObject([error("NOT_REGISTERED")]);
  });
});

describe("ten errors", () => {
  test("within ten seconds close the socket with 4400 and the code of the last", () => {
    const client = unregistered();
    const steps = Array.from({ length: 10 }, () => client.send("junk")).flat();
    const told = Array.from({ length: 9 }, () => error("BAD_MESSAGE"));
    expect(steps).toMatchObject([...told, refusal("BAD_MESSAGE", 4400)]);
  });

  test("count together, whatever their codes", () => {
    const client = unregistered();
    for (let count = 0; count < 3; count += 1) {
      for (const message of ["junk", frame("a"), { ...REGISTER, streamId: "/" }]) client.send(message);
    }
    client.send({ ...REGISTER });
    expect(client.joined("UNAUTHORIZED")).toMatchObject([refusal("UNAUTHORIZED", 4400)]);
  });

  test("in one text close the socket before its end", () => {
    expect(unregistered().send("x\n".repeat(20))).toHaveLength(10);
  });

  test("over a longer time are as many answers", () => {
    const client = unregistered();
    const steps = Array.from({ length: 20 }, () => {
      client.nowMs += 1200;
      return client.send("junk");
    });
    expect(steps.flat()).toMatchObject(Array.from({ length: 20 }, () => error("BAD_MESSAGE")));
  });
});

describe("after the end nothing follows", () => {
  const ENDS: readonly (readonly [string, (client: HeldClient) => unknown])[] = [
    ["a refusal", (client) => client.verified({ code: "AUTH_FAILED" })],
    ["a deadline", (client) => client.timedOut()],
    ["the client has left", (client) => client.handshake.left()],
    ["an overload", (client) => client.handshake.end("OVERLOADED")],
    ["a bug", (client) => client.handshake.end("INTERNAL")],
  ];

  test.each(ENDS)("from messages, where it was %s", (_why, end) => {
    const client = verifying();
    end(client);
    const messages = [AUTH, REGISTER, frame("a"), "junk", binaryFrame(frame("b"))];
    expect(messages.flatMap((message) => client.send(message))).toEqual([]);
  });

  test.each(ENDS)("from a token that is verified late, where it was %s", (_why, end) => {
    const client = verifying();
    end(client);
    expect(client.verified(ALICE)).toEqual([]);
  });

  test.each(ENDS.slice(1))("from a stream that answers late, where it was %s", (_why, end) => {
    const client = unregistered();
    client.send(REGISTER);
    end(client);
    expect([client.joined(), client.joined("UNAUTHORIZED")]).toEqual([[], []]);
  });

  test.each(ENDS)("from a deadline, where it was %s", (_why, end) => {
    const client = verifying();
    end(client);
    expect(client.timedOut()).toEqual([]);
  });

  test.each(ENDS)("and nothing is kept any more, where it was %s", (_why, end) => {
    const client = verifying();
    client.send(REGISTER);
    end(client);
    client.send(REGISTER);
    expect(client.handshake.waitingBytes).toBe(0);
  });
});

test.each([
  ["an overload", "OVERLOADED", 1013],
  ["a bug", "INTERNAL", 1011],
] as const)("%s closes the socket with %s and %d", (_why, code, closeCode) => {
  const { handshake } = atRegisterDoor();
  const actions = handshake.end(code);
  expect(actions).toMatchObject([refusal(code, closeCode)]);
});

test("an answer that nobody asked for does nothing", () => {
  const client = atRegisterDoor();
  expect([client.verified(), client.joined(), client.send(AUTH)]).toMatchObject([[], [], [{ do: "verify" }]]);
});

describe("after the end", () => {
  test("nothing is answered, whatever comes", () => {
    const client = atRegisterDoor();
    client.timedOut();
    for (const message of ['{"type":"ping"}', "x".repeat(200_000), "\n{}".repeat(257), AUTH]) {
      expect(client.send(message)).toEqual([]);
    }
    expect([client.handshake.end("OVERLOADED"), client.handshake.end("INTERNAL")]).toEqual([[], []]);
  });
});

test("a text of too many messages counts as one that is no auth", () => {
  const client = atRegisterDoor();
  const text = "{}\n".repeat(257);
  expect(client.send(text)).toMatchObject([error("AUTH_REQUIRED")]);
  client.send(text);
  expect(client.send(text)).toMatchObject([refusal("AUTH_REQUIRED", 1008)]);
});

test("the register itself takes no place of those that wait behind it", () => {
  const client = unregistered();
  client.send(REGISTER);
  for (let count = 0; count < 64; count += 1) expect(client.send({ type: "note", count })).toEqual([]);
  expect(client.joined()).toHaveLength(65);
});
