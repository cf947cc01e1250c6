// The size that a JPEG claims is read without decoding it, and hostile headers are no size.
import fc from "fast-check";
import { expect, test } from "vitest";
import { readClip } from "../../../examples/camera/clip.ts";
import { jpegSize } from "../../../examples/ml-worker/jpeg-size.ts";

const [frame = new Uint8Array()] = readClip();

const jpeg = (...segments: number[][]): Uint8Array => Uint8Array.from([0xff, 0xd8, ...segments.flat()]);
const frameHeader = (marker: number): number[] => [
  0xff,
  marker,
  0,
  17,
  8,
  0x4e,
  0x20,
  0x27,
  0x10,
  3,
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  0,
];

test("a camera frame has the size that it shows", () => {
  expect(jpegSize(frame)).toEqual({ width: 640, height: 360 });
});

test.each([0xc0, 0xc1, 0xc2, 0xc3, 0xc9, 0xcf])("a frame header with marker %i tells its size", (marker) => {
  expect(jpegSize(jpeg(frameHeader(marker)))).toEqual({ width: 10_000, height: 20_000 });
});

test("segments, fill bytes and lone markers before the frame header are passed over", () => {
  const comment = [0xff, 0xfe, 0, 4, 1, 2];
  expect(jpegSize(jpeg(comment, [0xff], [0xff, 0x01], frameHeader(0xc0)))).toEqual({ width: 10_000, height: 20_000 });
});

test.each([
  ["nothing", new Uint8Array()],
  ["a PNG", Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0, 0, 0, 0, 0, 0, 0, 0])],
  ["a JPEG without a frame header", jpeg([0xff, 0xda, 0, 2, 0, 0, 0, 0, 0, 0, 0])],
  ["a Huffman table, which shares the frames' range", jpeg(frameHeader(0xc4))],
  ["a segment that ends behind the file", jpeg([0xff, 0xfe, 0xff, 0xff, 0, 0, 0, 0, 0])],
  ["a header that is cut off", frame.subarray(0, 12)],
])("%s has no size", (_name, bytes) => {
  expect(jpegSize(bytes)).toBeUndefined();
});

test("any bytes are read without a throw and without hanging", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (tail) => {
      jpegSize(Uint8Array.from([0xff, 0xd8, ...tail]));
    }),
    { seed: 20_261_121, numRuns: 2000 },
  );
});
