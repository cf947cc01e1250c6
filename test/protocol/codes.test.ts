// Whether the table of codes says what clients were promised, code by code.
import { expect, test } from "vitest";
import { CLOSE_ERROR_FLOOD, type Code, CODES } from "../../protocol/codes.ts";

const STAYS_OPEN = null;
const NEVER_ON_HTTP = null;

/** Code, HTTP status, close code on a live socket, temporary, reauth: what clients act on, so none may change by accident. */
const PROMISED: readonly (readonly [Code, number | null, number | null, boolean, boolean])[] = [
  ["AUTH_REQUIRED", 401, STAYS_OPEN, false, true],
  ["AUTH_FAILED", 401, 1008, false, true],
  ["TOKEN_EXPIRED", NEVER_ON_HTTP, 4401, true, true],
  ["AUTH_TIMEOUT", NEVER_ON_HTTP, 4408, true, true],
  ["REGISTER_TIMEOUT", NEVER_ON_HTTP, 4408, true, false],
  ["IDLE", NEVER_ON_HTTP, 4408, true, false],
  ["AUTH_UNAVAILABLE", 503, 1013, true, false],
  ["SESSION_REVOKED", 401, 4410, false, true],
  ["ORIGIN_NOT_ALLOWED", 403, 1008, false, false],
  ["UNAUTHORIZED", 403, STAYS_OPEN, false, false],
  ["NOT_REGISTERED", 400, STAYS_OPEN, false, false],
  ["ALREADY_REGISTERED", 400, STAYS_OPEN, false, false],
  ["UNKNOWN_TYPE", 400, STAYS_OPEN, false, false],
  ["NOT_A_PRODUCER", 400, STAYS_OPEN, false, false],
  ["INVALID_STREAM_ID", 400, STAYS_OPEN, false, false],
  ["BAD_MESSAGE", 400, STAYS_OPEN, false, false],
  ["NOT_FOUND", 404, STAYS_OPEN, false, false],
  ["METHOD_NOT_ALLOWED", 405, STAYS_OPEN, false, false],
  ["UNSUPPORTED_MEDIA_TYPE", 415, STAYS_OPEN, false, false],
  ["UPGRADE_REQUIRED", 426, STAYS_OPEN, false, false],
  ["BAD_REQUEST", 400, STAYS_OPEN, false, false],
  ["CONFLICT", 409, STAYS_OPEN, false, false],
  ["TOO_LARGE", 413, 1009, false, false],
  ["RATE_LIMITED", 429, STAYS_OPEN, true, false],
  ["CONNECTION_LIMIT", 429, 4429, true, false],
  ["STREAM_FULL", 429, 4429, true, false],
  ["STREAM_LIMIT", 429, 4429, true, false],
  ["REPLACED", NEVER_ON_HTTP, 4409, false, false],
  ["SLOW_CONSUMER", NEVER_ON_HTTP, 4508, true, false],
  ["DRAINING", 503, 1012, true, false],
  ["OVERLOADED", 503, 1013, true, false],
  ["UPSTREAM_UNAVAILABLE", 502, 1013, true, false],
  ["MISCONFIGURED", 503, 1011, true, false],
  ["INTERNAL", 500, 1011, true, false],
];

test.each(PROMISED)("%s means what clients were promised", (code, httpStatus, closeCode, temporary, reauth) => {
  const staysOpen = closeCode === STAYS_OPEN;
  expect(CODES[code]).toMatchObject({ httpStatus, staysOpen, temporary, reauth });
  expect(staysOpen || CODES[code].closeCode === closeCode).toBe(true);
});

test("there is no code that clients were not told of", () => {
  expect(Object.keys(CODES).toSorted()).toEqual(PROMISED.map(([code]) => code).toSorted());
});

test.each([
  ["AUTH_REQUIRED", "Must authenticate first"],
  ["AUTH_FAILED", "Invalid or expired token"],
] as const)("%s keeps the sentence that existing clients compare with", (code, sentence) => {
  expect(CODES[code].sentence).toBe(sentence);
});

test.each(Object.entries(CODES))(
  "%s has a sentence that fits into a header and a close frame",
  (_code, { sentence }) => {
    expect(sentence).toMatch(/^[\x20-\x7e]{1,123}$/);
  },
);

test.each(["AUTH_REQUIRED", "UNAUTHORIZED", "INVALID_STREAM_ID", "CONFLICT"] as const)(
  "%s leaves a live socket open and refuses an upgrade with 1008",
  (code) => {
    expect(CODES[code]).toMatchObject({ staysOpen: true, closeCode: 1008 });
  },
);

test.each([
  ["SESSION_REVOKED", 4410],
  ["STREAM_FULL", 4429],
  ["OVERLOADED", 1013],
] as const)("%s refuses an upgrade with its own close code", (code, closeCode) => {
  expect(CODES[code].closeCode).toBe(closeCode);
});

test("a client that keeps making errors is closed with 4400", () => {
  expect(CLOSE_ERROR_FLOOD).toBe(4400);
});

test("a client that sends too fast stays, and is closed with 4429 where it goes on", () => {
  expect(CODES.RATE_LIMITED).toMatchObject({ staysOpen: true, closeCode: 4429 });
});
