// Whether the payload of a verified session token is a session, and until when. Pure: the time is passed in.
import { isJsonObject, type JsonObject } from "../protocol/json.ts";
import type { AuthFailure } from "./failure.ts";
import { isBareUserId, isPlainId, type UserPrincipal } from "./principal.ts";

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
  /** End of the token: how long the cached copy of the session is fresh. */
  readonly tokenEndsAtMs: number;
}

/** Clocks of the auth server and of the edge may differ by this much before a token counts as made in the future. */
const CLOCK_SKEW_S = 60;

/** What `Date.prototype.toJSON` writes; anything looser would be a date to V8 and perhaps another to somebody else. */
const ISO_DATE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?Z$/;

/**
 * Checks the nested payload of Better Auth's cookie cache, `{session, user, updatedAt, version, iat, exp}`
 * (`packages/better-auth/src/cookies/index.ts`). The shape is what tells it from other tokens that the same secret
 * signs: the e-mail verification token has a valid signature, a valid `exp` and an `email`.
 */
export function checkSessionClaims(payload: unknown, rules: ClaimRules, nowMs: number): SessionClaims | AuthFailure {
  if (!isJsonObject(payload)) return { reason: "claims-missing", claim: "payload" };
  const times = checkTimes(payload, rules.maxTokenLifetimeS, nowMs);
  if ("reason" in times) return times;
  const { session, user, updatedAt, version } = payload;
  if (!isJsonObject(session)) return { reason: "claims-missing", claim: "session" };
  if (!isJsonObject(user)) return { reason: "claims-missing", claim: "user" };
  if (typeof updatedAt !== "number" || !Number.isFinite(updatedAt))
    return { reason: "claims-missing", claim: "updatedAt" };
  if (!isBareUserId(user["id"])) return { reason: "claims-invalid", claim: "user.id" };
  // Databases with serial ids keep `session.userId` as a number; Better Auth compares them as text too.
  if (textOfId(session["userId"]) !== user["id"]) return { reason: "claims-invalid", claim: "session.userId" };
  if (!isPlainId(session["id"])) return { reason: "claims-invalid", claim: "session.id" };
  const sessionEndsAtMs = parseIsoDate(session["expiresAt"]);
  if (sessionEndsAtMs === undefined) return { reason: "claims-invalid", claim: "session.expiresAt" };
  if (sessionEndsAtMs <= nowMs) return { reason: "session-expired", expiresAtMs: sessionEndsAtMs };
  if (rules.cacheVersion !== undefined && (version ?? "1") !== rules.cacheVersion)
    return { reason: "wrong-cache-version" };
  if (user["banned"] === true) return { reason: "user-banned" };
  return {
    kind: "claims",
    principal: { kind: "user", userId: user["id"], sessionId: session["id"] },
    sessionEndsAtMs,
    tokenEndsAtMs: times.tokenEndsAtMs,
  };
}

/** RFC 7519 §4.1: `exp` and `iat` are demanded, as integers, since a library alone accepts 1e400 and none at all. */
function checkTimes(
  payload: JsonObject,
  maxTokenLifetimeS: number,
  nowMs: number,
): { tokenEndsAtMs: number } | AuthFailure {
  const { iat, exp, nbf } = payload;
  const nowS = Math.floor(nowMs / 1000);
  if (!isSeconds(iat)) return { reason: "claims-missing", claim: "iat" };
  if (!isSeconds(exp)) return { reason: "claims-missing", claim: "exp" };
  if (iat > nowS + CLOCK_SKEW_S) return { reason: "issued-in-the-future", iat };
  if (exp - iat > maxTokenLifetimeS) return { reason: "lifetime-too-long", lifetimeS: exp - iat };
  if (exp * 1000 <= nowMs) return { reason: "token-expired", exp };
  if (nbf !== undefined && !(isSeconds(nbf) && nbf <= nowS + CLOCK_SKEW_S))
    return { reason: "claims-invalid", claim: "nbf" };
  return { tokenEndsAtMs: exp * 1000 };
}

function textOfId(id: unknown): string | undefined {
  return typeof id === "string" || Number.isSafeInteger(id) ? String(id) : undefined;
}

/** Undefined for a day that the calendar does not have: V8 would roll it over into the next month. */
function parseIsoDate(text: unknown): number | undefined {
  if (typeof text !== "string" || !ISO_DATE.test(text)) return undefined;
  const timeMs = Date.parse(text);
  if (Number.isNaN(timeMs)) return undefined;
  return new Date(timeMs).toISOString().slice(0, 10) === text.slice(0, 10) ? timeMs : undefined;
}

function isSeconds(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0;
}
