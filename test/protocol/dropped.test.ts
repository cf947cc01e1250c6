// Whether the count of what a consumer missed is read and changed without touching the rest of a message.
import { describe, expect, test } from "vitest";
import { readLatestStamps, writeDropped } from "../../protocol/dropped.ts";
import { readEnvelope, writeEnvelope } from "../../protocol/envelope.ts";

const STAMPED = '{"type":"video-frame","data":"AAAA","streamId":"cam-1","seq":7,"receivedAt":5,"dropped":3}';

function binary(header: string, payload: readonly number[] = [1, 2, 3]): ArrayBuffer {
  const message = writeEnvelope(header, Uint8Array.from(payload));
  if (message === undefined) throw new Error("the header is too long");
  return message;
}

describe("another count", () => {
  test.each([0, 4, 12_345])("is written into a text: %d", (dropped) => {
    expect(writeDropped(STAMPED, dropped)).toBe(STAMPED.replace('"dropped":3}', `"dropped":${dropped}}`));
  });

  test("takes the place of one that is as long as it may be", () => {
    const most = Number.MAX_SAFE_INTEGER;
    expect(writeDropped(STAMPED.replace('"dropped":3', `"dropped":${most}`), 4)).toBe(STAMPED.replace("3}", "4}"));
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

describe("type, number and count of a frame", () => {
  const found = { type: "video-frame", seq: 7, dropped: 3 };

  test.each([
    ["a text", STAMPED],
    ["bytes", binary(STAMPED)],
    ["a text whose type is written with an escape", STAMPED.replace("-", "\\u002d")],
    ["a text whose type is not first", `{"data":"AAAA",${STAMPED.slice(1)}`],
    ["a text that a program wrote with a type far behind", `{"0":"${"x".repeat(200)}",${STAMPED.slice(1)}`],
    [
      "a text that holds other stamps inside",
      STAMPED.replace('"AAAA"', '{"type":"alert","seq":5,"receivedAt":1,"dropped":9}'),
    ],
    ["bytes whose payload ends like stamps", binary(STAMPED, [...Buffer.from('"seq":5,"receivedAt":1,"dropped":9}')])],
  ])("are read from %s", (_what, message) => {
    expect(readLatestStamps(message)).toEqual(found);
  });

  test("are read where each is as long as it may be", () => {
    const most = Number.MAX_SAFE_INTEGER;
    const type = "t".repeat(64);
    const text = `{"type":"${type}","seq":${most},"receivedAt":${most},"dropped":${most}}`;
    expect(readLatestStamps(text)).toEqual({ type, seq: most, dropped: most });
  });

  test.each([
    ["an empty text", ""],
    ["no JSON", "x"],
    ["no byte", new ArrayBuffer(0)],
    ["bytes that are no envelope", new ArrayBuffer(9)],
    ["a live message", '{"type":"chat","seq":7,"receivedAt":5}'],
    ["an alert", '{"type":"alert","seq":7,"receivedAt":5,"id":"a","offset":2,"epoch":"e"}'],
    ["a count that stands alone", '{"type":"video-frame","dropped":3}'],
    ["stamps inside another field", '{"type":"chat","a":{"seq":7,"receivedAt":5,"dropped":3}}'],
    ["a text that ends like stamps", '{"type":"chat","a":"\\"seq\\":7,\\"receivedAt\\":5,\\"dropped\\":3}"}'],
    ["stamps without a type", '{"seq":7,"receivedAt":5,"dropped":3}'],
    ["stamps whose type is a number", '{"type":5,"seq":7,"receivedAt":5,"dropped":3}'],
    ["a list", '[{"type":"video-frame"},{"seq":7,"receivedAt":5,"dropped":3}'],
  ])("are not read from %s", (_what, message) => {
    expect(readLatestStamps(message)).toBeUndefined();
  });
});
