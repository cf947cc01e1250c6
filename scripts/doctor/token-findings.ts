// Why a token of the auth server opens nothing, in words, and which variable or option would change that. Pure.
import type { AuthFailure } from "../../auth/failure.ts";
import type { TokenKind } from "../../auth/verifier.ts";
import type { Config } from "../../worker/config.ts";
import { advice, duration, type Finding, ok, wrong } from "./finding.ts";
import { KINDS_BY_ASKING, kindsWithout } from "./token-kind.ts";
import type { Accepted, Refused, Trial } from "./trial.ts";

export interface TokenContext {
  readonly config: Config;
  readonly nowMs: number;
  /** The deployment can ask an auth server. */
  readonly asksAuthServer: boolean;
  /** Under which name the gateway expects the auth server's tokens. */
  readonly issuer: string;
  /** Where the auth server's secret is from, as far as this machine knows it. */
  readonly secretSource: string;
  /** It lies in a file of this checkout, and a deployment of another name is looked at. */
  readonly isLocalSecret: boolean;
}

interface Explanation {
  readonly seen: string;
  readonly change: string;
}

const SECRET = "BETTER_AUTH_SECRET";
const NO_KINDS: ReadonlySet<TokenKind> = new Set();

export function trialFindings(trial: Trial, context: TokenContext): readonly Finding[] {
  const { outcome } = trial;
  if (outcome.kind === "accepted") return acceptedFindings(trial, outcome);
  const about = aboutOf(trial);
  const { seen, change } = explain(trial, outcome, context);
  return [isOptional(trial, outcome, context) ? advice(about, seen, change) : wrong(about, seen, change)];
}

function acceptedFindings(trial: Trial, { tokenLifeS, sessionLeftS, byCurrentSecret }: Accepted): readonly Finding[] {
  const about = aboutOf(trial);
  const token = tokenLifeS === undefined ? "" : `, the token lives for ${duration(tokenLifeS)}`;
  const session = sessionLeftS === undefined ? "" : `, the session ends in ${duration(sessionLeftS)}`;
  const findings = [ok(about, `opens the gate${token}${session}`)];
  if (!byCurrentSecret) {
    const seen = "the auth server still signs with an old secret of the list";
    findings.push(
      advice("BETTER_AUTH_SECRETS", seen, "deploy the auth server with the same list, the current one first"),
    );
  }
  return findings;
}

/** Whether somebody may well have meant that this one opens nothing, as long as the cookie cache does. */
function isOptional({ sample, facts }: Trial, { failure }: Refused, { asksAuthServer }: TokenContext): boolean {
  if (sample.name === "--token") return false;
  if (!asksAuthServer && KINDS_BY_ASKING.has(facts.kind)) return facts.kind !== "session-jwks";
  return sample.name === "token of the sign-in" && failure.reason === "session-not-found";
}

function aboutOf({ sample, facts }: Trial): string {
  return `${sample.name} (${facts.kind})`;
}

