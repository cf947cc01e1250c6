// Which stream ids a pattern of the configuration names.
import { expect, test } from "vitest";
import { patternMatches } from "../../protocol/stream-pattern.ts";

test.each([
  ["cam-1", "cam-1"],
  ["*", "cam-1"],
  ["cam-*", "cam-1"],
  ["cam-*", "cam-"],
  ["cam-1*", "cam-1"],
  ["user-1:*", "user-1:cam"],
])("%j names the stream %j", (pattern, streamId) => {
  expect(patternMatches(pattern, streamId)).toBe(true);
});

test.each([
  ["cam-1", "cam-10"],
  ["cam-10", "cam-1"],
  ["cam-*", "cam"],
  ["cam-*", "xcam-1"],
  ["cam-*", "CAM-1"],
  ["", "cam-1"],
  ["*-1", "cam-1"],
  ["cam-.", "cam-1"],
  ["c*m-*", "cam-1"],
  [".*", "cam-1"],
])("%j does not name the stream %j", (pattern, streamId) => {
  expect(patternMatches(pattern, streamId)).toBe(false);
});
