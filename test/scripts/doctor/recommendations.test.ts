// What would be safer than what is.
import { describe, expect, test } from "vitest";
import { type RecommendationContext, recommendations } from "../../../scripts/doctor/recommendations.ts";
import type { Trial } from "../../../scripts/doctor/trial.ts";
import { accepted, configOf } from "../../support/doctor-facts.ts";

const CONTEXT: RecommendationContext = {
  config: configOf(),
  knownVariables: new Set(),
  confirmsHs256: false,
  asksAuthServer: true,
  hasKeys: true,
  authServerOrigin: "https://app.example",
  gatewayOrigin: "https://app.example",
};

function about(name: string, trials: readonly Trial[], changes: Partial<RecommendationContext> = {}) {
  return recommendations(trials, { ...CONTEXT, ...changes }).find((finding) => finding.about === name);
}

describe("the cookie cache", () => {
  test.each(["session-jwt", "session-compact"] as const)("by %s is better encrypted or signed with a key", (kind) => {
    const finding = about("cookie cache", [accepted(kind)]);
    expect(finding).toMatchObject({ level: "advice", seen: expect.stringContaining(kind) });
    expect(finding?.change).toMatch(/strategy: "jwe".*jwt\(\{ sessionCookieCache: true \}\).*TOKEN_KINDS=session-jwe,/);
  });

  test("is confirmed meanwhile by a gateway that can", () => {
    const knownVariables = new Set(["CONFIRM_HS256"]);
    expect(about("cookie cache", [accepted("session-jwt")])?.change).not.toContain("CONFIRM_HS256");
    expect(about("cookie cache", [accepted("session-jwt")], { knownVariables })?.change).toContain(
      "CONFIRM_HS256=true",
    );
    expect(about("cookie cache", [accepted("session-jwt")], { knownVariables, confirmsHs256: true })).toBeUndefined();
  });

  test("that nobody can forge leaves the kinds that can be, which are taken all the same", () => {
    const trials = [accepted("session-jwe")];
    expect(about("cookie cache", trials)).toBeUndefined();
    const finding = recommendations(trials, CONTEXT).find(
      ({ level, about: name }) => level === "advice" && name === "TOKEN_KINDS",
    );
    expect(finding?.change).toBe("TOKEN_KINDS=session-jwe,session-jwks,session-token,jwt,shared-secret,api-key,ticket");
    const config = configOf({ TOKEN_KINDS: "session-jwe,session-token" });
    expect(about("TOKEN_KINDS", trials, { config })?.level).toBe("ok");
  });
});

describe("a sign-out", () => {
  test("closes no socket before the session's end: the hook or the shorter life", () => {
    const finding = about("SESSION_LIFETIME", [accepted("session-jwt")]);
    expect(finding).toMatchObject({ level: "advice", seen: expect.stringContaining("7 d") });
    expect(finding?.change).toMatch(/revocation hook.*SESSION_LIFETIME=token, which ends sockets after 5 min/);
  });

  test("is seen by the hook alone where tokens have no end of their own", () => {
    const change = about("SESSION_LIFETIME", [accepted("session-token")])?.change;
    expect(change).toContain("revocation hook");
    expect(change).not.toContain("SESSION_LIFETIME=token");
  });

  test("is seen at the token's end where sockets live no longer", () => {
    const config = configOf({ SESSION_LIFETIME: "token" });
    expect(about("SESSION_LIFETIME", [accepted("session-jwt")], { config })?.level).toBe("ok");
  });
});

describe("kinds of tokens", () => {
  test("that need the auth server's keys can never verify where it has none", () => {
    expect(about("TOKEN_KINDS", [])?.seen).not.toContain("never");
    expect(about("TOKEN_KINDS", [], { hasKeys: false })?.seen).toContain(
      "never: session-jwks, jwt, since the auth server",
    );
    const seen = about("TOKEN_KINDS", [], { asksAuthServer: false, hasKeys: false })?.seen;
    expect(seen).toContain("never: session-jwks, session-token, jwt, since no auth server can be asked");
  });

  test("are not judged where the auth server did not answer", () => {
    expect(about("TOKEN_KINDS", [], { hasKeys: undefined })).toBeUndefined();
  });
});

test("pages on the auth server's origin are let in beside those that are", () => {
  const gatewayOrigin = "https://gate.example";
  expect(about("ALLOWED_ORIGINS", [])).toBeUndefined();
  const config = configOf({ ALLOWED_ORIGINS: "https://other.example" });
  const change = "ALLOWED_ORIGINS=https://other.example,https://app.example";
  expect(about("ALLOWED_ORIGINS", [], { config, gatewayOrigin })?.change).toBe(change);
  const both = configOf({ ALLOWED_ORIGINS: "https://app.example" });
  expect(about("ALLOWED_ORIGINS", [], { config: both, gatewayOrigin })).toBeUndefined();
});