function explain({ sample, facts }: Trial, { failure, byDefaultSecret }: Refused, context: TokenContext): Explanation {
  if (byDefaultSecret) {
    return {
      seen: "the auth server signs with Better Auth's public default secret: anybody can make sessions",
      change: `set ${SECRET} for the auth server, where it runs`,
    };
  }
  const { auth } = context.config;
  switch (failure.reason) {
    case "signature-mismatch":
    case "unknown-kid":
      return facts.kind === "jwt" || facts.kind === "session-jwks"
        ? {
            seen: "its key is not among those that /jwks lists",
            change: "name with BETTER_AUTH_URL the auth server that makes the tokens",
          }
        : {
            seen: `was made with another secret than ${context.secretSource}`,
            change: context.isLocalSecret
              ? `that may be local development's: give this command the deployment's, ${SECRET}=… npm run doctor`
              : `make ${SECRET} the auth server's, to the byte (BETTER_AUTH_SECRETS where it has a list)`,
          };
    case "wrong-cache-version": {
      const version = facts.version !== undefined && /^[\w.:-]{1,64}$/.test(facts.version) ? facts.version : "*";
      return {
        seen: `has another cookieCache.version than ${auth.claimRules.cacheVersion ?? "any"}`,
        change: `BETTER_AUTH_CACHE_VERSION=${version}`,
      };
    }
    case "lifetime-too-long":
      return {
        seen: `lives for ${duration(failure.lifetimeS)}, longer than MAX_TOKEN_LIFETIME_S allows`,
        change: `shorten cookieCache.maxAge in the auth server, or MAX_TOKEN_LIFETIME_S=${failure.lifetimeS}`,
      };
    case "issued-in-the-future":
      return {
        seen: `was made ${duration(failure.iat - context.nowMs / 1000)} in the future`,
        change: "set the clock of the auth server, or of this machine, by NTP",
      };
    case "token-expired":
      return { seen: `ended ${new Date(failure.exp * 1000).toISOString()}`, change: "take a fresh one" };
    case "session-expired":
      return { seen: `its session ended ${new Date(failure.expiresAtMs).toISOString()}`, change: "sign in anew" };
    case "session-not-found":
      return sample.slot === "any-token"
        ? {
            seen: "the auth server knows no session by it as Bearer",
            change: "add bearer() to the auth server's plugins where clients keep the token itself; else sign in anew",
          }
        : {
            seen: "the auth server does not know its own cookie",
            change: "give all its instances one database, and one cookie prefix",
          };
    case "auth-server-unavailable":
      return {
        seen: "the auth server gave no answer that can be read, or refused to be asked so often",
        change: "see what it logs; its rate limit must let the gateway's questions through",
      };
    case "kind-not-taken":
    case "unknown-key":
      return notTaken(facts.kind, context);
    case "claims-invalid":
    case "claims-missing":
      return claimFault(failure, facts.issuer, context);
    case "user-banned":
      return { seen: "the user is banned", change: "try with another account" };
    case "header-refused":
      return { seen: "has a header that Better Auth does not write", change: "take a token that Better Auth made" };
    case "too-long":
      return { seen: "is longer than the gateway reads", change: "leave fields of the user out with returned: false" };
    case "unreadable":
    case "not-a-token":
    case "not-canonical":
      return { seen: "is no token, or not all of it", change: "copy the cookie's whole value" };
    case "admin-key-in-url":
      return { seen: "is an admin's key", change: "send it in a header" };
  }
}

function notTaken(kind: TokenKind, { config: { auth }, asksAuthServer }: TokenContext): Explanation {
  if (!auth.tokenKinds.has(kind)) {
    const kinds = [kindsWithout(auth.tokenKinds, NO_KINDS), kind].join(",");
    return {
      seen: `TOKEN_KINDS does not take ${kind}`,
      change: `TOKEN_KINDS=${kinds}, or another cookieCache.strategy`,
    };
  }
  if (kind === "shared-secret") {
    return { seen: "is a JWT of another system", change: "JWT_SECRET=<that system's secret>, as a secret" };
  }
  return asksAuthServer
    ? { seen: "is neither a session's token nor a key of API_KEYS", change: "copy the whole value" }
    : {
        seen: "can only be judged by asking the auth server, and the deployment knows none",
        change: "BETTER_AUTH_URL=<its address>, or a service binding AUTH",
      };
}

type ClaimFailure = Extract<AuthFailure, { readonly claim: string }>;

function claimFault({ claim }: ClaimFailure, issuer: string | undefined, context: TokenContext): Explanation {
  if (claim !== "iss" && claim !== "aud") {
    return {
      seen: `is signed as it should be, and is no session: ${claim} is missing or no such thing`,
      change:
        "leave session and user as Better Auth makes them (getSubject, definePayload); a mailed token opens nothing",
    };
  }
  const origin = issuer !== undefined && URL.canParse(issuer) ? new URL(issuer).origin : undefined;
  const seen = `${claim} is not ${context.issuer}, the auth server's origin`;
  return claim === "iss" && origin !== undefined && origin === issuer
    ? { seen: `${seen}, but ${origin}`, change: `BETTER_AUTH_URL=${origin}` }
    : { seen, change: `set the auth server's baseURL, and issuer and audience of its jwt() to ${context.issuer}` };
}
