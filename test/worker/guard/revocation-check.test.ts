// Whether a request is refused: by the word of the user's object, asked seldom, and never guessed.
import { describe, expect, test } from "vitest";
import type { RevocationsAnswer } from "../../../durable-objects/user/revocations.ts";
import { makeRevocationCheck } from "../../../worker/guard/revocation-check.ts";
import { service, user } from "../../support/members.ts";

const CACHE_MS = 10_000;
const NOBODY_REVOKED: RevocationsAnswer = { kind: "revocations", revocations: [] };
const revoked = (sessionId?: string): RevocationsAnswer => ({
  kind: "revocations",
  revocations: [{ userId: "anna", sessionId, issuedBeforeS: 1000 }],
});

/** A check, with the object of anna as a test has it answer. */
function checking(answer: RevocationsAnswer | Promise<RevocationsAnswer>, cacheMs = CACHE_MS) {
  const object = { answer, asked: [] as string[], askedOf: [] as string[], kept: 0 };
  const check = makeRevocationCheck(async ({ userId, sessionId }) => {
    object.asked.push(userId);
    object.askedOf.push(sessionId);
    return object.answer;
  }, cacheMs);
  const of = (userId = "anna", nowMs = 0, issuedAtS = 1000) =>
    check({ principal: user(userId), issuedAtS }, { nowMs, keepAlive: () => void (object.kept += 1) });
  return { object, check, of };
}

describe("a user", () => {
  test.each([
    ["of whom nothing is revoked is let through", NOBODY_REVOKED, undefined],
    ["all of whose sessions are revoked is not", revoked(), "SESSION_REVOKED"],
    ["whose session is revoked is not", revoked("session-of-anna"), "SESSION_REVOKED"],
    ["another of whose sessions is revoked is let through", revoked("other"), undefined],
    ["of whom nobody can say is told to come back", { kind: "unavailable" }, "OVERLOADED"],
  ] as const)("%s", async (_what, answer, code) => {
    expect(await checking(answer).of()).toBe(code);
  });

  test("who was vouched for later is let through", async () => {
    expect(await checking(revoked()).of("anna", 0, 1001)).toBeUndefined();
  });
});

test("A program is let through, and nobody is asked", async () => {
  const { object, check } = checking({ kind: "unavailable" });
  const who = { principal: service("robot"), issuedAtS: undefined };
  expect([await check(who, { nowMs: 0, keepAlive: () => {} }), object.asked]).toEqual([undefined, []]);
});

describe("an answer", () => {
  test("is taken for true for so long, and for each user on his own", async () => {
    const { object, of } = checking(NOBODY_REVOKED);
    await of();
    object.answer = revoked();
    expect([await of("anna", CACHE_MS - 1), await of("bob")]).toEqual([undefined, undefined]);
    expect(await of("anna", CACHE_MS)).toBe("SESSION_REVOKED");
    expect(object.asked).toEqual(["anna", "bob", "anna"]);
  });

  test("is one session's, and says nothing of another of the user's", async () => {
    const { check, object, of } = checking(NOBODY_REVOKED);
    await of();
    object.answer = revoked("other");
    const other = { principal: { ...user("anna"), sessionId: "other" }, issuedAtS: 1000 };
    expect(await check(other, { nowMs: 0, keepAlive: () => {} })).toBe("SESSION_REVOKED");
    expect(object.askedOf).toEqual(["session-of-anna", "other"]);
  });

  test("is asked for each time where nothing is remembered", async () => {
    const { object, of } = checking(NOBODY_REVOKED, 0);
    await of();
    await of();
    expect(object.asked).toEqual(["anna", "anna"]);
  });

  test("that did not come is not remembered", async () => {
    const { object, of } = checking({ kind: "unavailable" });
    await of();
    object.answer = NOBODY_REVOKED;
    expect(await of()).toBeUndefined();
  });

  test("is shared by those who ask at once, and outlives the request that asked", async () => {
    const { promise, resolve } = Promise.withResolvers<RevocationsAnswer>();
    const { object, of } = checking(promise);
    const both = [of(), of()];
    resolve(revoked());
    expect([await Promise.all(both), object.asked, object.kept]).toEqual([
      ["SESSION_REVOKED", "SESSION_REVOKED"],
      ["anna"],
      1,
    ]);
  });
});
