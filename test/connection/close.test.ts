// Whether a client's close is answered with a code that may be sent.
import { expect, test } from "vitest";
import { answerCloseCode, relayedCloseCode } from "../../connection/close.ts";

test.each([1000, 1001, 1002, 1003, 1007, 1008, 1009, 1011, 1012, 1013, 1014, 3000, 4000, 4401, 4999])(
  "%d is answered with itself",
  (code) => {
    expect(answerCloseCode(code)).toBe(code);
  },
);

test.each([
  [0, "no code at all"],
  [999, "below the first"],
  [1004, "reserved"],
  [1005, "for when none was sent"],
  [1006, "for when the connection broke"],
  [1015, "for when TLS failed"],
  [1016, "not given out yet"],
  [2999, "kept for the protocol"],
  [5000, "beyond the last"],
  [65_535, "the largest that fits"],
  [Number.NaN, "no number"],
])("%d, which is %s, is answered with 1000", (code) => {
  expect(answerCloseCode(code)).toBe(1000);
});

function isSendable(code: number): boolean {
  return code >= 1000 && code < 5000 && ![1004, 1005, 1006, 1015].includes(code);
}

test("no code at all makes a socket throw on the answer", () => {
  const answers = Array.from({ length: 65_536 }, (_, code) => answerCloseCode(code));
  expect(answers.filter((code) => !isSendable(code))).toEqual([]);
});

test.each([
  [1000, 1000],
  [1013, 1013],
  [4999, 4999],
  [1005, undefined],
  [999, 1000],
  [1004, 1000],
  [1006, 1000],
  [1015, 1000],
])("a close with %i is passed on with %s", (received, relayed) => {
  expect(relayedCloseCode(received)).toBe(relayed);
});
