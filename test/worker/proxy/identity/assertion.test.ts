// Whether an assertion is made once for all who ask, and handed out only while it is fresh, and only for what it says.
import { decodeJwt } from "jose";
import { expect, test } from "vitest";
import type { Assertion } from "../../../../auth/assertion.ts";
import { makeAssertionMint } from "../../../../auth/mint.ts";
import { Assertions } from "../../../../worker/proxy/identity/assertion.ts";
import { ANNA, AUDIENCE, ROBOT } from "../../../support/assertions.ts";
import { NOW_MS, NOW_S } from "../../../support/hostile-token.ts";
import { GATEWAY_ORIGIN } from "../../../support/occasion.ts";
import { TEST_SECRET } from "../../../support/session-token.ts";

const mint = makeAssertionMint([], [{ value: TEST_SECRET, endsAtMs: undefined }]);

/** With what was signed. */
function start(sign = mint.sign) {
  const signed: Assertion[] = [];
  const assertions = new Assertions((assertion) => {
    signed.push(assertion);
    return sign(assertion);
  });
  const ask = (
    nowMs = NOW_MS,
    principal: Assertion["principal"] = ANNA,
    audience = AUDIENCE,
    issuer = GATEWAY_ORIGIN,
  ) => assertions.of(principal, audience, issuer, nowMs);
  return { signed, ask };
}

test("those who ask at once share one signing", async () => {
  const { signed, ask } = start();
  const tokens = await Promise.all([ask(), ask(NOW_MS + 1), ask(NOW_MS + 2)]);
  expect([new Set(tokens).size, signed.length]).toEqual([1, 1]);
});

test.each([0, 1, 999])(
  "is never handed out with less than half a minute left (made %i ms after a second)",
  async (after) => {
    const { signed, ask } = start();
    const firstMs = NOW_MS + after;
    const first = await ask(firstMs);
    expect(await ask(NOW_MS + 30_000)).toBe(first);
    const second = await ask(NOW_MS + 30_001);
    expect(signed.map(({ madeAtS }) => madeAtS)).toEqual([NOW_S, NOW_S + 30]);
    for (const [token, nowMs] of [
      [first, firstMs],
      [first, NOW_MS + 30_000],
      [second, NOW_MS + 30_001],
    ] as const) {
      const { exp = 0, iat = 0 } = decodeJwt(token);
      expect(exp * 1000 - nowMs).toBeGreaterThanOrEqual(29_999);
      expect([exp - iat, iat * 1000 <= nowMs]).toEqual([60, true]);
    }
  },
);

test("is made anew where the clock stepped back before it", async () => {
  const { signed, ask } = start();
  await ask();
  await ask(NOW_MS - 1);
  expect(signed.map(({ madeAtS }) => madeAtS)).toEqual([NOW_S, NOW_S - 1]);
});

test("is one for each principal, session, upstream and gateway", async () => {
  const { signed, ask } = start();
  const asked = [
    () => ask(),
    () => ask(NOW_MS, { ...ANNA, userId: "bert" }),
    () => ask(NOW_MS, { ...ANNA, sessionId: "s-2" }),
    () => ask(NOW_MS, ROBOT),
    () => ask(NOW_MS, { ...ANNA, userId: ROBOT.userId }),
    () => ask(NOW_MS, ANNA, "service:API"),
    () => ask(NOW_MS, ANNA, AUDIENCE, "https://other.test"),
    // None of these is a piece of another, wherever the pieces end.
    () => ask(NOW_MS, { ...ANNA, userId: 'an","na', sessionId: "s" }),
    () => ask(NOW_MS, { ...ANNA, userId: "an", sessionId: 'na","s' }),
  ];
  const tokens = await Promise.all(asked.map((one) => one()));
  expect([new Set(tokens).size, signed.length]).toEqual([asked.length, asked.length]);
  expect(await Promise.all(asked.map((one) => one()))).toEqual(tokens);
  expect(signed).toHaveLength(asked.length);
});

test("is handed out while others come and go, and forgotten when too many came", async () => {
  const { signed, ask } = start(({ principal }) => Promise.resolve(principal.userId));
  const crowd = (count: number) =>
    Promise.all(Array.from({ length: count }, (_, n) => ask(NOW_MS, { ...ANNA, userId: `user-${n}` })));
  await ask();
  await crowd(4999);
  await ask();
  expect(signed).toHaveLength(5000);
  await ask(NOW_MS, { ...ANNA, userId: "one too many" });
  await ask();
  expect(signed).toHaveLength(5002);
});

test("one that could not be signed is tried again by the next", async () => {
  let fails = true;
  const { signed, ask } = start(() => (fails ? Promise.reject(new Error("broken")) : Promise.resolve("signed")));
  await expect(Promise.all([ask(), ask()])).rejects.toThrow("broken");
  fails = false;
  expect([await ask(), signed.length]).toEqual(["signed", 2]);
});
