// What is told of an upstream that did not answer, and when its clients come back.
import { describe, expect, test } from "vitest";
import { detailOf } from "../../../worker/proxy/no-answer.ts";

describe("an upstream that", () => {
  test.each([
    ["unreachable", 502],
    ["timeout", 504],
  ] as const)("is %s is told as %i", (kind, status) => {
    expect(detailOf({ kind }, () => 0)).toMatchObject({ status });
  });
});

test("Clients are sent away for one to five seconds, each for another time", () => {
  const waits = [0, 0.5, 0.9999].map((random) => detailOf({ kind: "unreachable" }, () => random).retryAfterMs);
  expect(waits).toEqual([1000, 3000, 4999]);
});
