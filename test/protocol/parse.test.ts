// Whether whatever a client sends becomes a message or a fault, and which.
import { describe, expect, test } from "vitest";
import { writeEnvelope } from "../../protocol/envelope.ts";
import { isFault } from "../../protocol/fault.ts";
import { parseBinary, parseText } from "../../protocol/parse.ts";

const STAMP_NAMES = "streamId userId senderKind seq receivedAt dropped id offset epoch origin".split(" ");
const CONTROL_WORDS_NOT_FOR_CLIENTS = ["success", "error", "pong", "presence", "auth-expiring", "reconnect"];
const SOCKET_IO_EVENTS = "connect connect_error disconnect disconnecting newListener removeListener".split(" ");

/** What one JSON message is read as. */
function read(message: unknown): unknown {
  return parseText(JSON.stringify(message))[0];
}

function readBinary(header: unknown, payload = new Uint8Array([1, 2, 3])): unknown {
  return parseBinary(writeEnvelope(JSON.stringify(header), payload) ?? new ArrayBuffer());
}

const BAD_MESSAGE = { kind: "fault", code: "BAD_MESSAGE" };
const UNKNOWN_TYPE = { kind: "fault", code: "UNKNOWN_TYPE" };

describe("one text", () => {
  test.each(["", " ", "hello", "{", "\uFEFF{}", "NaN", '{"type":"ping"}x', "\n", " \n\n "])(
    "%j is not JSON",
    (text) => {
      expect(parseText(text)).toMatchObject([BAD_MESSAGE]);
    },
  );

  test.each(["null", "5", '"ping"', "true", "[]", '[{"type":"ping"}]'])("%s is JSON but no object", (text) => {
    expect(parseText(text)).toMatchObject([BAD_MESSAGE]);
  });

  test.each([{}, { type: null }, { type: 5 }, { type: ["ping"] }, { type: { type: "ping" } }])(
    "%j has no type that is a string",
    (message) => {
      expect(read(message)).toMatchObject(BAD_MESSAGE);
    },
  );

  test.each([...CONTROL_WORDS_NOT_FOR_CLIENTS, ...SOCKET_IO_EVENTS, "", "*", "__proto__", "a b", "x".repeat(65)])(
    "a client cannot send a message of type %j",
    (type) => {
      expect(read({ type })).toMatchObject(UNKNOWN_TYPE);
    },
  );

  test("an inherited name is not a field", () => {
    expect(parseText('{"__proto__":{"type":"ping"}}')).toMatchObject([BAD_MESSAGE]);
  });

  test("a message is told from a fault", () => {
    expect(parseText('{"type":"ping"}\noops').map((outcome) => isFault(outcome))).toEqual([false, true]);
  });

  test("a keepalive that is not byte for byte the usual one is still a keepalive", () => {
    expect(parseText('{ "type": "ping" }')).toMatchObject([{ kind: "ping" }]);
  });
});

describe("several messages in one text", () => {
  test("are read line by line", () => {
    expect(parseText('{"type":"ping"}\n{"type":"alert","message":"a"}')).toMatchObject([
      { kind: "ping" },
      { kind: "payload", type: "alert" },
    ]);
  });

  test("are one message where the whole text is one pretty-printed object", () => {
    expect(parseText(JSON.stringify({ type: "alert", message: "a" }, null, 2))).toMatchObject([{ kind: "payload" }]);
  });

  test("may have blank lines and Windows line ends between them", () => {
    expect(parseText('\n{"type":"ping"}\r\n \n\t\n{"type":"ping"}\n')).toEqual([
      { kind: "ping", ref: undefined },
      { kind: "ping", ref: undefined },
    ]);
  });

  test("are each judged alone, in order", () => {
    expect(parseText('{"type":"ping"}\noops\n{"type":"success"}\n[]\n{"type":"ping"}')).toMatchObject([
      { kind: "ping" },
      BAD_MESSAGE,
      UNKNOWN_TYPE,
      BAD_MESSAGE,
      { kind: "ping" },
    ]);
  });

  test("may be 256, blank lines not counted", () => {
    expect(parseText('{"type":"ping"}\n\n'.repeat(256))).toHaveLength(256);
  });

  test("are refused together from 257 on, in one fault", () => {
    expect(parseText('{"type":"ping"}\n'.repeat(257))).toMatchObject([BAD_MESSAGE]);
  });
});

describe("auth", () => {
  test("carries its token as it was sent", () => {
    expect(read({ type: "auth", token: " a.b.c ", ref: 1 })).toEqual({ kind: "auth", token: " a.b.c ", ref: 1 });
  });

  test.each([undefined, null, 5, ["token"], { token: "token" }])("refuses the token %j", (token) => {
    expect(read({ type: "auth", token })).toMatchObject(BAD_MESSAGE);
  });
});

