// What the Worker that decides said: asked once, believed for as long as it says, and never where it said nothing.
import { describe, expect, test } from "vitest";
import {
  ANY_RIGHT,
  DelegatedAnswers,
  type Question,
  TO_READ,
  type Wish,
  wishesOf,
} from "../../../../durable-objects/stream/rights/delegated-answers.ts";
import { service, user } from "../../../support/members.ts";
import { holder } from "../../../support/tickets.ts";

const START_MS = 1_800_000_000_000;
const ANNA = user("anna");

/** Answers whose Worker says what a test says. */
function start(answer: unknown = { allowed: true, ttlMs: 60_000 }) {
  const asked: Question[] = [];
  const clock = { nowMs: START_MS };
  const worker = { answer: (): Promise<unknown> => Promise.resolve(answer) };
  const answers = new DelegatedAnswers(
    (question) => {
      asked.push(question);
      return worker.answer();
    },
    () => clock.nowMs,
  );
  const ask = (wishes = TO_READ, principal = ANNA) => answers.ask(principal, "cam-1", wishes);
  return { answers, ask, asked, clock, worker };
}

describe("the Worker is asked", () => {
  test("who would do what on which stream, with the types that are to be written", async () => {
    const { ask, asked } = start();
    await ask([...TO_READ, { operation: "write", types: ["alert", "note"] }]);
    const principal = { kind: "user", userId: "anna", sessionId: "session-of-anna" };
    expect(asked).toEqual([
      { principal, streamId: "cam-1", operation: "read" },
      { principal, streamId: "cam-1", operation: "write", types: ["alert", "note"] },
    ]);
  });

  test("about programs as programs, which have no session", async () => {
    const { answers, asked } = start();
    await answers.ask(service("model"), "cam-1", TO_READ);
    expect(asked[0]?.principal).toEqual({ kind: "service", userId: "svc:model" });
  });

  test("once for as long as its answer lives, and again from then on", async () => {
    const { ask, asked, clock } = start();
    expect(await ask()).toBe(true);
    clock.nowMs += 59_999;
    expect(ask()).toBeUndefined();
    clock.nowMs += 1;
    expect(await ask()).toBe(true);
    expect(asked).toHaveLength(2);
  });

  test("once by all who ask at once", async () => {
    const { ask, asked } = start();
    await Promise.all([ask(), ask(), ask()]);
    expect(asked).toHaveLength(1);
  });

  test.each<readonly [string, Wish, ReturnType<typeof user>]>([
    ["another user", { operation: "read", types: [] }, user("bob")],
    ["another session", { operation: "read", types: [] }, { ...ANNA, sessionId: "s-2" }],
    ["another operation", { operation: "write", types: [] }, ANNA],
    ["other types", { operation: "write", types: ["note"] }, ANNA],
  ])("anew about %s", async (_what, wish, principal) => {
    const { ask, asked } = start();
    await ask();
    await ask([wish], principal);
    expect(asked).toHaveLength(2);
  });

  test("once about the same types in another order", async () => {
    const { ask, asked } = start();
    await ask([{ operation: "write", types: ["a", "b"] }]);
    expect([ask([{ operation: "write", types: ["b", "a"] }]), asked.length]).toEqual([undefined, 1]);
  });

  test("again after five minutes at the latest, whatever it says", async () => {
    const { answers, ask, clock } = start({ allowed: true, ttlMs: 86_400_000 });
    await ask();
    expect(answers.dueAtMs(ANNA, TO_READ)).toBe(clock.nowMs + 300_000);
  });

  test("again where the clock stepped back, by which the answer would live too long", async () => {
    const { ask, clock } = start();
    await ask();
    clock.nowMs -= 1;
    expect(await ask()).toBe(true);
  });

  test("never about tickets, which say themselves what they are worth", () => {
    const { answers, asked } = start();
    expect([answers.ask(holder(), "cam-1", ANY_RIGHT), answers.knows(holder(), ANY_RIGHT), asked]).toEqual([
      undefined,
      true,
      [],
    ]);
  });

  test("never under a policy that has none", () => {
    const answers = new DelegatedAnswers(undefined, () => START_MS);
    expect([answers.ask(ANNA, "cam-1", ANY_RIGHT), answers.knows(ANNA, ANY_RIGHT)]).toEqual([undefined, true]);
    expect([answers.dueAtMs(ANNA, ANY_RIGHT), answers.allows(ANNA, "read", [])]).toEqual([Infinity, false]);
  });
});

