// Who a binding's props make its Worker: a named service, one without a name, or nobody where they are wrong.
import { expect, test } from "vitest";
import { callerOf, isNamed } from "../../../worker/rpc/caller.ts";

test.each([undefined, null, {}])("Props of %j are a service without a name, which only reads", (props) => {
  const caller = callerOf(props);
  expect(caller?.principal.grants.operations).toEqual(["read"]);
  expect(caller && isNamed(caller)).toBe(false);
});

test("A name reads and writes, and has no right beyond the streams that the props name", () => {
  const caller = callerOf({ service: "door", streams: ["cam-*", "hall"] });
  expect(caller?.principal).toMatchObject({ userId: "svc:door", grants: { operations: ["read", "write"] } });
  expect(["cam-1", "hall", "hall-2", "garden"].map((streamId) => caller?.mayTouch(streamId))).toEqual([
    true,
    true,
    false,
    false,
  ]);
});

test.each([
  ["a text", "door"],
  ["a name that is none", { service: "a b" }],
  ["the name of those that have none", { service: "unnamed" }],
  ["streams that are no list", { service: "door", streams: "cam-*" }],
  ["a pattern that matches no id", { service: "door", streams: ["a/b"] }],
  ["more patterns than a connection can carry", { service: "door", streams: Array.from({ length: 33 }, () => "x") }],
])("Props that are %s make nobody", (_what, props) => {
  expect(callerOf(props)).toBeUndefined();
});
