// What the answers of an auth server and of a deployed gateway mean, and the cookies of a sign-in.
import { describe, expect, test } from "vitest";
import type { Answer } from "../../../scripts/doctor/ask.ts";
import { addressFindings, type AuthServerFacts, authServerFindings } from "../../../scripts/doctor/auth-server.ts";
import { type CookieContext, cookieFindings } from "../../../scripts/doctor/cookie-findings.ts";
import { duration, toLine, wrong } from "../../../scripts/doctor/finding.ts";
import { gatewayFindings, shownFinding } from "../../../scripts/doctor/gateway.ts";
import { readSetCookie } from "../../../scripts/doctor/sign-in.ts";
import { accepted, answerOf, configOf, linesOf, refused } from "../../support/doctor-facts.ts";

const SILENT: Answer = { kind: "none", why: "cannot be reached (ECONNREFUSED)" };
const ALIVE = answerOf(200, { ok: true });

describe("an auth server", () => {
  const facts: AuthServerFacts = {
    base: "https://app.example/api/auth",
    asked: ALIVE,
    otherPath: undefined,
    getSession: answerOf(200, null),
    jwks: answerOf(404),
  };
  const found = (changes: Partial<AuthServerFacts>, inUrl = false) =>
    authServerFindings({ ...facts, ...changes }, inUrl);

  test("that answers as Better Auth does is well", () => {
    expect(found({}).every(({ level }) => level === "ok")).toBe(true);
  });

  test("that does not answer is all there is to say", () => {
    expect(found({ asked: SILENT })).toMatchObject([{ level: "wrong", seen: expect.stringContaining("ECONNREFUSED") }]);
  });

  test("under another path is found there", () => {
    const moved = { base: "https://app.example/auth", asked: answerOf(404), otherPath: "/auth" };
    expect(linesOf(found(moved))[0]).toBe("wrong AUTH_PATH: AUTH_PATH=/auth");
    expect(linesOf(found(moved, true))[0]).toBe("wrong AUTH_PATH: BETTER_AUTH_URL=https://app.example/auth");
  });

  test.each([answerOf(404), answerOf(200, { session: {} }), answerOf(200), SILENT])(
    "whose answer about nobody is not null is none",
    (getSession) => {
      expect(found({ getSession }).map(({ level }) => level)).toContain("wrong");
    },
  );

  test.each([
    [0, "ok"],
    [-4000, "ok"],
    [6000, "advice"],
    [-90_000, "wrong"],
  ] as const)("whose clock is %i ms ahead is %s", (aheadMs, level) => {
    const findings = found({ asked: answerOf(200, { ok: true }, aheadMs) });
    expect(findings.find(({ about }) => about === "clock")?.level).toBe(level);
  });

  test("is told apart from the one that the deployment asks", () => {
    const at = (url: string | undefined, isBound = false) => addressFindings(facts.base, { url, isBound });
    expect(at("https://app.example")).toEqual([]);
    expect(at(undefined, true)).toEqual([]);
    expect(at("https://staging.example")[0]?.change).toContain("BETTER_AUTH_URL=https://app.example");
    expect(at(undefined)[0]?.change).toContain("BETTER_AUTH_URL=https://app.example, or a service binding AUTH");
  });
});

describe("a deployed gateway", () => {
  const facts = { origin: "https://gate.example", health: answerOf(200), ready: answerOf(200), authServer: ALIVE };

  test("that is ready is well", () => {
    expect(gatewayFindings(facts, true).every(({ level }) => level === "ok")).toBe(true);
  });

  test("tells its own problems, and where it does not answer that", () => {
    const problems = [{ variable: "BETTER_AUTH_SECRET", message: "is not set" }];
    const closed = gatewayFindings({ ...facts, ready: answerOf(503, { problems }) }, false);
    expect(closed[1]).toMatchObject({ level: "wrong", about: "BETTER_AUTH_SECRET" });
    expect(gatewayFindings({ ...facts, health: SILENT }, true)).toHaveLength(1);
  });

  test("needs the auth server behind it only where that is bound", () => {
    const without = { ...facts, authServer: answerOf(404) };
    expect(gatewayFindings(without, false).every(({ level }) => level === "ok")).toBe(true);
    expect(gatewayFindings(without, true).at(-1)?.level).toBe("wrong");
  });

  test("that judges a token otherwise than this machine is another one", () => {
    const trial = accepted("session-jwt");
    const { sample } = trial;
    const no = refused("session-jwt", { reason: "signature-mismatch" });
    expect(shownFinding(answerOf(200), sample, trial.outcome)?.level).toBe("ok");
    expect(shownFinding(answerOf(200), sample, no.outcome)?.level).toBe("wrong");
    expect(shownFinding(answerOf(401), sample, trial.outcome)?.level).toBe("wrong");
    expect(shownFinding(answerOf(401), sample, no.outcome)).toBeUndefined();
    expect(shownFinding(answerOf(401), sample, undefined)?.level).toBe("advice");
    expect(shownFinding(answerOf(503), sample, trial.outcome)?.change).toContain("/ready");
  });
});

describe("cookies of a sign-in", () => {
  const context: CookieContext = {
    config: configOf(),
    authServerOrigin: "https://app.example",
    gatewayOrigin: "https://app.example",
    asksAuthServer: true,
  };
  const SECURE = [
    "__Secure-better-auth.session_token=x; Secure; Path=/",
    "__Secure-better-auth.session_data=x; Path=/",
  ];
  const found = (lines: readonly string[], changes: Partial<CookieContext> = {}) =>
    linesOf(cookieFindings(lines.map(readSetCookie), { ...context, ...changes }));

  test("that browsers bring to the gateway are well", () => {
    expect(found(SECURE)).toEqual(["ok cookies"]);
  });

  test("of another prefix are not found", () => {
    const mine = SECURE.map((line) => line.replace("better-auth", "my-app"));
    expect(found(mine)).toEqual(["wrong BETTER_AUTH_COOKIE_PREFIX: BETTER_AUTH_COOKIE_PREFIX=my-app"]);
  });

  test("without a cache cost a question each, or open nothing where nobody can be asked", () => {
    expect(found(SECURE.slice(0, 1))[1]).toContain("advice cookie cache");
    expect(found(SECURE.slice(0, 1), { asksAuthServer: false })[1]).toContain("wrong cookie cache");
  });

  test("for https alone do not reach a gateway on http, and others may be a neighbour's", () => {
    expect(found(SECURE, { gatewayOrigin: "http://app.example" })[1]).toContain("https for the gateway");
    expect(found(SECURE.map((line) => line.replace("__Secure-", "")))[1]).toContain("useSecureCookies: true");
  });

  test("reach another host only where their domain does", () => {
    const gatewayOrigin = "https://gate.app.example";
    expect(found(SECURE, { gatewayOrigin })[1]).toContain("crossSubDomainCookies");
    const shared = SECURE.map((line) => `${line}; Domain=.app.example`);
    expect(found(shared, { gatewayOrigin })).toEqual(["ok cookies"]);
    expect(found(shared, { gatewayOrigin: "https://gate.evilapp.example" })).toHaveLength(2);
  });
});

test("a finding is one line, whatever a server wrote", () => {
  expect(toLine(wrong("a", "b\n\u001B[31mok", "c"))).toBe("wrong   a: b [31mok → c");
});

test.each([
  [0, "0 s"],
  [119, "119 s"],
  [300, "5 min"],
  [7200, "2 h"],
  [604_800, "7 d"],
])("%i seconds are %s", (seconds, words) => {
  expect(duration(seconds)).toBe(words);
});
