// Whether every refusal over HTTP has the same body and headers.
import { describe, expect, test } from "vitest";
import { problem } from "../../connection/problem.ts";
import { type Code, CODES } from "../../protocol/codes.ts";

const ALL_CODES = Object.keys(CODES) as readonly Code[];

describe("the body", () => {
  test("says the code in words for people and for programs, and nothing that is not known", async () => {
    expect(await problem("STREAM_FULL").json()).toEqual({
      type: "about:blank",
      title: "The stream has too many members",
      status: 429,
      code: "STREAM_FULL",
      temporary: true,
      reauth: false,
    });
  });

  test("says more exactly what is wrong where that is known", async () => {
    const body: unknown = await problem("BAD_REQUEST", { detail: "`token` is ambiguous", reason: "expired" }).json();
    expect(body).toMatchObject({ title: "Bad request", detail: "`token` is ambiguous", reason: "expired" });
  });

  test("says when to come back, as the header does in whole seconds", async () => {
    const response = problem("RATE_LIMITED", { retryAfterMs: 1001 });
    expect(await response.json()).toMatchObject({ code: "RATE_LIMITED", retryAfterMs: 1001 });
    expect([response.headers.get("Retry-After"), problem("RATE_LIMITED").headers.get("Retry-After")]).toEqual([
      "2",
      null,
    ]);
  });

  test("takes further members", async () => {
    expect(await problem("MISCONFIGURED", { members: { problems: ["A"] } }).json()).toMatchObject({ problems: ["A"] });
  });

  test("is declared as a problem", () => {
    expect(problem("NOT_FOUND").headers.get("Content-Type")).toBe("application/problem+json");
  });
});

describe("the status", () => {
  test.each(ALL_CODES)("of %s is the one that its body says", async (code) => {
    const response = problem(code);
    expect(await response.json()).toMatchObject({ status: response.status });
  });

  test.each([
    ["AUTH_FAILED", 401],
    ["UNAUTHORIZED", 403],
    ["UPGRADE_REQUIRED", 426],
    ["OVERLOADED", 503],
  ] as const)("of %s is %d", (code, status) => {
    expect(problem(code).status).toBe(status);
  });

  test("of a code that has none over HTTP is 400", () => {
    expect(problem("SLOW_CONSUMER").status).toBe(400);
  });
});

describe("the headers", () => {
  test.each(ALL_CODES)("keep the answer of %s out of caches and its URL off other sites", (code) => {
    const { headers } = problem(code);
    expect([headers.get("Cache-Control"), headers.get("Referrer-Policy")]).toEqual(["no-store", "no-referrer"]);
  });

  test.each(["AUTH_REQUIRED", "AUTH_FAILED", "SESSION_REVOKED"] as const)("of %s ask for a bearer token", (code) => {
    expect(problem(code).headers.get("WWW-Authenticate")).toMatch(/^Bearer\b/);
  });

  test.each(["UNAUTHORIZED", "NOT_FOUND", "INTERNAL"] as const)("of %s ask for no token", (code) => {
    expect(problem(code).headers.has("WWW-Authenticate")).toBe(false);
  });

  test("take further ones", () => {
    expect(problem("RATE_LIMITED", { headers: { "Retry-After": "3" } }).headers.get("Retry-After")).toBe("3");
  });
});
