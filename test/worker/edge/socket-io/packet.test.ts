// Packets of Socket.IO as text: what the official parser refuses is refused, and nothing is read in another way than it does.
import { describe, expect, test } from "vitest";
import { EventReader, type Reading } from "../../../../worker/edge/socket-io/event-reader.ts";
import {
  ackText,
  connectErrorText,
  connectText,
  disconnectText,
  eventText,
  type Packet,
  PLACEHOLDER_TEXT,
  placeholdersIn,
  readPacket,
} from "../../../../worker/edge/socket-io/packet.ts";
import { type OfficialPacket, readOfficially, readWithAttachments } from "../../../support/official-parser.ts";
import { packetTexts, randomOf } from "../../../support/socket-io-texts.ts";

const SEED = 20_261;
const TEXTS = 100_000;
/** More than any text here has. */
const MAX_BYTES = 1_000_000;

/** With its attachments, as many as it announces. */
function readWhole(text: string): Reading {
  const reader = new EventReader();
  let reading = reader.read(text, MAX_BYTES);
  for (let count = 0; count < 11 && reading === "part"; count += 1) {
    reading = reader.read(Uint8Array.of(count).buffer, MAX_BYTES);
  }
  return reading;
}

/** What we read, in the words of the official parser; of arguments that nobody asks for nothing is kept. */
function asOfficial(packet: Packet): unknown {
  const { kind, namespace: nsp } = packet;
  switch (kind) {
    case "connect":
      return { type: 0, nsp, data: packet.auth };
    case "disconnect":
      return { type: 1, nsp };
    case "event": {
      const data = [packet.name, ...packet.args];
      return { type: 2, nsp, id: packet.id, data: packet.attachments > 0 ? withAttachments(data) : data };
    }
    case "ack":
      return { type: 3, nsp };
    case "connect-error":
      return { type: 4, nsp };
  }
}

/** Each attachment where its placeholder stands. */
function withAttachments(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if ("_placeholder" in value && "num" in value && value["_placeholder"] === true) {
    return Uint8Array.of(Number(value.num));
  }
  if (Array.isArray(value)) return value.map(withAttachments);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withAttachments(item)]));
}

/** As text, which also compares a key `__proto__` and the order. */
function comparable({ type, nsp, id, data }: OfficialPacket): string {
  if (type === 0) return JSON.stringify({ type, nsp, data });
  return JSON.stringify(type === 2 ? { type, nsp, id, data } : { type, nsp });
}

const HEAD = /^(?:[0-4]|[56][^-]*-)(?:\/[^,]*,?)?/;

/** What we refuse and the official parser does not: this list, and nothing else. */
const STRICTER: Readonly<Record<string, (text: string, packet: OfficialPacket) => boolean>> = {
  "a type that is no digit": (text) => !/^[0-6]/.test(text),
  "a count of attachments that is not digits alone": (text) => /^[56](?![1-9]\d?-)/.test(text),
  "an event or an acknowledgement without arguments": (_text, { type, data }) =>
    (type === 2 || type === 3) && data === undefined,
  "an acknowledgement of nothing": (_text, { type, id }) => type === 3 && id === undefined,
  "a number of an acknowledgement that is unsafe or has more than 16 digits": (text) => {
    const digits = /^\d+/.exec(text.replace(HEAD, ""))?.[0] ?? "";
    return digits.length > 16 || !Number.isSafeInteger(Number(digits));
  },
  // The reader's: whatever comes for such a namespace ends the connection, and with attachments it would be kept until then.
  "attachments for a namespace where nobody is": (text, { nsp }) => /^[56]/.test(text) && nsp !== "/",
  "a space where digits or JSON begin": (text) => /^\d*\s/.test(text.replace(HEAD, "")),
  "an attachment in a namespace where nobody is": (text, { nsp }) => /^[56]/.test(text) && nsp !== "/",
  "an attachment whose number is a fraction": (text, { type }) =>
    (type === 2 || type === 3) && /^[56]/.test(text) && text.includes('"num":0.5'),
};

