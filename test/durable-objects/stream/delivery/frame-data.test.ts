// The bytes and the content type of a frame: binary, base64, data: URL, and what cannot be decoded.
import { beforeAll, expect, test } from "vitest";
import { frameDataOf } from "../../../../durable-objects/stream/delivery/frame-data.ts";
import { installFromBase64 } from "../../../support/from-base64.ts";

// Node 24 cannot decode base64 with `Uint8Array.fromBase64`, which the runtime of the gateway has.
beforeAll(installFromBase64);

const TEXT = { kind: "payload", type: "video-frame", id: undefined, payload: undefined, ref: undefined } as const;

function read(fields: Record<string, unknown>, payload?: Uint8Array<ArrayBuffer>) {
  const { contentType, bytes } = frameDataOf({ ...TEXT, fields, payload });
  const buffer = bytes();
  return { contentType, bytes: buffer === undefined ? undefined : [...new Uint8Array(buffer)] };
}

test.each([
  ["base64", "AQID", "image/jpeg", [1, 2, 3]],
  ["base64 without padding", "AQIDBA", "image/jpeg", [1, 2, 3, 4]],
  ["base64 with padding", "AQIDBA==", "image/jpeg", [1, 2, 3, 4]],
  ["base64 with line ends", "AQ\r\nID", "image/jpeg", [1, 2, 3]],
  ["a data: URL", "data:image/png;base64,AQID", "image/png", [1, 2, 3]],
  ["a data: URL with parameters", "data:image/webp;q=1;x=y;base64,AQID", "image/webp", [1, 2, 3]],
  ["a data: URL without a type", "data:;base64,AQID", "image/jpeg", [1, 2, 3]],
  ["a data: URL in capitals", "DATA:image/PNG;BASE64,AQID", "image/PNG", [1, 2, 3]],
  ["a data: URL with a type that is none", "data:image png<script>;base64,AQID", "image/jpeg", [1, 2, 3]],
])("%s is decoded", (_what, data, contentType, bytes) => {
  expect(read({ data })).toEqual({ contentType, bytes });
});

test.each([
  ["a text that is not base64", "no base64!"],
  ["half a base64 group", "AQIDB"],
  ["too much padding", "AQID===="],
  ["base64 for URLs", "-_-_"],
  ["a data: URL that is not base64", "data:text/plain,hello"],
  ["a data: URL with broken base64", "data:image/png;base64,A"],
  ["a number", 5],
  ["null", null],
  ["nothing", undefined],
  ["an object", { base64: "AQID" }],
])("%s is not decoded", (_what, data) => {
  expect(read({ data }).bytes).toBeUndefined();
});

test("A content type beside base64 in JSON is not asked: only the URL's counts", () => {
  expect(read({ data: "AQID", contentType: "text/html" }).contentType).toBe("image/jpeg");
});

test.each([
  ["image/png", "image/png"],
  ["application/vnd.x+json", "application/vnd.x+json"],
  [undefined, "image/jpeg"],
  [5, "image/jpeg"],
  ["image/png; charset=x", "image/jpeg"],
  ["image/png\r\nX-Evil: 1", "image/jpeg"],
  [`image/${"x".repeat(65)}`, "image/jpeg"],
])("A binary frame with the content type %j is taken for %s", (contentType, expected) => {
  expect(read({ contentType }, Uint8Array.of(1))).toEqual({ contentType: expected, bytes: [1] });
});

test("The bytes of a binary frame are a copy without the header in front of them", () => {
  const message = Uint8Array.of(0, 0, 7, 8, 9);
  const { bytes } = frameDataOf({ ...TEXT, fields: {}, payload: message.subarray(2) });
  const buffer = bytes();
  message.fill(0);
  expect(buffer).toEqual(Uint8Array.of(7, 8, 9).buffer);
});
