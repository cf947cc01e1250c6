// Whether a client learns no more about a refused credential than it may.
import { describe, expect, test } from "vitest";
import { type AuthFailure, toPublic } from "../../auth/failure.ts";

describe("of a token whose signature was right and which is over", () => {
  test.each<AuthFailure>([
    { reason: "token-expired", exp: 5 },
    { reason: "session-expired", expiresAtMs: 5000 },
  ])("$reason is told, so that a client knows a fresh token helps", (failure) => {
    expect(toPublic(failure)).toEqual({ code: "AUTH_FAILED", reason: "expired" });
  });
});

describe("of every other refused token nothing is told but that it was refused", () => {
  test.each<AuthFailure>([
    { reason: "unreadable" },
    { reason: "too-long" },
    { reason: "not-a-token" },
    { reason: "not-canonical" },
    { reason: "header-refused" },
    { reason: "signature-mismatch" },
    { reason: "unknown-kid" },
    { reason: "claims-missing", claim: "session" },
    { reason: "claims-invalid", claim: "user.id" },
    { reason: "issued-in-the-future", iat: 5 },
    { reason: "lifetime-too-long", lifetimeS: 5 },
    { reason: "wrong-cache-version" },
    { reason: "user-banned" },
    { reason: "kind-not-taken" },
    { reason: "unknown-key" },
    { reason: "session-not-found" },
  ])("$reason", (failure) => {
    expect(toPublic(failure)).toEqual({ code: "AUTH_FAILED" });
  });
});

test("a client that could not be judged is told to come back, not that its credential is bad", () => {
  expect(toPublic({ reason: "auth-server-unavailable" })).toEqual({ code: "AUTH_UNAVAILABLE" });
});
