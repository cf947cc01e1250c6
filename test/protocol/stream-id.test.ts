// Which stream ids may address an object.
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { isStreamId } from "../../protocol/stream-id.ts";

test.each(["a", "0", "cam-1", "user_1:cam.front", "..a", "-", ":", "Register", "registers", "x".repeat(128)])(
  "takes %s",
  (id) => {
    expect(isStreamId(id)).toBe(true);
  },
);

test.each([
  ["is empty", ""],
  ["has 129 characters", "x".repeat(129)],
  ["is one dot", "."],
  ["is two dots, which a path reads as its parent", ".."],
  ["is nothing but dots", "....."],
  ["is the name of the endpoint where a message names the stream", "register"],
  ["holds a slash", "a/b"],
  ["holds a backslash", "a\\b"],
  ["holds a space", "a b"],
  ["holds a percent sign", "a%2fb"],
  ["holds a question mark", "a?b"],
  ["holds a NUL", "a\u0000"],
  ["ends with a newline", "cam-1\n"],
  ["has a second line that is good", "a b\ncam-1"],
  ["holds a letter outside ASCII", "cäm"],
  ["holds a Cyrillic letter that looks like ours", "c\u0430m"],
  ["is a number", 5],
  ["is missing", undefined],
  ["is null", null],
  ["is a list of one good id", ["cam-1"]],
])("refuses an id that %s", (_why, id) => {
  expect(isStreamId(id)).toBe(false);
});

test("an id that is taken needs no encoding in a URL", () => {
  const almostId = fc.string({ unit: fc.constantFrom(...Array.from("aZ09._:-/% \n?#é")), maxLength: 12 });
  fc.assert(
    fc.property(almostId, (id) => {
      fc.pre(isStreamId(id));
      expect(new URL(`https://host/streams/${id}`).pathname).toBe(`/streams/${id}`);
    }),
    { seed: 20_261 },
  );
});
