// Whether each message type travels in the lane that its operator gave it.
import { expect, test } from "vitest";
import { DEFAULT_DURABLE_TYPES, DEFAULT_LATEST_TYPES, laneOf, type Lanes } from "../../protocol/lanes.ts";

const DEFAULT_LANES: Lanes = { latest: new Set(DEFAULT_LATEST_TYPES), durable: new Set(DEFAULT_DURABLE_TYPES) };

test.each([
  ["video-frame", "latest"],
  ["audio-frame", "latest"],
  ["alert", "durable"],
  ["status", "live"],
  ["transcript", "live"],
  ["Alert", "live"],
  ["constructor", "live"],
])("%s is %s unless configured otherwise", (type, lane) => {
  expect(laneOf(type, DEFAULT_LANES)).toBe(lane);
});

test("a type that is configured for both lanes is stored, since dropping it would break a promise", () => {
  expect(laneOf("event", { latest: new Set(["event"]), durable: new Set(["event"]) })).toBe("durable");
});

test("a configured lane takes the place of the default one", () => {
  expect(laneOf("alert", { latest: new Set(), durable: new Set(["incident"]) })).toBe("live");
});
