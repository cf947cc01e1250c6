// Whether a session that only a signature vouches for is believed on the auth server's word alone.
import { describe, expect, test } from "vitest";
import { AnswerCache } from "../../auth/answer-cache.ts";
import type { SessionClaims } from "../../auth/claims.ts";
import { asSigned, confirmBy } from "../../auth/confirmation.ts";
import type { AuthFailure } from "../../auth/failure.ts";
import type { AuthServerAnswer } from "../../auth/ports.ts";
import { SessionAnswers } from "../../auth/session-answers.ts";
import { NOW_MS, NOW_S } from "../support/hostile-token.ts";
import { GATEWAY_ORIGIN, occasionAt } from "../support/occasion.ts";
import { FakeAuthServer } from "../support/session-cookie.ts";
import { SESSION_TOKEN, sessionPayload } from "../support/session-token.ts";

const { session, user } = sessionPayload({ nowMs: NOW_MS });
const SESSION: AuthServerAnswer = { kind: "session", session, user };
const CLAIMS: SessionClaims = {
  kind: "claims",
  principal: { kind: "user", userId: "user-1", sessionId: "session-of-user-1" },
  sessionEndsAtMs: NOW_MS + 3_600_000,
  issuedAtS: NOW_S - 10,
  tokenEndsAtMs: NOW_MS + 290_000,
};

interface Tried {
  readonly inToken?: unknown;
  readonly claims?: SessionClaims;
  readonly answer?: AuthServerAnswer;
  readonly atMs?: number;
}

async function confirm({ inToken = session, claims = CLAIMS, answer = SESSION, atMs = NOW_MS }: Tried): Promise<{
  result: SessionClaims | AuthFailure;
  questions: FakeAuthServer["questions"];
}> {
  const server = new FakeAuthServer();
  server.answer = answer;
  const believe = confirmBy(new SessionAnswers(server.ask, new AnswerCache(5000)));
  const result = await believe(claims, inToken, occasionAt(atMs));
  return { result, questions: server.questions };
}

test("a session that the auth server knows by the token in it is what its token says", async () => {
  const { result, questions } = await confirm({});
  expect(result).toEqual(CLAIMS);
  expect(questions).toEqual([{ token: { kind: "raw", text: SESSION_TOKEN }, origin: GATEWAY_ORIGIN }]);
});

describe("a session is refused", () => {
  test.each<readonly [string, AuthServerAnswer, string]>([
    ["that the auth server does not know", { kind: "none" }, "session-not-found"],
    ["while the auth server cannot be asked", { kind: "unavailable" }, "auth-server-unavailable"],
    ["whose user was banned meanwhile", { ...SESSION, user: { ...user, banned: true } }, "user-banned"],
    [
      "that has ended, whatever its token says",
      { ...SESSION, session: { ...session, expiresAt: new Date(NOW_MS).toISOString() } },
      "session-expired",
    ],
  ])("%s", async (_why, answer, reason) => {
    expect((await confirm({ answer })).result).toMatchObject({ reason });
  });

  test.each([
    ["another session of the same user", { sessionId: "session-2" }, "session.id"],
    ["another user", { userId: "user-2" }, "session.userId"],
  ])("that holds the token of one's own session and says that it is %s", async (_whose, changes, claim) => {
    const claims = { ...CLAIMS, principal: { ...CLAIMS.principal, ...changes } };
    expect((await confirm({ claims })).result).toEqual({ reason: "claims-invalid", claim });
  });

  test.each([
    undefined,
    null,
    "",
    5,
    [SESSION_TOKEN],
    SESSION_TOKEN.slice(1),
    `${SESSION_TOKEN}x`,
    `${SESSION_TOKEN}\n`,
    `${SESSION_TOKEN}.${"A".repeat(43)}=`,
  ])("whose token is %j, without asking anyone", async (token) => {
    const { result, questions } = await confirm({ inToken: { ...session, token } });
    expect([result, questions]).toEqual([{ reason: "claims-invalid", claim: "session.token" }, []]);
  });
});

describe("who signs for himself what he likes", () => {
  test("gets no longer session by it", async () => {
    const claims = { ...CLAIMS, sessionEndsAtMs: NOW_MS + 9 * 3_600_000 };
    expect((await confirm({ claims })).result).toMatchObject({ sessionEndsAtMs: NOW_MS + 3_600_000 });
  });

  // In whole seconds, down: what is revoked within one is revoked with all of it.
  test("is not vouched for later than the auth server did, not even by a part of a second", async () => {
    const claims = { ...CLAIMS, issuedAtS: NOW_S + 60 };
    for (const atMs of [NOW_MS, NOW_MS + 999]) {
      expect((await confirm({ claims, atMs })).result).toMatchObject({ issuedAtS: NOW_S });
    }
  });
});

test("a session that was confirmed is not asked about again before its time, and each time it is looked at anew", async () => {
  const server = new FakeAuthServer();
  server.answer = SESSION;
  const believe = confirmBy(new SessionAnswers(server.ask, new AnswerCache(300_000)));
  const at = (ms: number, claims = CLAIMS): Promise<unknown> => believe(claims, session, occasionAt(NOW_MS + ms));
  await at(0);
  expect(await at(299_999)).toMatchObject({ kind: "claims" });
  const another = { ...CLAIMS, principal: { ...CLAIMS.principal, userId: "user-2" } };
  expect(await at(299_999, another)).toMatchObject({ claim: "session.userId" });
  expect(server.questions).toHaveLength(1);
  await at(300_000);
  expect(server.questions).toHaveLength(2);
});

test("where the signature is enough, what it signed is not changed", async () => {
  expect(await asSigned(CLAIMS, session, occasionAt())).toBe(CLAIMS);
});