describe("what nobody said is a no", () => {
  test("before it is asked, where it says so, and for all that it was not asked", async () => {
    const { answers, ask, worker } = start();
    expect(answers.allows(ANNA, "read", [])).toBe(false);
    await ask();
    expect(answers.allows(ANNA, "read", [])).toBe(true);
    expect([answers.allows(ANNA, "write", []), answers.allows(user("bob"), "read", [])]).toEqual([false, false]);
    worker.answer = () => Promise.resolve({ allowed: false, ttlMs: 1000 });
    await ask(TO_READ, user("bob"));
    expect(answers.allows(user("bob"), "read", [])).toBe(false);
  });

  test.each<unknown>([
    undefined,
    null,
    true,
    "yes",
    [],
    {},
    { allowed: true },
    { ttlMs: 1000 },
    { allowed: "true", ttlMs: 1000 },
    { allowed: 1, ttlMs: 1000 },
    { allowed: true, ttlMs: "1000" },
    { allowed: true, ttlMs: -1 },
    { allowed: true, ttlMs: Number.NaN },
    { allowed: () => true, ttlMs: 1000 },
  ])("where it answers %j, which is no answer and is not remembered", async (answer) => {
    const { answers, ask, asked, worker } = start();
    worker.answer = () => Promise.resolve(answer);
    expect([await ask(), await ask()]).toEqual([false, false]);
    expect([answers.allows(ANNA, "read", []), answers.knows(ANNA, TO_READ), asked.length]).toEqual([false, false, 2]);
  });

  test("where it throws, though it said yes before", async () => {
    const { answers, ask, clock, worker } = start();
    await ask();
    clock.nowMs += 60_000;
    worker.answer = () => Promise.reject(new Error("a secret of the Worker's"));
    expect(await ask()).toBe(false);
    expect(answers.allows(ANNA, "read", [])).toBe(false);
  });

  test("for all of it where one of several things cannot be found out", async () => {
    const { ask, asked, worker } = start();
    worker.answer = () => Promise.resolve(asked.length === 1 ? { allowed: true, ttlMs: 1000 } : undefined);
    expect(await ask(ANY_RIGHT)).toBe(false);
  });
});

test("An answer that lives for no time decides once", async () => {
  const { answers, ask, asked } = start({ allowed: true, ttlMs: 0 });
  expect([await ask(), answers.allows(ANNA, "read", []), await ask(), asked.length]).toEqual([true, true, true, 2]);
});

test("Answers that are over are forgotten when it is time, and ten thousand are kept at most", async () => {
  const { answers, ask, clock } = start();
  const other = user("bob");
  await ask();
  clock.nowMs += 1;
  await ask(TO_READ, other);
  answers.forgetOver(START_MS + 60_000);
  expect([answers.knows(ANNA, TO_READ), answers.knows(other, TO_READ)]).toEqual([false, true]);
  for (let index = 0; index < 10_000; index += 1) await ask(TO_READ, user(`user-${index}`));
  expect([answers.knows(other, TO_READ), answers.knows(user("user-0"), TO_READ)]).toEqual([false, true]);
});

test.each<readonly [readonly string[], readonly string[], readonly Wish[]]>([
  [["note"], [], [{ operation: "write", types: ["note"] }]],
  [[], ["note"], TO_READ],
  [["*"], ["*"], [{ operation: "write", types: ["*"] }, ...TO_READ]],
  [[], ["note", "presence"], [...TO_READ, { operation: "write", types: [] }]],
  [
    ["note"],
    ["presence"],
    [
      { operation: "write", types: ["note"] },
      { operation: "write", types: [] },
    ],
  ],
  [[], ["presence"], ANY_RIGHT],
  [[], [], ANY_RIGHT],
])("Who produces %j and consumes %j wishes %j", (produces, consumes, wishes) => {
  expect(wishesOf({ produces, consumes })).toEqual(wishes);
});
