// Between events and messages: what a client writes becomes one message and no other, what a stream says is read as it was said.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readEnvelope, writeEnvelope } from "../../../../protocol/envelope.ts";
import { isFault } from "../../../../protocol/fault.ts";
import { parseText } from "../../../../protocol/parse.ts";
import { toEvent, toMessage } from "../../../../worker/edge/socket-io/messages.ts";
import { type EventPacket, PLACEHOLDER_TEXT, readPacket } from "../../../../worker/edge/socket-io/packet.ts";
import { readOfficially } from "../../../support/official-parser.ts";

const SEED = 20_261;
const BYTES = Uint8Array.of(7, 8, 9).buffer;

function eventOf(text: string): EventPacket {
  const packet = readPacket(text);
  if (packet?.kind !== "event") throw new Error("no event");
  return packet;
}

/** The message of a text, as text; a fault as its code. */
function messageOf(text: string, ref?: string): string {
  const message = toMessage(eventOf(text), undefined, ref);
  if (isFault(message)) return message.code;
  if (typeof message !== "string") throw new Error("bytes");
  return message;
}

/** The header of a binary message, read, and its payload; a fault as its code. */
function envelopeOf(text: string, ref?: string, attachment: ArrayBuffer | undefined = BYTES): unknown {
  const message = toMessage(eventOf(text), attachment, ref);
  if (isFault(message)) return message.code;
  const envelope = typeof message === "string" ? undefined : readEnvelope(message);
  if (envelope === undefined) throw new Error("no envelope");
  return [JSON.parse(envelope.headerText), [...envelope.payload]];
}

const KEYS = [
  "type",
  "ref",
  "data",
  "_placeholder",
  "num",
  "__proto__",
  "constructor",
  "toString",
  "0",
  "",
  'a"b',
  "é",
];
const key = fc.oneof(fc.constantFrom(...KEYS), fc.string({ unit: "binary", maxLength: 4 }));
const { object, value } = fc.letrec<{ object: Record<string, unknown>; value: unknown }>((tie) => ({
  object: fc
    .array(fc.tuple(key, tie("value")), { maxLength: 5 })
    // An own `__proto__`, as JSON.parse makes it.
    .map((entries) => Object.fromEntries(entries)),
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom<unknown>(true, null, 0, -0.5, "", "\ud800", "\u2028\n", '"', "\\"),
    fc.string({ unit: "binary", maxLength: 6 }),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.constantFrom(0, 1, -1, 0.5, "0").map((num) => ({ _placeholder: true, num })),
    tie("object"),
  ),
}));
const name = fc.constantFrom("chat", "video-frame", "alert", "register", "A.b_c:d-9", "a b", 'x"y', "é", "", "\n");
const ref = fc.option(fc.constantFrom("ack:1", 'ack!2 "x"', "\ud800"), { nil: undefined });

describe("an event becomes the message that its argument says", () => {
  test("whatever the argument, the name and the way it is written", () => {
    const spaced = fc.constantFrom<[string, string]>(["", ""], [" ", ""], ["", "\n"]);
    fc.assert(
      fc.property(name, object, ref, spaced, (event, fields, ackRef, [before, behind]) => {
        const text = `2[${before}${JSON.stringify(event)},${JSON.stringify(fields)}${behind}]`;
        const message: unknown = JSON.parse(messageOf(text, ackRef));
        const written = JSON.parse(JSON.stringify(fields)) as Record<string, unknown>;
        const expected = { ...written, type: event, ...(ackRef === undefined ? {} : { ref: ackRef }) };
        expect(sorted(message)).toBe(sorted(expected));
      }),
      { seed: SEED, numRuns: 5000 },
    );
  });

  test.each([
    ['2["chat"]', '{"type":"chat"}'],
    ['2["chat",{}]', '{"type":"chat"}'],
    ['2["ping",{}]', '{"type":"ping"}'],
    ['2["chat",{"a":1}]', '{"type":"chat","a":1}'],
    ['2["chat",null]', '{"type":"chat","data":null}'],
    ['2["chat","x"]', '{"type":"chat","data":"x"}'],
    ['2["chat",[1]]', '{"type":"chat","data":[1]}'],
    ['2["chat",{"ref":"r"}]', '{"type":"chat","ref":"r"}'],
    ['2[ "chat",{"a":["chat",{"b":1}]}]', '{"type":"chat","a":["chat",{"b":1}]}'],
    ['2["chat",{"a":["chat",{"b":1}]} ]', '{"type":"chat","a":["chat",{"b":1}]}'],
  ])("%s is %s", (text, message) => {
    expect(messageOf(text)).toBe(message);
  });

  test("with what its answer is to repeat in the place of its own", () => {
    expect(messageOf('21["chat"]', "ack:1")).toBe('{"type":"chat","ref":"ack:1"}');
    expect(messageOf('21["chat",{"a":1}]', "ack:1")).toBe('{"type":"chat","ref":"ack:1","a":1}');
    expect(messageOf('21["chat",{"ref":"mine"}]', 'ack:1 "mine"')).toBe('{"type":"chat","ref":"ack:1 \\"mine\\""}');
  });

  test("as it was written, where nothing has to be put right: its numbers keep every digit", () => {
    expect(messageOf('2["chat",{"a":1.000000000000000000001, "b" : 1e2}]')).toBe(
      '{"type":"chat","a":1.000000000000000000001, "b" : 1e2}',
    );
  });
});

