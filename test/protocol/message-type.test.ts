// Which names may be payload types, and which belong to the protocol or to Socket.IO.
import { describe, expect, test } from "vitest";
import { isPayloadType } from "../../protocol/message-type.ts";

test.each(["video-frame", "alert", "status", "A", "a.b_c:d-e9", "Register", "constructor", `a${"b".repeat(63)}`])(
  "%s may be a payload type",
  (name) => {
    expect(isPayloadType(name)).toBe(true);
  },
);

describe("names that are taken", () => {
  test.each([
    "auth",
    "register",
    "success",
    "error",
    "ping",
    "pong",
    "frame-ack",
    "presence",
    "auth-expiring",
    "reconnect",
  ])("%s is a word of the protocol", (name) => {
    expect(isPayloadType(name)).toBe(false);
  });

  test.each(["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"])(
    "%s is an event of Socket.IO's own",
    (name) => {
      expect(isPayloadType(name)).toBe(false);
    },
  );
});

test.each([
  ["is empty", ""],
  ["has 65 characters", `a${"b".repeat(64)}`],
  ["starts with a digit", "1alert"],
  ["starts with an underscore, as __proto__ does", "__proto__"],
  ["is the star that means all types", "*"],
  ["holds a space", "a b"],
  ["holds a slash", "a/b"],
  ["ends with a newline", "alert\n"],
  ["holds a letter outside ASCII", "alärt"],
  ["is a number", 5],
  ["is missing", undefined],
  ["is null", null],
  ["is a list of one good name", ["alert"]],
])("refuses a name that %s", (_why, name) => {
  expect(isPayloadType(name)).toBe(false);
});

test("After more names than are remembered good ones are still good, and bad ones bad", () => {
  const names = Array.from({ length: 600 }, (_, index) => `invented-${index}`);
  expect(names.filter((name) => !isPayloadType(name))).toEqual([]);
  expect(["one-more", "one more", "one-more", "one more"].map(isPayloadType)).toEqual([true, false, true, false]);
});
