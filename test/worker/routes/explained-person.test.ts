// Who a question is about: what his token is worth, and whether it is revoked, as far as anybody can say.
import { describe, expect, test } from "vitest";
import type { Authenticated } from "../../../auth/authenticator.ts";
import type { AuthFailure } from "../../../auth/failure.ts";
import type { Principal } from "../../../auth/principal.ts";
import type { RevocationsAnswer, SessionOfUser } from "../../../durable-objects/user/revocations.ts";
import { lookUp, type Person } from "../../../worker/routes/explained-person.ts";
import { service, user } from "../../support/members.ts";
import { occasionAt } from "../../support/occasion.ts";

const ANNA = user("anna");
const NOTHING_REVOKED: RevocationsAnswer = { kind: "revocations", revocations: [] };
const ALL_REVOKED: RevocationsAnswer = {
  kind: "revocations",
  revocations: [{ userId: "anna", sessionId: undefined, issuedBeforeS: 1000 }],
};

function authenticated(principal: Principal, issuedAtS: number | undefined): Authenticated {
  const shown = { tokenKind: "session-jwt", keyNumber: 1, keyId: undefined } as const;
  return { kind: "authenticated", principal, issuedAtS, endsAtMs: 5000, shown };
}

/** Who shows a token that is judged so, with the ids of users that were asked about. */
async function lookUpToken(
  verdict: Authenticated | AuthFailure,
  answer = NOTHING_REVOKED,
): Promise<Person & { readonly asked: readonly string[] }> {
  const asked: string[] = [];
  const listRevocations = async ({ userId }: SessionOfUser): Promise<RevocationsAnswer> => {
    asked.push(userId);
    return answer;
  };
  const ports = { authenticate: () => Promise.resolve(verdict), listRevocations };
  return { ...(await lookUp({ kind: "token", token: "a-token" }, ports, occasionAt())), asked };
}

describe("a good token", () => {
  test("is told by kind and key, with its times in milliseconds", async () => {
    expect(await lookUpToken(authenticated(ANNA, 1001), ALL_REVOKED)).toMatchObject({
      credential: {
        verified: true,
        tokenKind: "session-jwt",
        keyNumber: 1,
        issuedAt: 1_001_000,
        endsAt: 5000,
        revoked: false,
      },
      principal: ANNA,
      refusal: undefined,
    });
  });

  test("that is revoked is refused before any stream is asked", async () => {
    expect(await lookUpToken(authenticated(ANNA, 1000), ALL_REVOKED)).toMatchObject({
      credential: { verified: true, revoked: true },
      refusal: { decision: "deny", rule: "revoked" },
    });
  });

  test("of whose user nobody can say anything now is refused", async () => {
    expect(await lookUpToken(authenticated(ANNA, 1000), { kind: "unavailable" })).toMatchObject({
      credential: { revoked: null },
      refusal: { decision: "deny", rule: "revocations-unknown" },
    });
  });

  test("of a program is no user's to revoke", async () => {
    const person = await lookUpToken(authenticated(service("robot"), undefined), ALL_REVOKED);
    expect([person.asked, person.credential, person.refusal]).toMatchObject([[], { revoked: undefined }, undefined]);
  });
});

test("a bad token is told with the reason that its client does not hear, and nobody is asked about it", async () => {
  expect(await lookUpToken({ reason: "claims-missing", claim: "exp" })).toEqual({
    credential: { verified: false, code: "AUTH_FAILED", reason: "claims-missing", claim: "exp" },
    principal: undefined,
    revocations: undefined,
    refusal: undefined,
    asked: [],
  });
  expect((await lookUpToken({ reason: "auth-server-unavailable" })).credential).toMatchObject({
    code: "AUTH_UNAVAILABLE",
  });
});

test("who is named without a token is told what was revoked, and none of it is his end", async () => {
  const ports = { authenticate: () => Promise.reject(new Error("no token")), listRevocations: async () => ALL_REVOKED };
  const person = await lookUp({ kind: "principal", principal: ANNA }, ports, occasionAt());
  expect(person).toEqual({ credential: undefined, principal: ANNA, revocations: ALL_REVOKED, refusal: undefined });
});
