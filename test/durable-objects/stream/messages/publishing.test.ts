// What a payload message does: who may send it, what is stamped, and what its consumers read.
import { describe, expect, test } from "vitest";
import { writeEnvelope } from "../../../../protocol/envelope.ts";
import { FakeStream } from "../../../support/fake-stream.ts";

const STAMPS = ["streamId", "userId", "senderKind", "seq", "receivedAt"];
const OTHERS = ["dropped", "id", "offset", "epoch", "origin", "ref"];

function start(variables = {}) {
  const fake = new FakeStream(variables);
  const owner = fake.owner();
  const consumer = fake.member("anna", { consumes: ["*"] });
  return { fake, owner, consumer };
}

/** How often a name stands in a JSON text, however deep. */
function occurrences(text: string | undefined, name: string): number {
  return (text ?? "").split(`"${name}":`).length - 1;
}

test("Who publishes before registering is told to register", () => {
  const anna = new FakeStream().join("anna");
  anna.send({ type: "video-frame", ref: 1 });
  expect(anna.socket.messages).toMatchObject([{ code: "NOT_REGISTERED", ref: 1 }]);
});

test.each([
  ["video-frame", "NOT_A_PRODUCER"],
  ["audio-frame", "NOT_A_PRODUCER"],
  ["alert", "NOT_A_PRODUCER"],
  ["status", "NOT_A_PRODUCER"],
  ["pose", "UNKNOWN_TYPE"],
  ["toString", "UNKNOWN_TYPE"],
])("The type %s, which was not declared, is answered with %s", (type, code) => {
  const fake = new FakeStream();
  const owner = fake.owner({ produces: ["note"] });
  const consumer = fake.member("anna", { consumes: ["*"] });
  owner.send({ type, ref: "r" });
  expect(owner.socket.messages).toMatchObject([{ type: "error", code, ref: "r" }]);
  expect(consumer.socket.sent).toEqual([]);
});

test("Which types are known depends on the lanes", () => {
  const owner = new FakeStream({ LATEST_TYPES: "pose" }).owner({ produces: ["note"] });
  owner.send({ type: "pose" });
  owner.send({ type: "video-frame" });
  expect(owner.socket.errorCodes).toEqual(["NOT_A_PRODUCER", "UNKNOWN_TYPE"]);
});

test.each(["success", "error", "pong", "presence", "auth-expiring", "reconnect", "connect", "disconnect", "a b", ""])(
  "Nobody may send the type %j, not even who produces everything",
  (type) => {
    const { owner, consumer } = start();
    owner.send({ type });
    expect(owner.socket.errorCodes).toEqual(["UNKNOWN_TYPE"]);
    expect(consumer.socket.sent).toEqual([]);
  },
);

describe("stamps", () => {
  const forged = Object.fromEntries([...STAMPS, ...OTHERS].map((name) => [name, "forged"]));
  const forgedBinary = { type: "video-frame", ...forged };

  test("A text message has its fields and our stamps", () => {
    const { fake, owner, consumer } = start();
    owner.send({ type: "note", a: [1, { b: null }], ...forged });
    expect(consumer.socket.messages).toEqual([
      {
        type: "note",
        a: [1, { b: null }],
        streamId: "cam-1",
        userId: "anna",
        senderKind: "user",
        seq: 1,
        receivedAt: fake.nowMs,
      },
    ]);
  });

  test("A binary message has its fields, our stamps and its payload", () => {
    const { fake, owner, consumer } = start();
    owner.sendFrame({ ...forgedBinary, width: 640 }, [1, 2, 3]);
    expect(consumer.socket.frames.map(({ header, payload }) => ({ header, payload }))).toEqual([
      {
        header: {
          type: "video-frame",
          width: 640,
          streamId: "cam-1",
          userId: "anna",
          senderKind: "user",
          seq: 1,
          receivedAt: fake.nowMs,
          dropped: 0,
        },
        payload: [1, 2, 3],
      },
    ]);
  });

  test.each([...STAMPS, "dropped"])("The stamp %s of a text frame stands once and is ours", (name) => {
    const { owner, consumer } = start();
    owner.send({ type: "video-frame", ...forged });
    expect(occurrences(consumer.socket.texts[0], name)).toBe(1);
    expect(consumer.socket.messages[0]?.[name]).not.toBe("forged");
  });

  test.each([...STAMPS, "dropped"])("The stamp %s of a binary frame stands once and is ours", (name) => {
    const { owner, consumer } = start();
    owner.sendFrame(forgedBinary);
    expect(occurrences(consumer.socket.frames[0]?.headerText, name)).toBe(1);
    expect(consumer.socket.frames[0]?.header[name]).not.toBe("forged");
  });

  test.each([...STAMPS, "id", "offset", "epoch"])("The stamp %s of an alert stands once", (name) => {
    const { owner, consumer } = start();
    owner.send({ type: "alert", ...forged });
    expect(occurrences(consumer.socket.texts[0], name)).toBe(1);
  });

  test.each([...STAMPS, "offset", "epoch"])("The stamp %s of an alert is ours", (name) => {
    const { owner, consumer } = start();
    owner.send({ type: "alert", ...forged });
    expect(consumer.socket.messages[0]?.[name]).not.toBe("forged");
  });

  test.each(OTHERS)("A client's own %s is removed from a live message", (name) => {
    const { owner, consumer } = start();
    owner.send({ type: "note", [name]: "forged" });
    expect(consumer.socket.messages[0]).not.toHaveProperty(name);
  });

  test("A stamp that was sent twice, and once more in disguise, stands once and is ours", () => {
    const { owner, consumer } = start();
    owner.send(String.raw`{"userId":"eve","type":"note","userId":"eve","\u0075serId":"eve"}`);
    expect(occurrences(consumer.socket.texts[0], "userId")).toBe(1);
    expect(consumer.socket.messages[0]?.["userId"]).toBe("anna");
  });

  test("A field that only looks like a stamp deeper down stays", () => {
    const { owner, consumer } = start();
    owner.send({ type: "note", box: { seq: "theirs" } });
    expect(consumer.socket.messages[0]?.["box"]).toEqual({ seq: "theirs" });
  });
});

