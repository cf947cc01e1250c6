// Whether the count of what a consumer missed is read and changed without touching the rest of a message.
import { describe, expect, test } from "vitest";
import { readDropped, readType, writeDropped } from "../../protocol/dropped.ts";
import { readEnvelope, writeEnvelope } from "../../protocol/envelope.ts";

const STAMPED = '{"type":"video-frame","data":"AAAA","streamId":"cam-1","seq":7,"receivedAt":5,"dropped":3}';

function binary(header: string, payload: readonly number[] = [1, 2, 3]): ArrayBuffer {
  const message = writeEnvelope(header, Uint8Array.from(payload));
  if (message === undefined) throw new Error("the header is too long");
  return message;
}

describe("the count is read", () => {
  test.each([0, 3, 41, Number.MAX_SAFE_INTEGER])("from a text that says %d", (dropped) => {
    expect(readDropped(STAMPED.replace(/\d+\}$/, `${dropped}}`))).toBe(dropped);
  });

  test.each([0, 3, Number.MAX_SAFE_INTEGER])("from bytes whose header says %d", (dropped) => {
    expect(readDropped(binary(`{"type":"video-frame","dropped":${dropped}}`))).toBe(dropped);
  });

  test("from the header alone, whatever the payload says", () => {
    const payload = [...Buffer.from(',"dropped":9}')];
    expect(readDropped(binary('{"type":"video-frame","dropped":3}', payload))).toBe(3);
  });
});

describe("no count is read", () => {
  test.each([
    ["a message of another lane", '{"type":"alert","seq":7,"receivedAt":5,"offset":2,"epoch":"e"}'],
    ["a count inside another field", '{"type":"status","counts":{"a":1,"dropped":3}}'],
    ["a count that is not the last field", '{"type":"chat","dropped":3,"seq":7}'],
    ["a text that ends like a count", '{"type":"chat","message":",\\"dropped\\":3}"}'],
    ["a count that is a text", '{"type":"chat","a":1,"dropped":"3"}'],
    ["a negative count", '{"type":"chat","a":1,"dropped":-3}'],
    ["a count with a fraction", '{"type":"chat","a":1,"dropped":3.5}'],
    ["a list that ends like a count", '[{"a":1,"dropped":3}]'],
    ["an empty text", ""],
  ])("from %s", (_what, text) => {
    expect(readDropped(text)).toBeUndefined();
  });

  test.each([
    ["bytes that are no envelope", new ArrayBuffer(8)],
    ["no byte at all", new ArrayBuffer(0)],
    ["an envelope without a count", binary('{"type":"video-frame","seq":1}')],
    ["an envelope whose payload ends like a count", binary('{"type":"x","seq":1}', [...Buffer.from(',"dropped":9}')])],
  ])("from %s", (_what, message) => {
    expect(readDropped(message)).toBeUndefined();
  });
});

describe("another count", () => {
  test.each([0, 4, 12_345])("is written into a text: %d", (dropped) => {
    expect(writeDropped(STAMPED, dropped)).toBe(STAMPED.replace('"dropped":3}', `"dropped":${dropped}}`));
  });

  test("is written once, behind whatever the message holds that looks like one", () => {
    const text = '{"type":"video-frame","box":{"a":1,"dropped":3},"note":",\\"dropped\\":3}","dropped":3}';
    expect(writeDropped(text, 4)).toBe(`${text.slice(0, -2)}4}`);
  });

  test("is written into the header of bytes, and the payload stays", () => {
    const written = writeDropped(binary('{"type":"video-frame","dropped":9}', [7, 0, 255]), 10);
    expect(typeof written === "string" ? undefined : readEnvelope(written)).toMatchObject({
      headerText: '{"type":"video-frame","dropped":10}',
      payload: new Uint8Array([7, 0, 255]),
    });
  });

  test("that would make a header too long is left out, since a frame is worth more than a digit", () => {
    const rest = '{"type":"video-frame","pad":"","dropped":9}';
    const message = binary(rest.replace('""', `"${"x".repeat(4096 - rest.length)}"`));
    expect(writeDropped(message, 10)).toBe(message);
  });
});

describe("the type", () => {
  test.each([
    ["a text", STAMPED],
    ["bytes", binary('{"type":"video-frame","dropped":3}')],
  ])("of %s is read", (_what, message) => {
    expect(readType(message)).toBe("video-frame");
  });

  test.each(["", "x", "null", "[]", "{}", '{"type":5}', new ArrayBuffer(9)])("of %j is none", (message) => {
    expect(readType(message)).toBeUndefined();
  });
});