describe("nothing is smuggled past its name", () => {
  test.each([
    '2["chat",{"type":"alert"}]',
    '2["chat",{"a":1,"type":"alert"}]',
    '2["chat",{"\\u0074ype":"alert"}]',
    '2["chat",{"type":"x","\\u0074\\u0079pe":"alert"}]',
    '2["chat",{"type":{"type":"alert"}}]',
    '2["\\u0063hat",{"type":"alert"}]',
    '2[ "chat",{"type":"alert"}]',
  ])("%s stays a chat", (text) => {
    const [message, ...others] = parseText(messageOf(text, "ack:1"));
    expect([message, others]).toEqual([expect.objectContaining({ kind: "payload", type: "chat", ref: "ack:1" }), []]);
  });

  test.each(['2["chat",{"ref":"r","\\u0072ef":"mine"}]', '2["chat",{"a":1,"\\u0072ef":"mine"}]'])(
    "%s is answered as it wants to be",
    (text) => {
      expect(parseText(messageOf(text, "ack:1"))).toMatchObject([{ ref: "ack:1" }]);
      expect(messageOf(text, "ack:1")).not.toContain("mine");
    },
  );

  test("a line within its JSON begins no second message", () => {
    const text = '2["chat",{"a":1,\n"b":\n{"type":"alert"}\n}]';
    expect(parseText(messageOf(text))).toMatchObject([{ type: "chat", fields: { b: { type: "alert" } } }]);
    expect(parseText(messageOf('2["chat","\\n{\\"type\\":\\"alert\\"}"]'))).toMatchObject([{ type: "chat" }]);
  });

  test("a name that is none is no JSON of ours", () => {
    const names = ['x","type":"alert', 'x"', "a\\", "a\nb", "{", "é", "\u2028", "\ud800", "a".repeat(65), ""];
    for (const odd of names) {
      const message: unknown = JSON.parse(messageOf(`2[${JSON.stringify(odd)},{"a":1}]`));
      expect(message).toEqual({ a: 1, type: odd });
    }
  });

  test("a prototype is a field like any other", () => {
    const message = messageOf('2["chat",{"__proto__":{"type":"alert","ref":"x"}}]');
    expect(message).toBe('{"type":"chat","__proto__":{"type":"alert","ref":"x"}}');
    expect(messageOf('2["chat",{"type":1,"__proto__":{"ref":"x"}}]')).toBe('{"type":"chat","__proto__":{"ref":"x"}}');
  });

  test("a number is no name of a type", () => {
    expect(messageOf('2[7,{"a":1}]')).toBe("UNKNOWN_TYPE");
    expect(toMessage(eventOf("2[7]"), undefined, "ack:1")).toMatchObject({ code: "UNKNOWN_TYPE", ref: "ack:1" });
  });

  test.each(['2["chat",{"a":1},2]', '2["chat",1,{"type":"alert"}]', `51-["chat",${PLACEHOLDER_TEXT},1]`])(
    "%s has more than one argument",
    (text) => {
      expect(toMessage(eventOf(text), BYTES, "ack:1")).toEqual({
        kind: "fault",
        code: "BAD_MESSAGE",
        message: "An event has one argument",
        ref: "ack:1",
      });
    },
  );

  test("what is nested 100,000 deep is passed on as it came or refused, and nothing throws", () => {
    const deep = "[".repeat(100_000) + "]".repeat(100_000);
    expect(messageOf(`2["chat",{"a":${deep}}]`)).toBe(`{"type":"chat","a":${deep}}`);
    expect(messageOf(`2["chat",{"type":1,"a":${deep}}]`)).toBe("BAD_MESSAGE");
    expect(messageOf(`2["chat",${deep}]`)).toBe("BAD_MESSAGE");
    expect(toMessage(eventOf(`2["chat",${deep}]`), undefined, "ack:1")).toMatchObject({ ref: "ack:1" });
    expect(envelopeOf(`51-["chat",{"data":${PLACEHOLDER_TEXT},"a":${deep}}]`)).toBe("BAD_MESSAGE");
  });
});

