// Each reason of the gateway's own code for a refusal, in words that name what to change.
import { describe, expect, test } from "vitest";
import type { AuthFailure } from "../../../auth/failure.ts";
import type { TokenKind } from "../../../auth/verifier.ts";
import { type TokenContext, trialFindings } from "../../../scripts/doctor/token-findings.ts";
import { accepted, configOf, linesOf, refused } from "../../support/doctor-facts.ts";
import { NOW_MS, NOW_S } from "../../support/hostile-token.ts";

const CONTEXT: TokenContext = {
  config: configOf(),
  nowMs: NOW_MS,
  asksAuthServer: true,
  issuer: "https://app.example",
  secretSource: "the gateway's",
  isLocalSecret: false,
};

const REASONS: [string, TokenKind, AuthFailure, string][] = [
  ["another secret", "session-jwt", { reason: "signature-mismatch" }, "make BETTER_AUTH_SECRET the auth server's"],
  ["another secret of JWE", "session-jwe", { reason: "unknown-kid" }, "make BETTER_AUTH_SECRET the auth server's"],
  ["another server's key", "jwt", { reason: "unknown-kid" }, "BETTER_AUTH_URL"],
  ["another version", "session-jwe", { reason: "wrong-cache-version" }, "BETTER_AUTH_CACHE_VERSION=*"],
  ["a long life", "session-jwt", { reason: "lifetime-too-long", lifetimeS: 800_000 }, "MAX_TOKEN_LIFETIME_S=800000"],
  ["the future", "session-jwt", { reason: "issued-in-the-future", iat: NOW_S + 600 }, "clock"],
  ["its end", "session-jwt", { reason: "token-expired", exp: NOW_S - 1 }, "take a fresh one"],
  ["its session's end", "session-jwt", { reason: "session-expired", expiresAtMs: NOW_MS - 1 }, "sign in anew"],
  ["an auth server in trouble", "session-token", { reason: "auth-server-unavailable" }, "rate limit"],
  ["a mailed token", "session-jwt", { reason: "claims-missing", claim: "session" }, "a mailed token opens nothing"],
  ["a foreign JWT", "shared-secret", { reason: "signature-mismatch" }, "BETTER_AUTH_SECRET"],
  ["a banned user", "session-jwt", { reason: "user-banned" }, "another account"],
];

test.each(REASONS)("%s is wrong, and what to change is named", (_name, kind, failure, change) => {
  expect(linesOf(trialFindings(refused(kind, failure), CONTEXT))).toEqual([
    expect.stringMatching(/^wrong session_data \(/),
  ]);
  expect(trialFindings(refused(kind, failure), CONTEXT)[0]?.change).toContain(change);
});

test("the public default secret is called what it is", () => {
  const trial = refused("session-jwt", { reason: "signature-mismatch" });
  const known = {
    ...trial,
    outcome: { kind: "refused", failure: { reason: "unknown-kid" }, byDefaultSecret: true },
  } as const;
  expect(trialFindings(known, CONTEXT)[0]?.seen).toContain("public default secret");
});

test("a secret of local development is not held against a deployment", () => {
  const context = { ...CONTEXT, secretSource: "that of the files .dev.vars or .env", isLocalSecret: true };
  const [finding] = trialFindings(refused("session-jwt", { reason: "signature-mismatch" }), context);
  expect(finding).toMatchObject({ seen: expect.stringContaining(".env"), change: expect.stringContaining("local") });
});

test("the version and the issuer that a token names are what to set, where they are fit to be printed", () => {
  const named = (facts: object, failure: AuthFailure) => {
    const trial = refused("jwt", failure);
    return trialFindings({ ...trial, facts: { ...trial.facts, ...facts } }, CONTEXT)[0]?.change;
  };
  expect(named({ version: "7" }, { reason: "wrong-cache-version" })).toBe("BETTER_AUTH_CACHE_VERSION=7");
  expect(named({ version: "7\n$(x)" }, { reason: "wrong-cache-version" })).toBe("BETTER_AUTH_CACHE_VERSION=*");
  const issuer = { reason: "claims-invalid", claim: "iss" } as const;
  expect(named({ issuer: "https://other.example" }, issuer)).toBe("BETTER_AUTH_URL=https://other.example");
  expect(named({ issuer: "" }, issuer)).toContain("baseURL");
});

describe("a kind that the deployment does not take", () => {
  const failure = { reason: "kind-not-taken" } as const;

  test("is added to TOKEN_KINDS, beside those that stand there", () => {
    const context = { ...CONTEXT, config: configOf({ TOKEN_KINDS: "session-jwe,api-key" }) };
    const [finding] = trialFindings(refused("session-jwt", failure), context);
    expect(finding?.change).toContain("TOKEN_KINDS=session-jwe,api-key,session-jwt");
  });

  test("needs an auth server to ask, where only that could tell", () => {
    const context = { ...CONTEXT, asksAuthServer: false };
    const [given] = trialFindings(refused("jwt", failure, { name: "--token", slot: "any-token" }), context);
    expect(given).toMatchObject({ level: "wrong", change: expect.stringContaining("BETTER_AUTH_URL=") });
    // Who signed in has the cookie cache.
    const [cookie] = trialFindings(refused("session-token", failure, { name: "session_token" }), context);
    expect(cookie?.level).toBe("advice");
  });
});

test("a raw session token that the server does not take as Bearer is no fault where its cookie opens", () => {
  const raw = { name: "token of the sign-in", slot: "any-token" } as const;
  const failure = { reason: "session-not-found" } as const;
  const [finding] = trialFindings(refused("session-token", failure, raw), CONTEXT);
  expect(finding).toMatchObject({ level: "advice", change: expect.stringContaining("bearer()") });
  expect(trialFindings(refused("session-token", failure), CONTEXT)[0]?.level).toBe("wrong");
});

test("a token that opens the gate says how long it and its session live", () => {
  expect(trialFindings(accepted("session-jwt"), CONTEXT)).toEqual([
    {
      level: "ok",
      about: "session_data (session-jwt)",
      seen: "opens the gate, the token lives for 5 min, the session ends in 7 d",
    },
  ]);
});

test("an auth server that still signs with an old secret is told to be deployed", () => {
  const findings = trialFindings(accepted("session-jwt", { byCurrentSecret: false }), CONTEXT);
  expect(linesOf(findings)[1]).toMatch(/^advice BETTER_AUTH_SECRETS: deploy the auth server/);
});
