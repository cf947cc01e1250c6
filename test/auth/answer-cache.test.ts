// How long the auth server's word is remembered, and who shares a question.
import { describe, expect, test } from "vitest";
import { AnswerCache } from "../../auth/answer-cache.ts";
import type { AuthServerAnswer } from "../../auth/ports.ts";

const SESSION: AuthServerAnswer = { kind: "session", session: {}, user: {} };
const NONE: AuthServerAnswer = { kind: "none" };
const UNAVAILABLE: AuthServerAnswer = { kind: "unavailable" };

/** A cache with a count of the questions that got through it. */
class Counting {
  readonly cache: AnswerCache<AuthServerAnswer>;
  questions = 0;

  constructor(sessionLifeMs?: number) {
    this.cache = new AnswerCache(5000, sessionLifeMs);
  }

  get(hash: string, nowMs: number, answer: AuthServerAnswer | Promise<AuthServerAnswer>): Promise<AuthServerAnswer> {
    return this.cache.get(hash, nowMs, () => {
      this.questions += 1;
      return Promise.resolve(answer);
    });
  }
}

describe.each([SESSION, NONE])("an answer of kind $kind", (answer) => {
  test("is remembered for five seconds", async () => {
    const asked = new Counting();
    await asked.get("h", 1000, answer);
    expect([await asked.get("h", 5999, UNAVAILABLE), asked.questions]).toEqual([answer, 1]);
  });

  test("is forgotten then", async () => {
    const asked = new Counting();
    await asked.get("h", 1000, answer);
    await asked.get("h", 6000, answer);
    expect(asked.questions).toBe(2);
  });

  test("does not live longer for being used", async () => {
    const asked = new Counting();
    for (const nowMs of [0, 4000, 5000]) await asked.get("h", nowMs, answer);
    expect(asked.questions).toBe(2);
  });

  test("belongs to one token", async () => {
    const asked = new Counting();
    await asked.get("h", 0, answer);
    await asked.get("other", 0, answer);
    expect(asked.questions).toBe(2);
  });
});

describe("no answer", () => {
  test("is never remembered", async () => {
    const asked = new Counting();
    await asked.get("h", 0, UNAVAILABLE);
    expect([await asked.get("h", 0, SESSION), asked.questions]).toEqual([SESSION, 2]);
  });

  test("is shared by those who asked meanwhile", async () => {
    const asked = new Counting();
    const { promise, resolve } = Promise.withResolvers<AuthServerAnswer>();
    const both = [asked.get("h", 0, promise), asked.get("h", 1, SESSION)];
    resolve(UNAVAILABLE);
    expect([await Promise.all(both), asked.questions]).toEqual([[UNAVAILABLE, UNAVAILABLE], 1]);
  });

  test("that comes late does not take a newer answer with it", async () => {
    const asked = new Counting();
    const { promise, resolve } = Promise.withResolvers<AuthServerAnswer>();
    const late = asked.get("h", 0, promise);
    await asked.get("h", 6000, SESSION);
    resolve(UNAVAILABLE);
    await late;
    expect([await asked.get("h", 6001, NONE), asked.questions]).toEqual([SESSION, 2]);
  });
});

describe("with a longer life for sessions", () => {
  test("that there is one is remembered so long", async () => {
    const asked = new Counting(300_000);
    await asked.get("h", 1000, SESSION);
    expect([await asked.get("h", 300_999, NONE), asked.questions]).toEqual([SESSION, 1]);
    expect([await asked.get("h", 301_000, NONE), asked.questions]).toEqual([NONE, 2]);
  });

  test("that there is none is remembered for five seconds, so that one that begins is soon known", async () => {
    const asked = new Counting(300_000);
    await asked.get("h", 1000, NONE);
    expect([await asked.get("h", 5999, SESSION), await asked.get("h", 6000, SESSION)]).toEqual([NONE, SESSION]);
  });
});

test("a hundred who ask at once share one question", async () => {
  const asked = new Counting();
  const answers = await Promise.all(Array.from({ length: 100 }, () => asked.get("h", 0, SESSION)));
  expect([new Set(answers), asked.questions]).toEqual([new Set([SESSION]), 1]);
});

test("a question that is open for five seconds is asked again", async () => {
  const asked = new Counting();
  const never = Promise.withResolvers<AuthServerAnswer>();
  void asked.get("h", 0, never.promise);
  expect(await asked.get("h", 5000, SESSION)).toEqual(SESSION);
});

describe("of more than a thousand answers", () => {
  async function filled(): Promise<Counting> {
    const asked = new Counting();
    for (let index = 0; index < 1001; index += 1) await asked.get(`h-${index}`, 0, NONE);
    asked.questions = 0;
    return asked;
  }

  test("the oldest gives way", async () => {
    const asked = await filled();
    await asked.get("h-0", 1, NONE);
    expect(asked.questions).toBe(1);
  });

  test("the second oldest stays", async () => {
    const asked = await filled();
    await asked.get("h-1", 1, NONE);
    expect(asked.questions).toBe(0);
  });

  test("one that was asked anew counts as young", async () => {
    const asked = await filled();
    await asked.get("h-1", 5000, NONE);
    await asked.get("another", 5000, NONE);
    asked.questions = 0;
    await asked.get("h-1", 5001, SESSION);
    expect(asked.questions).toBe(0);
  });
});
