// Acknowledgements of Socket.IO: each id is answered once, with what the stream says of its message, and nothing is kept for it.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isFault } from "../../../../protocol/fault.ts";
import { isJsonObject, type JsonObject, parseJson } from "../../../../protocol/json.ts";
import { parseText } from "../../../../protocol/parse.ts";
import { Acknowledgements, type Wanted } from "../../../../worker/edge/socket-io/acknowledgements.ts";

const SEED = 20_261;
const LANES = { latest: new Set(["video-frame"]), durable: new Set(["alert"]) };

function wanted(acknowledgements: Acknowledgements, id: number, type: string, own?: unknown): Wanted {
  const asked = acknowledgements.want(id, type, own);
  if (isFault(asked)) throw new Error(asked.message);
  return asked;
}

/** The answer of a stream to a question. */
function pong({ question }: Wanted): JsonObject {
  const ping = question === undefined ? undefined : parseJson(question)?.value;
  if (!isJsonObject(ping)) throw new Error("no question");
  return { type: "pong", ref: ping["ref"] };
}

/** Which id is acknowledged, and with what. */
function answered(acknowledgement: ReturnType<Acknowledgements["of"]>): unknown {
  if (typeof acknowledgement !== "object") return acknowledgement;
  return [acknowledgement.id, JSON.parse(acknowledgement.answerText)];
}

const SUCCESS = { type: "success", message: "Stored" };
const ERROR = { type: "error", code: "NOT_A_PRODUCER" };

describe("a message that the stream answers anyway", () => {
  test.each(["auth", "register", "ping", "alert"])("%s is acknowledged with that answer", (type) => {
    const acknowledgements = new Acknowledgements(LANES);
    const { ref, question } = wanted(acknowledgements, 7, type);
    expect(question).toBeUndefined();
    expect(answered(acknowledgements.of({ ...SUCCESS, ref }))).toEqual([7, SUCCESS]);
    expect(answered(acknowledgements.of({ ...ERROR, ref }))).toEqual([7, ERROR]);
  });
});

describe("a message that the stream only answers where it refuses it", () => {
  test.each(["chat", "video-frame", "frame-ack", "nonsense", "", "toString"])(
    "%s is followed by a question, and its answer says that it was sent",
    (type) => {
      const acknowledgements = new Acknowledgements(LANES);
      const asked = wanted(acknowledgements, 7, type);
      expect(answered(acknowledgements.of(pong(asked)))).toEqual([7, { type: "success", message: "Sent" }]);
    },
  );

  test("is acknowledged once where it is refused: not again by the answer to the question", () => {
    const acknowledgements = new Acknowledgements(LANES);
    const asked = wanted(acknowledgements, 7, "chat");
    const next = wanted(acknowledgements, 8, "chat");
    expect(answered(acknowledgements.of({ ...ERROR, ref: asked.ref }))).toEqual([7, ERROR]);
    expect(answered(acknowledgements.of(pong(asked)))).toBe("nothing");
    expect(answered(acknowledgements.of(pong(next)))).toEqual([8, { type: "success", message: "Sent" }]);
    // What was kept of it is gone.
    expect(answered(acknowledgements.of(pong(asked)))).toEqual([7, { type: "success", message: "Sent" }]);
  });

  test("leaves nothing behind where it is refused before it is sent", () => {
    const acknowledgements = new Acknowledgements(LANES);
    for (let id = 0; id < 100; id += 1) {
      const { refIfRefused: ref } = wanted(acknowledgements, id, "chat");
      expect(answered(acknowledgements.of({ ...ERROR, ref }))).toEqual([id, ERROR]);
    }
    const asked = wanted(acknowledgements, 7, "chat");
    acknowledgements.of({ ...ERROR, ref: asked.ref });
    expect(acknowledgements.of(pong(asked))).toBe("nothing");
  });

  test("is kept in mind, if it was refused, among 64 such", () => {
    const acknowledgements = new Acknowledgements(LANES);
    const all = Array.from({ length: 100 }, (_, id) => wanted(acknowledgements, id, "chat"));
    for (const { ref } of all) acknowledgements.of({ ...ERROR, ref });
    const answers = all.map((asked) => acknowledgements.of(pong(asked)));
    expect(answers.filter((answer) => answer === "nothing")).toHaveLength(64);
  });
});

describe("the message's own ref", () => {
  test.each(["mine", "", 0, -1.5, "a b", '"', "é\n\u2028", "ack:9", "connect"])("%j comes back", (own) => {
    for (const type of ["alert", "chat"]) {
      const acknowledgements = new Acknowledgements(LANES);
      const asked = wanted(acknowledgements, 7, type, own);
      expect(answered(acknowledgements.of({ ...ERROR, ref: asked.ref }))).toEqual([7, { ...ERROR, ref: own }]);
    }
    const acknowledgements = new Acknowledgements(LANES);
    expect(answered(acknowledgements.of(pong(wanted(acknowledgements, 7, "chat", own))))).toEqual([
      7,
      { type: "success", message: "Sent", ref: own },
    ]);
  });

  test.each([null, true, {}, [], ["x"], Infinity])("is refused where it is %j", (own) => {
    expect(new Acknowledgements(LANES).want(7, "chat", own)).toEqual({
      kind: "fault",
      code: "BAD_MESSAGE",
      message: "`ref` is a number or a string",
      ref: "ack:7",
    });
  });

  test("is refused where it is nested 100,000 deep, and nothing throws", () => {
    const deep: unknown = JSON.parse("[".repeat(100_000) + "]".repeat(100_000));
    expect(new Acknowledgements(LANES).want(7, "chat", deep)).toMatchObject({ code: "BAD_MESSAGE", ref: "ack:7" });
  });

  test("is refused where it is too long to be repeated beside the id, and what is not is taken by the stream", () => {
    const acknowledgements = new Acknowledgements(LANES);
    const { ref } = wanted(acknowledgements, 7, "chat", "x".repeat(120));
    expect(parseText(JSON.stringify({ type: "chat", ref }))).toMatchObject([{ kind: "payload", ref }]);
    expect(acknowledgements.want(7, "chat", "x".repeat(121))).toEqual({
      kind: "fault",
      code: "BAD_MESSAGE",
      message: "`ref` is too long beside an acknowledgement",
      ref: "ack:7",
    });
  });
});

test.each([
  undefined,
  null,
  7,
  {},
  "",
  "mine",
  "ack",
  "ack:",
  "ack:x",
  "ack-7",
  "xack:7",
  "ack:7x",
  "ack:12345678901234567",
])("an answer to %j acknowledges nothing and is an event", (ref) => {
  expect(new Acknowledgements(LANES).of({ ...ERROR, ref })).toBeUndefined();
});

test("an answer to a ref that a client made up throws nothing, whatever it is", () => {
  fc.assert(
    fc.property(fc.constantFrom(":", "!", "?"), fc.string({ unit: "binary" }), (form, behind) => {
      const acknowledgement = new Acknowledgements(LANES).of({ ...ERROR, ref: `ack${form}1 ${behind}` });
      expect(answered(acknowledgement)).toMatchObject([1, { type: expect.any(String) }]);
    }),
    { seed: SEED },
  );
});

test("the largest id there is comes back as it was", () => {
  const acknowledgements = new Acknowledgements(LANES);
  const { ref } = wanted(acknowledgements, Number.MAX_SAFE_INTEGER, "alert");
  expect(answered(acknowledgements.of({ ...SUCCESS, ref }))).toEqual([Number.MAX_SAFE_INTEGER, SUCCESS]);
});