describe("frame-ack", () => {
  test.each([0, 1, Number.MAX_SAFE_INTEGER])("carries the seq %d", (seq) => {
    expect(read({ type: "frame-ack", seq })).toMatchObject({ kind: "frame-ack", seq });
  });

  test.each([undefined, null, -1, 1.5, 2 ** 53, "1", [1]])("refuses the seq %j", (seq) => {
    expect(read({ type: "frame-ack", seq })).toMatchObject(BAD_MESSAGE);
  });
});

describe("ref", () => {
  test.each([0, -1, 1.5, "", "a", "x".repeat(128)])("may be %j", (ref) => {
    expect(read({ type: "alert", ref })).toMatchObject({ kind: "payload", ref });
  });

  test("may not be a number that JSON cannot say", () => {
    expect(parseText('{"type":"alert","ref":1e400}')).toMatchObject([BAD_MESSAGE]);
  });

  test.each([null, true, [], {}, ["a"], "x".repeat(129)])("may not be %j", (ref) => {
    expect(read({ type: "alert", ref })).toEqual({ ...BAD_MESSAGE, message: expect.any(String), ref: undefined });
  });

  test.each([
    ["has no type", {}],
    ["has an unknown type", { type: "success" }],
    ["is a bad auth", { type: "auth" }],
    ["is a bad register", { type: "register", produces: 5 }],
    ["is a bad frame-ack", { type: "frame-ack" }],
  ])("is repeated in the fault of a message that %s", (_what, message) => {
    expect(read({ ...message, ref: "r-1" })).toMatchObject({ kind: "fault", ref: "r-1" });
  });
});

describe("a payload message", () => {
  test("keeps the producer's fields, its type among them", () => {
    expect(read({ type: "alert", message: "a", box: { id: 1 } })).toEqual({
      kind: "payload",
      type: "alert",
      fields: { type: "alert", message: "a", box: { id: 1 } },
      id: undefined,
      payload: undefined,
      ref: undefined,
    });
  });

  test.each([...STAMP_NAMES, "ref"])("loses the %s that its producer wrote", (name) => {
    expect(read({ type: "alert", [name]: "1" })).toHaveProperty("fields", { type: "alert" });
  });

  test("still tells the id that its producer wrote, since a repeated id is a repeated message", () => {
    expect(read({ type: "alert", id: "a-1" })).toMatchObject({ id: "a-1" });
  });

  test.each([
    '{"type":"alert","__proto__":{"polluted":true}}',
    '{"type":"alert","constructor":{"prototype":{"polluted":true}}}',
  ])("%s changes no prototype", (text) => {
    const [message] = parseText(text);
    const fields = message?.kind === "payload" ? message.fields : undefined;
    expect(Object.getPrototypeOf(fields)).toBe(Object.prototype);
    expect(fields).not.toHaveProperty("polluted");
    expect({}).not.toHaveProperty("polluted");
  });
});

describe("a binary message", () => {
  test("is a payload message whose payload is the bytes", () => {
    expect(readBinary({ type: "video-frame", timestamp: 5, id: "f", ref: 2 })).toEqual({
      kind: "payload",
      type: "video-frame",
      fields: { type: "video-frame", timestamp: 5 },
      id: "f",
      payload: new Uint8Array([1, 2, 3]),
      ref: 2,
    });
  });

  test.each(STAMP_NAMES)("loses the %s that its producer wrote", (name) => {
    expect(readBinary({ type: "video-frame", [name]: "1" })).toHaveProperty("fields", { type: "video-frame" });
  });

  test.each([
    "auth",
    "register",
    "frame-ack",
    "ping",
    ...CONTROL_WORDS_NOT_FOR_CLIENTS,
    ...SOCKET_IO_EVENTS,
    5,
    undefined,
  ])("cannot be of type %j", (type) => {
    expect(readBinary({ type, token: "t", seq: 1, ref: "r-1" })).toMatchObject({ kind: "fault", ref: "r-1" });
  });

  test("has no `data` in its header, since the payload is the data", () => {
    expect(readBinary({ type: "video-frame", data: "" })).toMatchObject(BAD_MESSAGE);
  });

  test("has a ref by the same rules", () => {
    expect(readBinary({ type: "video-frame", ref: {} })).toMatchObject(BAD_MESSAGE);
  });

  test.each([[], null, "text", 5])("has no header that is %j", (header) => {
    expect(readBinary(header)).toMatchObject(BAD_MESSAGE);
  });

  test("has no header with a length that lies", () => {
    const message = writeEnvelope('{"type":"video-frame"}', new Uint8Array()) ?? new ArrayBuffer();
    new DataView(message).setUint16(2, 23);
    expect(parseBinary(message)).toMatchObject(BAD_MESSAGE);
  });

  test("has no header that is cut short, so that its rest would count as payload", () => {
    const message = writeEnvelope('{"type":"video-frame"}', new Uint8Array()) ?? new ArrayBuffer();
    new DataView(message).setUint16(2, 21);
    expect(parseBinary(message)).toMatchObject(BAD_MESSAGE);
  });
});
