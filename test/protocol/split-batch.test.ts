// How one text is taken apart into the messages that stand in it, before anyone looks into them.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isFault } from "../../protocol/fault.ts";
import { parseText, splitBatch } from "../../protocol/parse.ts";

const PING = '{"type":"ping"}';

describe("one message is", () => {
  test.each([
    ["a text of one line", PING],
    ["a text that is no JSON", "hello"],
    ["an empty text", ""],
    ["a newline alone", "\n"],
    ["blank lines alone", " \n\t\n"],
    ["a pretty-printed object", JSON.stringify({ type: "alert", message: "a" }, null, 2)],
    ["an object with newlines around it", `\n${PING}\n\n`],
    ["a newline that is escaped in a value", JSON.stringify({ type: "alert", message: "a\nb" })],
    ["a carriage return", `${PING}\r${PING}`],
    ["a separator that only Unicode calls a line", `${PING}\u2028${PING}`],
  ])("%s", (_what, text) => {
    expect(splitBatch(text)).toEqual([text]);
  });
});

describe("several messages are", () => {
  test.each([
    ["two lines", `${PING}\n{}`, [PING, "{}"]],
    ["lines of which none is JSON", "a\nb", ["a", "b"]],
    ["lines with blank ones between them", `\n${PING}\n \n\t\n${PING}\n`, [PING, PING]],
    ["lines that end as on Windows, each as it was sent", `${PING}\r\n{}\r\n`, [`${PING}\r`, "{}\r"]],
    ["a pretty-printed object beside another, line by line", '{\n"a":1}\n{}', ["{", '"a":1}', "{}"]],
  ])("%s", (_what, text, messages) => {
    expect(splitBatch(text)).toEqual(messages);
  });

  test("as many as 256, blank lines not counted", () => {
    expect(splitBatch("x\n\n".repeat(256))).toHaveLength(256);
  });

  test("too many from 257 on", () => {
    expect(splitBatch("x\n".repeat(257))).toBeUndefined();
  });
});

test("each message of a text is read as the text would be that holds it alone", () => {
  const line = fc.constantFrom(PING, '{"type":"alert"}', "{", "junk", "[]", " ", "", '{"a":\r1}', '"a', 'b"');
  fc.assert(
    fc.property(fc.array(line, { maxLength: 8 }), (lines) => {
      const text = lines.join("\n");
      const apart = (splitBatch(text) ?? []).flatMap((one) => parseText(one));
      expect(apart).toEqual(parseText(text));
    }),
    { seed: 20_261, numRuns: 1000 },
  );
});

test("a text of too many messages is one fault", () => {
  expect(parseText("x\n".repeat(257)).map((one) => isFault(one))).toEqual([true]);
});
