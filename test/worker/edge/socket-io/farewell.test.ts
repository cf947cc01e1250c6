// After which closes a client of Socket.IO must not come back by itself.
import { expect, test } from "vitest";
import { CLOSE_ERROR_FLOOD, type Code, CODES } from "../../../../protocol/codes.ts";
import { isFinal } from "../../../../worker/edge/socket-io/farewell.ts";

test.each(Object.keys(CODES) as Code[])("after %s it stays away, unless it may succeed by waiting", (code) => {
  expect(isFinal(CODES[code].closeCode, code)).toBe(!CODES[code].temporary);
});

test("after a flood of errors it stays away, also of those that it may make again later", () => {
  expect([isFinal(CLOSE_ERROR_FLOOD, "RATE_LIMITED"), isFinal(CLOSE_ERROR_FLOOD, "")]).toEqual([true, true]);
});

test.each([
  [1000, ""],
  [1001, "going away"],
  [4999, "an application's own"],
])("after %i %j, which is none of ours, it comes back", (closeCode, reason) => {
  expect(isFinal(closeCode, reason)).toBe(false);
});