describe("an event with an attachment becomes an envelope", () => {
  test.each([
    [`51-["video-frame",${PLACEHOLDER_TEXT}]`, { type: "video-frame" }],
    [`51-["video-frame",{"data":${PLACEHOLDER_TEXT}}]`, { type: "video-frame" }],
    [`51-["video-frame",{"a":1,"data":${PLACEHOLDER_TEXT},"type":"x"}]`, { a: 1, type: "video-frame" }],
    [`51-["video-frame",{"data":${PLACEHOLDER_TEXT},"ref":"r"}]`, { ref: "r", type: "video-frame" }],
    [`51-["video-frame",{"data":{"num":0,"_placeholder":true,"x":1}}]`, { type: "video-frame" }],
  ])("%s", (text, header) => {
    expect(envelopeOf(text)).toEqual([header, [7, 8, 9]]);
  });

  test("with what its answer is to repeat", () => {
    const text = `51-5["video-frame",{"data":${PLACEHOLDER_TEXT},"ref":"mine"}]`;
    expect(envelopeOf(text, "ack!5")).toEqual([{ ref: "ack!5", type: "video-frame" }, [7, 8, 9]]);
  });

  test("and with no bytes where there are none in it", () => {
    expect(envelopeOf(`51-["x",${PLACEHOLDER_TEXT}]`, undefined, new ArrayBuffer(0))).toEqual([{ type: "x" }, []]);
  });

  test.each([
    '51-["x"]',
    '51-["x",{}]',
    '51-["x",{"data":1}]',
    `51-["x",{"other":${PLACEHOLDER_TEXT}}]`,
    `51-["x",[${PLACEHOLDER_TEXT}]]`,
    `51-["x",{"data":[${PLACEHOLDER_TEXT}]}]`,
    `51-["x",{"data":{"data":${PLACEHOLDER_TEXT}}}]`,
    `51-["x",{"data":${PLACEHOLDER_TEXT},"again":${PLACEHOLDER_TEXT}}]`,
    `51-["x",{"data":${PLACEHOLDER_TEXT},"again":[{"deep":${PLACEHOLDER_TEXT}}]}]`,
    `51-["x",{"data":${PLACEHOLDER_TEXT},"long":"${"x".repeat(4096)}"}]`,
  ])("but not %s", (text) => {
    expect(envelopeOf(text, "ack:1")).toBe("BAD_MESSAGE");
    expect(toMessage(eventOf(text), BYTES, "ack:1")).toMatchObject({ ref: "ack:1", message: expect.any(String) });
  });

  test("nor where there is more than one, of which none was kept", () => {
    const two = `52-["x",{"data":${PLACEHOLDER_TEXT},"b":{"_placeholder":true,"num":1}}]`;
    expect(toMessage(eventOf(two), undefined)).toMatchObject({ code: "BAD_MESSAGE" });
    expect(toMessage(eventOf(`52-["x",${PLACEHOLDER_TEXT}]`), undefined)).toMatchObject({ code: "BAD_MESSAGE" });
  });

  test("a numeric name is refused with or without one", () => {
    expect(envelopeOf(`51-[7,${PLACEHOLDER_TEXT}]`)).toBe("UNKNOWN_TYPE");
  });
});