describe(`of ${TEXTS} texts (seed ${SEED})`, () => {
  const next = packetTexts(randomOf(SEED));
  const texts = Array.from({ length: TEXTS }, next);
  const seen = texts.map((text) => ({ text, ours: readWhole(text), official: readWithAttachments(text) }));

  test("none is read that the official parser refuses, and none is read in another way", () => {
    const wrong = seen.flatMap(({ text, ours, official }) => {
      if (ours === "broken") return [];
      const read = typeof ours === "string" ? ours : JSON.stringify(asOfficial(ours.packet));
      const asked = official === "refused" ? official : comparable(official);
      return read === asked ? [] : [{ text, read, asked }];
    });
    expect(wrong.slice(0, 5)).toEqual([]);
  });

  test("those that only we refuse are of a closed list of kinds, and each kind is among them", () => {
    const kinds = new Map(Object.keys(STRICTER).map((name) => [name, 0]));
    const others: string[] = [];
    for (const { text, ours, official } of seen) {
      if (ours !== "broken" || official === "refused") continue;
      const of = Object.entries(STRICTER).filter(([, isOne]) => isOne(text, official));
      if (of.length === 0) others.push(text);
      for (const [name] of of) kinds.set(name, (kinds.get(name) ?? 0) + 1);
    }
    expect(others.slice(0, 5)).toEqual([]);
    for (const [name, count] of kinds) expect([name, count > 10]).toEqual([name, true]);
  });

  test("many are packets, of every kind, with and without attachments", () => {
    const read = seen.flatMap(({ ours }) => (typeof ours === "string" ? [] : [ours]));
    const kinds = Map.groupBy(read, ({ packet }) => packet.kind);
    for (const kind of ["connect", "disconnect", "event", "ack", "connect-error"] as const) {
      expect([kind, (kinds.get(kind)?.length ?? 0) > 300]).toEqual([kind, true]);
    }
    expect(read.filter(({ packet }) => packet.kind === "event" && packet.attachments > 0).length).toBeGreaterThan(500);
  });
});

