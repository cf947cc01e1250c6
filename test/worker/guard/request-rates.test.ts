// How often one principal may ask over HTTP.
import { expect, test } from "vitest";
import { RequestRates } from "../../../worker/guard/request-rates.ts";

const NOW_MS = 1_795_262_400_000;

/** Two a second, and so many were asked by one. */
function askedTimes(times: number, userId = "anna"): RequestRates {
  const rates = new RequestRates({ maxMessagesPerS: 2, maxBytesPerS: 1000 });
  for (let request = 0; request < times; request += 1) rates.take(userId, NOW_MS);
  return rates;
}

test("two seconds' worth may come at once", () => {
  expect(askedTimes(3).take("anna", NOW_MS)).toBe(0);
});

test("one more is told how long to wait, and may come then", () => {
  const rates = askedTimes(4);
  const waitMs = rates.take("anna", NOW_MS);
  expect([waitMs, rates.take("anna", NOW_MS + waitMs)]).toEqual([1, 0]);
});

test("what one asks is not counted against another", () => {
  expect(askedTimes(4).take("bert", NOW_MS)).toBe(0);
});

test("who asks all the time is not forgotten for ten thousand others who ask once", () => {
  const rates = askedTimes(4);
  for (let other = 0; other < 10_000; other += 1) {
    rates.take(`other-${other}`, NOW_MS);
    if (other === 5000) rates.take("anna", NOW_MS);
  }
  expect(rates.take("anna", NOW_MS)).toBeGreaterThan(0);
});

test("who has not asked for as long begins anew", () => {
  const rates = askedTimes(4);
  for (let other = 0; other < 10_000; other += 1) rates.take(`other-${other}`, NOW_MS);
  expect(rates.take("anna", NOW_MS)).toBe(0);
});