describe("the official parser reads what a stream says as it was said", () => {
  const payload = Uint8Array.of(1, 2, 3);

  /** The fields of a message with its type among them, in any place. */
  const type = fc.constantFrom("chat", "video-frame", "alert", "presence", "A.b_c:d-9", "x".repeat(64));
  const message = fc.tuple(type, object, fc.nat(5)).map(([named, fields, at]) => {
    const entries = Object.entries(fields).filter(([field]) => field !== "type");
    return Object.fromEntries(entries.toSpliced(at, 0, ["type", named]));
  });

  test("as text, whatever is in it", () => {
    fc.assert(
      fc.property(message, (said) => {
        const { text, attachment } = toEvent(JSON.stringify(said));
        const { type: named, ...fields } = JSON.parse(JSON.stringify(said)) as Record<string, unknown>;
        expect(attachment).toBeUndefined();
        expect(JSON.stringify(readOfficially([text]))).toBe(
          JSON.stringify({ type: 2, nsp: "/", data: [named, fields] }),
        );
      }),
      { seed: SEED, numRuns: 5000 },
    );
  });

  test("as bytes, whatever is beside them, and they stand where they belong and nowhere else", () => {
    fc.assert(
      fc.property(message, (said) => {
        const { data: _data, ...header } = JSON.parse(JSON.stringify(said)) as Record<string, unknown>;
        const envelope = writeEnvelope(JSON.stringify(header), payload);
        if (envelope === undefined) throw new Error("too long");
        const { text, attachment } = toEvent(envelope);
        const { type: named, ...fields } = withoutKey(header) as Record<string, unknown>;
        const bytes = attachment ?? new Uint8Array();
        expect(JSON.stringify(readOfficially([text, bytes]))).toBe(
          JSON.stringify({ type: 2, nsp: "/", data: [named, { data: payload, ...fields }] }),
        );
      }),
      { seed: SEED, numRuns: 5000 },
    );
  });

  test.each([
    '{"type":"x","_placeholder":true,"num":0}',
    '{"type":"x","_placeholder":true,"num":9}',
    '{"type":"x","_placeholder":true}',
    '{"type":"x","a":{"_placeholder":true,"num":0}}',
    '{"type":"x","a":{"_placeholder":true,"num":"splice"}}',
    '{"type":"x","a":[[{"_placeholder":true}]]}',
    '{"type":"x","__proto__":{"_placeholder":true,"num":1}}',
    '{"type":"x","_placeholder":{"_placeholder":true}}',
    '{"a":"\\"_placeholder\\"","type":"x","b":{"_placeholder":true,"num":3}}',
  ])("a producer's %s beside bytes is no attachment", (headerText) => {
    // As the stream writes it, whatever escapes its producer used.
    const envelope = writeEnvelope(JSON.stringify(JSON.parse(headerText)), payload);
    if (envelope === undefined) throw new Error("too long");
    const { text, attachment } = toEvent(envelope);
    const packet = readOfficially([text, attachment ?? new Uint8Array()]);
    expect(packet).toMatchObject({ type: 2, data: ["x", { data: payload }] });
    expect(JSON.stringify(packet)).not.toContain('_placeholder":true');
  });

  test("and where there are no bytes nobody looks for one", () => {
    const { text } = toEvent('{"type":"x","a":{"_placeholder":true,"num":9}}');
    expect(readOfficially([text])).toMatchObject({ data: ["x", { a: { _placeholder: true, num: 9 } }] });
  });

  test.each([
    ['{"type":"x"}', '2["x",{}]'],
    ['{"type":"x","a":1}', '2["x",{"a":1}]'],
    ['{"type":"x","a":1}', '2["x",{"a":1}]'],
    [`{"type":"${"x".repeat(64)}","a":1}`, `2["${"x".repeat(64)}",{"a":1}]`],
    ['{"0":1,"type":"x","b":2}', '2["x",{"0":1,"b":2}]'],
  ])("%s", (text, event) => {
    expect(toEvent(text)).toEqual({ text: event, attachment: undefined });
  });

  test.each(["", "{", "[]", '{"type":7}', '{"a":1}'])("but no %s, which no stream writes", (text) => {
    expect(() => toEvent(text)).toThrow("the gateway writes messages");
  });

  test("nor bytes that are no envelope", () => {
    expect(() => toEvent(new ArrayBuffer(3))).toThrow("the gateway writes envelopes that can be read");
  });

  function withoutKey(item: unknown): unknown {
    if (typeof item !== "object" || item === null) return item;
    if (Array.isArray(item)) return item.map(withoutKey);
    const entries = Object.entries(item).filter(([field]) => field !== "_placeholder");
    return Object.fromEntries(entries.map(([field, inner]) => [field, withoutKey(inner)]));
  }
});

test("no packet that can be read makes it throw", () => {
  fc.assert(
    fc.property(fc.array(value, { maxLength: 3 }), fc.nat(2), ref, (args, attachments, ackRef) => {
      const packet = readPacket(`${attachments > 0 ? `5${attachments}-` : 2}${JSON.stringify(["chat", ...args])}`);
      if (packet?.kind !== "event") return;
      const message = toMessage(packet, attachments === 1 ? BYTES : undefined, ackRef);
      expect(typeof message === "string" || message instanceof ArrayBuffer || isFault(message)).toBe(true);
    }),
    { seed: SEED, numRuns: 3000 },
  );
});

/** JSON with the names of its outermost object in order: where `type` and `ref` stand says nothing. */
function sorted(message: unknown): string {
  const entries = Object.entries(message as object).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return JSON.stringify(entries);
}
