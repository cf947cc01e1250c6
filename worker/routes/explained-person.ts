// Who an operator's question is about: verified as at the doors, but nobody's attempt to come in.
import { type Authenticated, type Authenticator, isAuthenticated } from "../../auth/authenticator.ts";
import { type PublicFailure, toPublic } from "../../auth/failure.ts";
import type { Judgement } from "../../auth/policy.ts";
import type { Principal } from "../../auth/principal.ts";
import { revokes, subjectOf } from "../../auth/revocation.ts";
import type { Occasion, TokenKind } from "../../auth/verifier.ts";
import type { RevocationsAnswer, SessionOfUser } from "../../durable-objects/user/revocations.ts";
import { ANYBODY, type Whom } from "./explain-request.ts";

/** How a token was judged. Holds no part of it; times are milliseconds since 1970. */
export type CredentialView =
  | {
      readonly verified: true;
      readonly tokenKind: TokenKind;
      readonly keyNumber?: number | undefined;
      readonly keyId?: string | undefined;
      /** When the auth server last vouched for it; absent for keys, like the two below. */
      readonly issuedAt?: number | undefined;
      readonly endsAt?: number | undefined;
      /** Null where nobody can say now. */
      readonly revoked?: boolean | null | undefined;
    }
  | {
      readonly verified: false;
      readonly code: PublicFailure["code"];
      /** As the audit names it: finer than what a client is told. */
      readonly reason: string;
      readonly claim?: string | undefined;
    };

export interface Person {
  readonly credential: CredentialView | undefined;
  /** Undefined where the credential was refused. */
  readonly principal: Principal | undefined;
  /** Undefined where nobody need be asked. */
  readonly revocations: RevocationsAnswer | undefined;
  /** Whether it is revoked: that is asked before any stream's rules. */
  readonly refusal: Judgement | undefined;
}

export interface PersonPorts {
  readonly authenticate: Authenticator;
  /** Never rejects. */
  readonly listRevocations: (session: SessionOfUser) => Promise<RevocationsAnswer>;
}

/** Never rejects. */
export async function lookUp(whom: Whom, ports: PersonPorts, occasion: Occasion): Promise<Person> {
  switch (whom.kind) {
    case "anybody":
      return { credential: undefined, principal: ANYBODY, revocations: undefined, refusal: undefined };
    case "principal": {
      const { principal } = whom;
      // Of a token that is made now: what was revoked before does not end it.
      const revocations = await revocationsOf({ principal, issuedAtS: undefined }, ports);
      return { credential: undefined, principal, revocations, refusal: undefined };
    }
    case "token": {
      const who = await ports.authenticate(whom.token, "any-token", occasion);
      if (isAuthenticated(who)) return knownBy(who, await revocationsOf(who, ports));
      const claim = "claim" in who ? who.claim : undefined;
      const credential = { verified: false, code: toPublic(who).code, reason: who.reason, claim } as const;
      return { credential, principal: undefined, revocations: undefined, refusal: undefined };
    }
  }
}

function knownBy(who: Authenticated, revocations: RevocationsAnswer | undefined): Person {
  const { principal, issuedAtS, endsAtMs, shown } = who;
  const issuedAt = issuedAtS === undefined ? undefined : issuedAtS * 1000;
  const revoked = isRevoked(who, revocations);
  const credential = { verified: true, ...shown, issuedAt, endsAt: endsAtMs, revoked } as const;
  return { credential, principal, revocations, refusal: refusalOf(revoked) };
}

function isRevoked(who: Authenticated, answer: RevocationsAnswer | undefined): boolean | null | undefined {
  const subject = subjectOf(who);
  if (subject === undefined || answer === undefined) return undefined;
  if (answer.kind === "unavailable") return null;
  return answer.revocations.some((revocation) => revokes(revocation, subject));
}

function refusalOf(revoked: boolean | null | undefined): Judgement | undefined {
  if (revoked === null) return denied("revocations-unknown");
  return revoked === true ? denied("revoked") : undefined;
}

function denied(rule: Judgement["rule"]): Judgement {
  return { decision: "deny", rule };
}

async function revocationsOf(
  who: Pick<Authenticated, "principal" | "issuedAtS">,
  { listRevocations }: PersonPorts,
): Promise<RevocationsAnswer | undefined> {
  const subject = subjectOf(who);
  return subject === undefined ? undefined : listRevocations(subject);
}
