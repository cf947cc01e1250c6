// How many bytes a message takes on the wire: those of its UTF-8, for every character.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bytesOf } from "../../protocol/size.ts";

describe("a text takes as many bytes as its UTF-8", () => {
  test.each([
    ["an empty one", "", 0],
    ["the last character of one byte", "\u007F", 1],
    ["the first of two", "\u0080", 2],
    ["the last of two", "\u07FF", 2],
    ["the first of three", "\u0800", 3],
    ["the last before the surrogates", "\uD7FF", 3],
    ["the first behind them", "\uE000", 3],
    ["the last of three", "\uFFFF", 3],
    ["one of four, which are two halves here", "\u{1F600}", 4],
    ["half of one, in whose place a replacement is sent", "\uD83D", 3],
    ["one beyond ASCII behind many that are not", `${"x".repeat(10_000)}é`, 10_002],
  ])("%s", (_what, text, bytes) => {
    expect(bytesOf(text)).toBe(bytes);
  });

  test("whatever it holds", () => {
    const unit = fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code));
    fc.assert(
      fc.property(fc.string({ unit }), (text) => {
        expect(bytesOf(text)).toBe(Buffer.byteLength(text));
      }),
      { seed: 20_261 },
    );
  });
});

test("Bytes take as many as they are", () => {
  expect([0, 1, 70_000].map((bytes) => bytesOf(new ArrayBuffer(bytes)))).toEqual([0, 1, 70_000]);
});
