// Where a new stream's object is asked to live, by the place of the request that makes it.
import { expect, test } from "vitest";

// By a name that the compiler does not follow: the platform's types and those of a browser cannot be in one program.
const LOCATION_HINT = "../../../worker/doors/location-hint.ts";
const { locationHintOf } = (await import(LOCATION_HINT)) as { locationHintOf: (cf: unknown) => string | undefined };

test.each([
  ["AF", "afr"],
  ["AS", "apac"],
  ["EU", "weur"],
  ["NA", "enam"],
  ["OC", "oc"],
  ["SA", "sam"],
])("From the continent %s, with no more known, it is %s", (continent, hint) => {
  expect(locationHintOf({ continent })).toBe(hint);
});

test.each([
  ["San Francisco", "NA", "-122.4", "wnam"],
  ["just west of Denver's meridian", "NA", "-100.001", "wnam"],
  ["just there", "NA", "-100", "enam"],
  ["New York", "NA", "-74.0", "enam"],
  ["Lisbon", "EU", "-9.1", "weur"],
  ["Vienna", "EU", "15.99", "weur"],
  ["Warsaw", "EU", "21.0", "eeur"],
  ["just east of Vienna", "EU", "16", "eeur"],
  ["Tokyo, of whose continent the platform knows one place", "AS", "139.7", "apac"],
])("From %s it is the nearer half of the continent", (_place, continent, longitude, hint) => {
  expect(locationHintOf({ continent, longitude })).toBe(hint);
});

test("A longitude may be a number", () => {
  expect(locationHintOf({ continent: "NA", longitude: -122 })).toBe("wnam");
});

test.each([
  { continent: "EU", longitude: "somewhere" },
  { continent: "EU", longitude: undefined },
])("With %j the usual half is taken", (cf) => {
  expect(locationHintOf(cf)).toBe("weur");
});

test.each([
  undefined,
  null,
  "EU",
  7,
  {},
  { continent: undefined },
  { continent: 7 },
  { continent: "AN" },
  { continent: "" },
])("From %j nobody can say, and the platform chooses", (cf) => {
  expect(locationHintOf(cf)).toBeUndefined();
});
