// Whether one text and no other stands for the same bytes, and what counts as JSON in them.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeCanonical, readJson, readUtf8 } from "../../auth/base64url.ts";
import { encode, otherTextsOfSameBytes } from "../support/hostile-token.ts";

describe("a text", () => {
  test("is the bytes that encode to it", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(decodeCanonical(encode(bytes))).toEqual(bytes);
      }),
      { seed: 20_261 },
    );
  });

  test.each(["A", "AAAAA", "AA==", "AA=", "AA A", "AA\nAA", "+/+/", "é", "AA.A", "\u0000AAA"])("%j is none", (text) => {
    expect(decodeCanonical(text)).toBeUndefined();
  });

  test("that a lenient reader takes for the same bytes is none", () => {
    const others = ["AA", "AAA", encode("some bytes")].flatMap(otherTextsOfSameBytes);
    expect(others.map(decodeCanonical)).toEqual(others.map(() => undefined));
    expect(others).toHaveLength(15 + 3 + 15);
  });
});

describe("bytes", () => {
  test.each([
    ['{"name":"Ünï 😀"}', { name: "Ünï 😀" }],
    ["null", null],
    ["", undefined],
    ["{", undefined],
    ["\uFEFF{}", undefined],
  ])("of %j are %j", (text, value) => {
    expect(readJson(Buffer.from(text))).toEqual(value);
  });

  test("that are not UTF-8 are no text and no JSON", () => {
    const bytes = new Uint8Array([0x22, 0xff, 0x22]);
    expect([readUtf8(bytes), readJson(bytes)]).toEqual([undefined, undefined]);
  });
});
