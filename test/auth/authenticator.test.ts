// Until when an accepted token lets a socket live, and whether refusals pass through.
import { describe, expect, test } from "vitest";
import { isAuthenticated, makeAuthenticator } from "../../auth/authenticator.ts";
import type { AuthFailure } from "../../auth/failure.ts";
import type { Principal } from "../../auth/principal.ts";
import type { Verification, Verifier } from "../../auth/verifier.ts";

const ALICE: Principal = { kind: "user", userId: "alice", sessionId: "s-1" };
const REFUSED: AuthFailure = { reason: "signature-mismatch" };

function verified(sessionEndsAtMs: number, tokenEndsAtMs: number): Verification {
  return { kind: "verified", tokenKind: "session-jwt", principal: ALICE, sessionEndsAtMs, tokenEndsAtMs };
}

function answering(verification: Verification): Verifier {
  return () => Promise.resolve(verification);
}

describe("with SESSION_LIFETIME=session", () => {
  test("a socket lives to the end of the session, not of the token", async () => {
    const authenticate = makeAuthenticator(answering(verified(9000, 2000)), "session");
    expect(await authenticate("token", 1000)).toEqual({ kind: "authenticated", principal: ALICE, endsAtMs: 9000 });
  });
});

describe("with SESSION_LIFETIME=token", () => {
  test("a socket lives to the end of the token", async () => {
    const authenticate = makeAuthenticator(answering(verified(9000, 2000)), "token");
    expect(await authenticate("token", 1000)).toMatchObject({ endsAtMs: 2000 });
  });

  test("a socket never outlives its session", async () => {
    const authenticate = makeAuthenticator(answering(verified(2000, 9000)), "token");
    expect(await authenticate("token", 1000)).toMatchObject({ endsAtMs: 2000 });
  });
});

test("a refusal is passed on as it is", async () => {
  expect(await makeAuthenticator(answering(REFUSED), "session")("token", 1000)).toBe(REFUSED);
});

test("the verifier is asked with the token and the time of the caller", async () => {
  const asked: unknown[] = [];
  const verify: Verifier = (...question) => {
    asked.push(question);
    return Promise.resolve(REFUSED);
  };
  await makeAuthenticator(verify, "session")("token", 1000);
  expect(asked).toEqual([["token", 1000]]);
});

test("an acceptance is told from a refusal", async () => {
  const accepted = await makeAuthenticator(answering(verified(9000, 2000)), "session")("token", 1000);
  expect([isAuthenticated(accepted), isAuthenticated(REFUSED)]).toEqual([true, false]);
});
