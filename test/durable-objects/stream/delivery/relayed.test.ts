// A message on its way: our stamps once, `dropped` where it belongs, text and binary.
import { expect, test } from "vitest";
import { fieldsToText, Relayed } from "../../../../durable-objects/stream/delivery/relayed.ts";
import { readEnvelope } from "../../../../protocol/envelope.ts";

const STAMPS = { streamId: "cam-1", userId: "anna", senderKind: "user", seq: 7, receivedAt: 1234 } as const;
const FRAME_TEXT = '{"type":"video-frame","width":640}';
const PAYLOAD = Uint8Array.of(9, 8, 7);

function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("expected a value");
  return value;
}

function textFrame(): Relayed {
  return must(Relayed.of("video-frame", "latest", FRAME_TEXT, STAMPS));
}

function binaryFrame(fieldsText = FRAME_TEXT): Relayed | undefined {
  return Relayed.of("video-frame", "latest", fieldsText, STAMPS, PAYLOAD);
}

function text(relayed: Relayed, missed: number | undefined): string {
  const form = relayed.formFor(missed);
  if (typeof form !== "string") throw new Error("expected a text");
  return form;
}

function read(relayed: Relayed, missed: number | undefined): unknown {
  return JSON.parse(text(relayed, missed));
}

/** A header of so many bytes before the stamps. */
function header(bytes: number): string {
  const frame = '{"type":"video-frame","pad":""}';
  return frame.replace('""', `"${"x".repeat(bytes - frame.length)}"`);
}

test("The stamps stand behind the fields of the producer", () => {
  expect(must(Relayed.of("note", "live", '{"type":"note","a":1}', STAMPS)).formFor(0)).toBe(
    '{"type":"note","a":1,"streamId":"cam-1","userId":"anna","senderKind":"user","seq":7,"receivedAt":1234}',
  );
});

test("A durable message has its id, offset and epoch too", () => {
  const stamps = { ...STAMPS, id: "a", offset: 3, epoch: "e1" };
  const relayed = must(Relayed.of("alert", "durable", '{"type":"alert"}', stamps));
  expect(read(relayed, 0)).toEqual({ type: "alert", ...stamps });
});

test.each([0, 5])("A consumer that missed %i of a latest type is told so", (missed) => {
  expect(read(textFrame(), missed)).toEqual({
    type: "video-frame",
    width: 640,
    ...STAMPS,
    dropped: missed,
  });
});

test("Where nobody knows what was missed nothing is said of it", () => {
  expect(read(textFrame(), undefined)).not.toHaveProperty("dropped");
});

test.each(["live", "durable"] as const)("A %s message says nothing of what was missed", (lane) => {
  const relayed = must(Relayed.of("note", lane, '{"type":"note"}', STAMPS));
  expect(read(relayed, 3)).not.toHaveProperty("dropped");
});

test("A binary message has the stamps in its header and the payload untouched", () => {
  const form = must(binaryFrame()).formFor(2);
  const envelope = must(readEnvelope(form as ArrayBuffer));
  expect(JSON.parse(envelope.headerText)).toEqual({ type: "video-frame", width: 640, ...STAMPS, dropped: 2 });
  expect([...envelope.payload]).toEqual([9, 8, 7]);
});

test("Consumers that missed as much as each other get the very same bytes", () => {
  const relayed = must(binaryFrame());
  expect(relayed.formFor(0)).toBe(relayed.formFor(0));
});

test("Consumers that missed different numbers get different forms", () => {
  const relayed = textFrame();
  expect(relayed.formFor(0)).not.toBe(relayed.formFor(1));
});

test("A header that leaves no room for the stamps makes no message", () => {
  expect(binaryFrame(header(4096))).toBeUndefined();
});

test("A header is measured with the longest `dropped` there can be, so that no later form fails", () => {
  const bytes = Array.from({ length: 300 }, (_, index) => 3796 + index);
  const largest = must(bytes.findLast((count) => binaryFrame(header(count)) !== undefined));
  const relayed = must(binaryFrame(header(largest)));
  expect(relayed.formFor(Number.MAX_SAFE_INTEGER)).toBeInstanceOf(ArrayBuffer);
  expect(must(readEnvelope(relayed.formFor(0) as ArrayBuffer)).headerText.length).toBeLessThan(4096);
});

test("A JSON message has no such limit", () => {
  expect(Relayed.of("video-frame", "latest", header(10_000), STAMPS)).toBeDefined();
});

test("The size of a text is its size in UTF-8", () => {
  const relayed = must(Relayed.of("note", "live", '{"type":"note","text":"ü🎥"}', STAMPS));
  expect(relayed.bytes).toBe(Buffer.byteLength(text(relayed, 0)));
});

test("The size of a binary message has its payload in it", () => {
  const relayed = must(Relayed.of("video-frame", "latest", FRAME_TEXT, STAMPS, new Uint8Array(50_000)));
  expect(relayed.bytes).toBeGreaterThan(50_000);
});

test.each([
  ["text", textFrame],
  ["binary", () => must(binaryFrame())],
])("What is stored of a %s message makes the same message again, for whoever missed whatever", (_form, build) => {
  const relayed = build();
  const again = Relayed.again(relayed.type, relayed.seq, relayed.text, relayed.payload);
  for (const missed of [undefined, 0, 5]) expect(again.formFor(missed)).toEqual(relayed.formFor(missed));
  expect(again).toMatchObject({ type: "video-frame", lane: "latest", seq: relayed.seq, bytes: relayed.bytes });
});

test("What is stored of a message says nothing of what one consumer missed", () => {
  const relayed = textFrame();
  relayed.formFor(3);
  expect(JSON.parse(relayed.text)).toEqual({ type: "video-frame", width: 640, ...STAMPS });
  expect(relayed.payload).toBeUndefined();
});

test("Fields become JSON", () => {
  expect(fieldsToText({ type: "note", list: [1, null, "ü"] })).toBe('{"type":"note","list":[1,null,"ü"]}');
});

test.each([
  ["a text", "x"],
  ["a list", [{ type: "note" }]],
  ["a number", 5],
  ["null", null],
  ["nothing", undefined],
  ["an object without fields", {}],
])("Fields that turn themselves into %s make no text", (_what, json) => {
  expect(fieldsToText({ type: "note", toJSON: () => json })).toBeUndefined();
});

test("Fields that cannot become JSON make no text, and do not throw", () => {
  const loop: Record<string, unknown> = { type: "note" };
  loop["self"] = loop;
  expect(fieldsToText(loop)).toBeUndefined();
});