test("A sender does not get its own frames and live messages back", () => {
  const owner = new FakeStream().owner({ produces: ["*"], consumes: ["*"] });
  owner.send({ type: "video-frame" });
  owner.send({ type: "note" });
  expect(owner.socket.sent).toEqual([]);
});

test("Consumers read the messages in the order of `seq`", () => {
  const { owner, consumer } = start();
  for (const type of ["video-frame", "alert", "note", "video-frame"]) owner.send({ type });
  expect(consumer.socket.messages.map(({ type, seq }) => [type, seq])).toEqual([
    ["video-frame", 1],
    ["alert", 2],
    ["note", 3],
    ["video-frame", 4],
  ]);
});

test("Over a restart on the same storage `seq` goes on strictly above", () => {
  const { fake, owner, consumer } = start();
  owner.send({ type: "note" });
  fake.sleepAndWake();
  owner.send({ type: "note" });
  const [before, after] = consumer.socket.messages;
  expect(Number(after?.["seq"])).toBeGreaterThan(Number(before?.["seq"]));
});

test("A thousand invented types each reach who consumes every type, and nobody else", () => {
  const { fake, owner, consumer } = start({ MAX_MESSAGES_PER_S: 10_000 });
  const other = fake.member("anna", { consumes: ["invented-1"] });
  for (let number = 1; number <= 1000; number += 1) owner.send({ type: `invented-${number}` });
  expect(consumer.socket.messages.map(({ type }) => type)).toEqual(
    Array.from({ length: 1000 }, (_, index) => `invented-${index + 1}`),
  );
  expect(other.socket.messages).toMatchObject([{ type: "invented-1" }]);
});

test("A binary header that leaves no room for the stamps is a bad message", () => {
  const { owner, consumer } = start();
  owner.sendFrame({ type: "video-frame", pad: "x".repeat(4050), ref: "r" });
  expect(owner.socket.messages).toMatchObject([{ code: "BAD_MESSAGE", ref: "r" }]);
  expect(consumer.socket.sent).toEqual([]);
});

test.each([
  ["shorter than its prefix", new ArrayBuffer(3)],
  ["of another version", Uint8Array.of(2, 0, 0, 2, 123, 125).buffer],
  ["with a header that is no JSON", writeEnvelope("{]", new Uint8Array(1))],
  ["with a register in its header", writeEnvelope('{"type":"register"}', new Uint8Array(1))],
])("A binary message %s is a bad message", (_what, bytes = new ArrayBuffer(0)) => {
  const { owner, consumer } = start();
  owner.sendBytes(bytes);
  expect(owner.socket.errorCodes).toEqual(["BAD_MESSAGE"]);
  expect(consumer.socket.sent).toEqual([]);
});

test.each(["note", "alert", "video-frame", "register"])(
  "A %s nested 100,000 deep is a bad message or goes through, and throws nothing",
  (type) => {
    const { owner, consumer } = start();
    const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
    owner.send(`{"type":"${type}","deep":${deep}}`);
    const outcomes = [...owner.socket.errorCodes, ...consumer.socket.texts.map(() => "relayed")];
    expect(outcomes).toHaveLength(1);
    expect(["BAD_MESSAGE", "ALREADY_REGISTERED", "relayed"]).toContain(outcomes[0]);
    expect(owner.socket.closedWith).toBeUndefined();
  },
);
