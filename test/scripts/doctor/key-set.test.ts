// Whether upstreams can know what the deployed gateway signs, as far as its list of keys tells.
import { describe, expect, test } from "vitest";
import { kidHere, keySetFinding } from "../../../scripts/doctor/key-set.ts";
import { privateJwk } from "../../support/assertions.ts";
import { answerOf, configOf } from "../../support/doctor-facts.ts";
import { NOW_MS } from "../../support/hostile-token.ts";

const listing = (...kids: unknown[]) => answerOf(200, { keys: kids.map((kid) => ({ kid })) });

describe("a deployed gateway", () => {
  test("that signs with the key that is configured here is well", () => {
    expect(keySetFinding(listing("mine", "former"), "mine")).toMatchObject({ level: "ok" });
  });

  test("is not judged by its key where that is not known here", () => {
    expect(keySetFinding(listing("theirs"), undefined)).toMatchObject({ level: "ok" });
  });

  test.each([
    ["does not list the key that signs here", listing("theirs")],
    ["signs with another key than the one that comes first here", listing("theirs", "mine")],
  ])("that %s is told", (seen, answer) => {
    expect(keySetFinding(answer, "mine")).toMatchObject({ level: "advice", seen: expect.stringContaining(seen) });
  });

  test.each([
    answerOf(404),
    answerOf(200),
    answerOf(200, { keys: "none" }),
    listing(),
    listing(1),
    { kind: "none", why: "cannot be reached" } as const,
  ])("that lists none leaves upstreams without a word", (answer) => {
    expect(keySetFinding(answer, "mine")).toMatchObject({ level: "wrong", change: expect.stringContaining("deploy") });
  });
});

test("the key that signs here is the operator's own, else of the secret, else unknown", async () => {
  const ASSERTION_KEY = JSON.stringify(await privateJwk());
  const nothing = { BETTER_AUTH_SECRET: undefined };
  const kids = await Promise.all(
    [{}, { ASSERTION_KEY }, { ASSERTION_KEY, ...nothing }, nothing].map((variables) =>
      kidHere(configOf(variables).auth, NOW_MS),
    ),
  );
  expect(kids).toEqual([expect.any(String), expect.any(String), kids[1], undefined]);
  expect(kids[0]).not.toBe(kids[1]);
});