describe("a packet", () => {
  test.each<[string, Packet]>([
    ["0", { kind: "connect", namespace: "/", auth: undefined }],
    ['0{"token":"t"}', { kind: "connect", namespace: "/", auth: { token: "t" } }],
    ["0/", { kind: "connect", namespace: "/", auth: undefined }],
    ["0/admin,", { kind: "connect", namespace: "/admin", auth: undefined }],
    ['0/admin?a=b,{"x":1}', { kind: "connect", namespace: "/admin?a=b", auth: { x: 1 } }],
    ["1", { kind: "disconnect", namespace: "/" }],
    ["1/admin,", { kind: "disconnect", namespace: "/admin" }],
    ["35[]", { kind: "ack", namespace: "/", attachments: 0 }],
    ["61-/a,0[1]", { kind: "ack", namespace: "/a", attachments: 1 }],
    ['4{"message":"no"}', { kind: "connect-error", namespace: "/" }],
    ['4"no"', { kind: "connect-error", namespace: "/" }],
    ["4", { kind: "connect-error", namespace: "/" }],
  ])("%s", (text, packet) => {
    expect(readPacket(text)).toEqual(packet);
  });

  test("that is an event keeps its JSON as it came", () => {
    expect(readPacket('2/a,9007199254740991["chat", {"b":1} , 2]')).toEqual({
      kind: "event",
      namespace: "/a",
      id: Number.MAX_SAFE_INTEGER,
      name: "chat",
      args: [{ b: 1 }, 2],
      json: '["chat", {"b":1} , 2]',
      attachments: 0,
    });
    expect(readPacket(`510-["x",${PLACEHOLDER_TEXT}]`)).toMatchObject({ attachments: 10, id: undefined });
  });

  test.each([
    "",
    " 0",
    "7",
    "2",
    "2[]",
    "2{}",
    "2[null]",
    '2["connect"]',
    '2["connect_error"]',
    '2["disconnect"]',
    '2["disconnecting"]',
    '2["newListener"]',
    '2["removeListener"]',
    '2["\\u0063onnect"]',
    '2["a"',
    '2["a"]x',
    '2 ["a"]',
    '21 2["a"]',
    '29007199254740992["a"]',
    '200000000000000001["a"]',
    '2-1["a"]',
    '21.5["a"]',
    '51["a"]',
    '50-["a"]',
    '501-["a"]',
    '511-["a"]',
    '5100-["a"]',
    '51e0-["a"]',
    '5-["a"]',
    '51-["a",{"_placeholder":true,"num":1}]',
    '51-["a",{"_placeholder":true,"num":-1}]',
    '51-["a",{"_placeholder":true,"num":0.5}]',
    '51-["a",{"_placeholder":true,"num":"0"}]',
    '51-["a",{"_placeholder":true}]',
    '51-["a",[{"b":{"_placeholder":true,"num":"splice"}}]]',
    '61-1[{"_placeholder":true,"num":1}]',
    '61-1[[{"_placeholder":true,"num":"length"}]]',
    "3[1]",
    "31",
    "31{}",
    "0[]",
    '0"t"',
    "0null",
    "1{}",
    "4[]",
    "4null",
  ])("none is %s", (text) => {
    expect(readPacket(text)).toBeUndefined();
  });

  test("none is one that is nested 100,000 deep and broken at the end, and one that is not broken is read", () => {
    const deep = "[".repeat(100_000) + "]".repeat(100_000);
    expect(readPacket(`2["a",${deep}`)).toBeUndefined();
    expect(readPacket(`2["a",${deep}]`)).toMatchObject({ name: "a" });
    expect(readPacket(`51-["a",${deep}]`)).toMatchObject({ attachments: 1 });
  });
});

test("an attachment is whatever the official parser would replace, wherever it stands", () => {
  const value = JSON.parse(
    '[1,null,{"_placeholder":true,"num":3},{"a":[{"_placeholder":true,"num":"x","b":{"_placeholder":true,"num":4}}]},{"__proto__":{"_placeholder":true,"num":5}},{"_placeholder":1,"num":6}]',
  ) as unknown;
  expect(new Set(placeholdersIn(value))).toEqual(new Set([3, "x", 4, 5]));
});

describe("what is written is read by the official parser", () => {
  test("the answer to CONNECT", () => {
    expect(readOfficially([connectText("s-1")])).toEqual({ type: 0, nsp: "/", data: { sid: "s-1" } });
  });

  test("its refusal, in its namespace", () => {
    expect(readOfficially([connectErrorText("/", "no", { code: "C" })])).toEqual({
      type: 4,
      nsp: "/",
      data: { message: "no", data: { code: "C" } },
    });
    expect(readOfficially([connectErrorText("/a?b", 'n"o')])).toEqual({
      type: 4,
      nsp: "/a?b",
      data: { message: 'n"o' },
    });
  });

  test("the end", () => {
    expect(readOfficially([disconnectText("/")])).toEqual({ type: 1, nsp: "/" });
  });

  test("an event, with and without bytes", () => {
    expect(readOfficially([eventText("chat", "{}", false)])).toEqual({ type: 2, nsp: "/", data: ["chat", {}] });
    const bytes = Uint8Array.of(1, 2);
    expect(readOfficially([eventText("chat", `{"data":${PLACEHOLDER_TEXT}}`, true), bytes])).toMatchObject({
      type: 2,
      data: ["chat", { data: bytes }],
    });
  });

  test("an acknowledgement", () => {
    expect(readOfficially([ackText(12, '{"a":1}')])).toEqual({ type: 3, nsp: "/", id: 12, data: [{ a: 1 }] });
  });
});
