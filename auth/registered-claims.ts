// RFC 7519 §4.1: when a token counts, who issued it and for whom. Pure: the time is passed in.
import { isTextList, type JsonObject } from "../protocol/json.ts";
import type { AuthFailure } from "./failure.ts";

/** Clocks of the issuer and of the edge may differ by this much before a token counts as made in the future. */
const CLOCK_SKEW_S = 60;

export interface TokenTimes {
  /** Seconds since 1970, as the token says. */
  readonly issuedAtS: number;
  /** Milliseconds since 1970. */
  readonly tokenEndsAtMs: number;
}

/** `exp` and `iat` are demanded, as integers, since a library alone accepts 1e400 and none at all. */
export function checkTimes(payload: JsonObject, maxTokenLifetimeS: number, nowMs: number): TokenTimes | AuthFailure {
  const { iat, exp, nbf } = payload;
  const nowS = Math.floor(nowMs / 1000);
  if (!isSeconds(iat)) return { reason: "claims-missing", claim: "iat" };
  if (!isSeconds(exp)) return { reason: "claims-missing", claim: "exp" };
  if (iat > nowS + CLOCK_SKEW_S) return { reason: "issued-in-the-future", iat };
  if (exp - iat > maxTokenLifetimeS) return { reason: "lifetime-too-long", lifetimeS: exp - iat };
  if (exp * 1000 <= nowMs) return { reason: "token-expired", exp };
  if (nbf !== undefined && !(isSeconds(nbf) && nbf <= nowS + CLOCK_SKEW_S))
    return { reason: "claims-invalid", claim: "nbf" };
  return { issuedAtS: iat, tokenEndsAtMs: exp * 1000 };
}

export interface Demanded {
  /** Undefined where any issuer will do. */
  readonly issuer: string | undefined;
  /** Undefined where this gateway has no name among audiences: then a token that is for somebody is for somebody else. */
  readonly audience: string | undefined;
}

/** Exact texts; an audience may be one of several. RFC 7519 §4.1.3: who is not named by an `aud` must refuse the token. */
export function checkParties({ iss, aud }: JsonObject, { issuer, audience }: Demanded): AuthFailure | undefined {
  if (issuer !== undefined && iss !== issuer) return { reason: "claims-invalid", claim: "iss" };
  if (aud === audience) return undefined;
  const names: readonly string[] = isTextList(aud) ? aud : [];
  return audience !== undefined && names.includes(audience) ? undefined : { reason: "claims-invalid", claim: "aud" };
}

function isSeconds(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0;
}
