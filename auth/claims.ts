// Whether the payload of a verified session token is a session, and until when. Pure: the time is passed in.
import { isJsonObject, type JsonObject } from "../protocol/json.ts";
import type { AuthFailure } from "./failure.ts";
import { isBareUserId, isPlainId, type UserPrincipal } from "./principal.ts";
import { checkTimes } from "./registered-claims.ts";
import type { KeyUsed, TokenKind, Verification } from "./verifier.ts";

export interface ClaimRules {
  /** Better Auth's `cookieCache.version`; undefined accepts any. */
  readonly cacheVersion: string | undefined;
  readonly maxTokenLifetimeS: number;
}

export interface SessionClaims {
  readonly kind: "claims";
  readonly principal: UserPrincipal;
  /** End of the session, which slides as the user comes back. */
  readonly sessionEndsAtMs: number;
  /** When the auth server made this copy of the session. */
  readonly issuedAtS: number;
  /** End of the token: how long the copy is fresh. */
  readonly tokenEndsAtMs: number;
}

/** The end of the year 9999; beyond it `toISOString` writes another form, and then throws. */
const MAX_DATE_MS = 253_402_300_799_999;

/** What `Date.prototype.toJSON` writes; anything looser would be a date to V8 and perhaps another to somebody else. */
const ISO_DATE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?Z$/;

/**
 * Checks the nested payload of Better Auth's cookie cache, `{session, user, updatedAt, version, iat, exp}`
 * (`packages/better-auth/src/cookies/index.ts`). The shape is what tells it from other tokens that the same secret
 * signs: the e-mail verification token has a valid signature, a valid `exp` and an `email`.
 */
export function checkSessionClaims(payload: JsonObject, rules: ClaimRules, nowMs: number): SessionClaims | AuthFailure {
  const times = checkTimes(payload, rules.maxTokenLifetimeS, nowMs);
  if ("reason" in times) return times;
  const { updatedAt, version } = payload;
  if (typeof updatedAt !== "number" || !Number.isFinite(updatedAt)) {
    return { reason: "claims-missing", claim: "updatedAt" };
  }
  const session = checkSession(payload["session"], payload["user"], nowMs);
  if ("reason" in session) return session;
  if (rules.cacheVersion !== undefined && (version ?? "1") !== rules.cacheVersion) {
    return { reason: "wrong-cache-version" };
  }
  return { kind: "claims", ...session, ...times };
}

/**
 * Checks the flat payload that moshi-server's documents print: `{id, userId, expiresAt, iat, exp, …}`. No Better Auth
 * makes it; systems that were built after that page do. `expiresAt` is a number of seconds or milliseconds, or a date.
 */
export function checkFlatClaims(payload: JsonObject, rules: ClaimRules, nowMs: number): SessionClaims | AuthFailure {
  const times = checkTimes(payload, rules.maxTokenLifetimeS, nowMs);
  if ("reason" in times) return times;
  const { id, userId, expiresAt } = payload;
  const session = checkSession({ id, userId, expiresAt: toIsoDate(expiresAt) }, { id: userId }, nowMs);
  return "reason" in session ? session : { kind: "claims", ...session, ...times };
}

/** What a verifier says of a session token whose payload was checked. */
export function toVerification(tokenKind: TokenKind, claims: SessionClaims | AuthFailure, used: KeyUsed): Verification {
  if ("reason" in claims) return claims;
  return { ...claims, ...used, kind: "verified", tokenKind };
}

export interface Session {
  readonly principal: UserPrincipal;
  readonly sessionEndsAtMs: number;
}

/** Checks a session and its user as Better Auth writes them, in a token or in the answer of `/get-session`. */
export function checkSession(session: unknown, user: unknown, nowMs: number): Session | AuthFailure {
  if (!isJsonObject(session)) return { reason: "claims-missing", claim: "session" };
  if (!isJsonObject(user)) return { reason: "claims-missing", claim: "user" };
  if (!isBareUserId(user["id"])) return { reason: "claims-invalid", claim: "user.id" };
  // Databases with serial ids keep `session.userId` as a number; Better Auth compares them as text too.
  if (textOfId(session["userId"]) !== user["id"]) return { reason: "claims-invalid", claim: "session.userId" };
  if (!isPlainId(session["id"])) return { reason: "claims-invalid", claim: "session.id" };
  const sessionEndsAtMs = parseIsoDate(session["expiresAt"]);
  if (sessionEndsAtMs === undefined) return { reason: "claims-invalid", claim: "session.expiresAt" };
  if (sessionEndsAtMs <= nowMs) return { reason: "session-expired", expiresAtMs: sessionEndsAtMs };
  if (user["banned"] === true) return { reason: "user-banned" };
  return { principal: { kind: "user", userId: user["id"], sessionId: session["id"] }, sessionEndsAtMs };
}

/** Databases with serial ids have numbers. */
export function textOfId(id: unknown): string | undefined {
  return typeof id === "string" || Number.isSafeInteger(id) ? String(id) : undefined;
}

/** Undefined for a day that the calendar does not have: V8 would roll it over into the next month. */
function parseIsoDate(text: unknown): number | undefined {
  if (typeof text !== "string" || !ISO_DATE.test(text)) return undefined;
  const timeMs = Date.parse(text);
  if (Number.isNaN(timeMs)) return undefined;
  return new Date(timeMs).toISOString().slice(0, 10) === text.slice(0, 10) ? timeMs : undefined;
}

/** Below this a number of milliseconds would lie in 1973, so it is seconds. */
const SECONDS_BELOW = 100_000_000_000;

/** Undefined stays undefined, and what is no time becomes no date. */
function toIsoDate(time: unknown): unknown {
  if (typeof time !== "number" || !Number.isSafeInteger(time) || time <= 0 || time > MAX_DATE_MS) return time;
  return new Date(time < SECONDS_BELOW ? time * 1000 : time).toISOString();
}
