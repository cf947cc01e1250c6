// How often an upstream is asked, for how long, and what counts as no answer.
import { setImmediate as goesOn } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { attempt, type Outcome } from "../../../worker/proxy/attempt.ts";
import { FakeTimers } from "../../support/fake-timers.ts";

type Answer = number | "broken" | "never" | "odd" | Response;

/** An upstream that answers as it is told, one time after the other. */
class Upstream {
  asked = 0;
  readonly timers = new FakeTimers();
  readonly #answers: readonly Answer[];

  constructor(...answers: readonly Answer[]) {
    this.#answers = answers;
  }

  ask(mayRepeat = true, random = 0.5): Promise<Outcome> {
    return attempt(
      () => this.#answer(),
      { timeoutMs: 1000, mayRepeat },
      { setTimer: this.timers.set, random: () => random },
    );
  }

  #answer(): Promise<Response> {
    const answer = this.#answers[this.asked] ?? "broken";
    this.asked += 1;
    if (answer === "never") return new Promise(() => undefined);
    if (answer === "odd") return Promise.resolve(Object.defineProperty(new Response(), "status", { value: 999 }));
    if (answer === "broken") return Promise.reject(new Error("connect ECONNREFUSED 10.0.0.7:80"));
    return Promise.resolve(answer instanceof Response ? answer : new Response(null, { status: answer }));
  }
}

const statusOf = (outcome: Outcome): unknown => (outcome.kind === "answered" ? outcome.response.status : outcome.kind);

test.each([200, 302, 404, 500, 501, 429])("%i is an answer, and the only one that is asked for", async (status) => {
  const upstream = new Upstream(status);
  expect([statusOf(await upstream.ask()), upstream.asked, upstream.timers.due]).toEqual([status, 1, []]);
});

describe("what comes to nothing is asked for once more, after a pause of its own", () => {
  test.each<readonly [Answer, Answer, unknown]>([
    ["broken", 200, 200],
    [502, 200, 200],
    [503, 404, 404],
    [504, 503, 503],
    [503, "broken", "unreachable"],
    ["broken", "broken", "unreachable"],
    ["odd", "odd", "unreachable"],
    ["broken", "never", "timeout"],
  ])("%s, then %s, is %s", async (first, second, outcome) => {
    const upstream = new Upstream(first, second);
    const asking = upstream.ask();
    await goesOn();
    expect([upstream.asked, upstream.timers.due]).toEqual([1, [1000, 150]]);
    upstream.timers.ring((ms) => ms < 1000);
    await goesOn();
    expect(upstream.asked).toBe(2);
    upstream.timers.ring();
    expect([statusOf(await asking), upstream.timers.due]).toEqual([outcome, []]);
  });

  test.each([
    [0, 50],
    [0.999_999, 249.9998],
  ])("with the dice at %d the pause is %d ms", async (random, ms) => {
    const upstream = new Upstream("broken", 200);
    void upstream.ask(true, random);
    await goesOn();
    expect(upstream.timers.due[1]).toBeCloseTo(ms);
  });

  test("and the first answer is let go", async () => {
    let isCancelled = false;
    const body = new ReadableStream({ cancel: () => void (isCancelled = true) });
    const upstream = new Upstream(new Response(body, { status: 503 }), 200);
    void upstream.ask();
    await goesOn();
    upstream.timers.ring((ms) => ms < 1000);
    await goesOn();
    expect(isCancelled).toBe(true);
  });
});

describe("nothing is asked for twice", () => {
  test.each<readonly [string, Answer, unknown]>([
    ["that may change something, and broke", "broken", "unreachable"],
    ["that may change something, and was refused for now", 503, 503],
  ])("%s", async (_what, answer, outcome) => {
    const upstream = new Upstream(answer, 200);
    expect([statusOf(await upstream.ask(false)), upstream.asked]).toEqual([outcome, 1]);
  });

  test("whose upstream says when to come back", async () => {
    const upstream = new Upstream(new Response(null, { status: 503, headers: { "Retry-After": "9" } }), 200);
    expect([statusOf(await upstream.ask()), upstream.asked]).toEqual([503, 1]);
  });

  test("whose time is over", async () => {
    const upstream = new Upstream("never", 200);
    const asking = upstream.ask();
    upstream.timers.ring();
    expect([statusOf(await asking), upstream.asked, upstream.timers.due]).toEqual(["timeout", 1, []]);
  });

  test.each<readonly [Answer, unknown]>([
    ["broken", "timeout"],
    [503, 503],
  ])("whose time is over in the pause behind %s", async (first, outcome) => {
    const upstream = new Upstream(first, 200);
    const asking = upstream.ask();
    await goesOn();
    upstream.timers.ring((ms) => ms === 1000);
    expect([statusOf(await asking), upstream.asked, upstream.timers.due]).toEqual([outcome, 1, []]);
  });
});

test("what fails late harms nobody who has gone on", async () => {
  const late = Promise.withResolvers<Response>();
  const timers = new FakeTimers();
  const asking = attempt(
    () => late.promise,
    { timeoutMs: 1000, mayRepeat: true },
    { setTimer: timers.set, random: () => 0 },
  );
  timers.ring();
  expect(await asking).toEqual({ kind: "timeout" });
  late.reject(new Error("too late"));
  await goesOn();
});
