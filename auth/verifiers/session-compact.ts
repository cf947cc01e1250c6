// Better Auth's compact cookie cache (`cookieCache: {strategy: "compact"}`, its default): signed JSON in base64url, without dots.
import { isDeeperThan, isJsonObject, type JsonObject, parseJson } from "../../protocol/json.ts";
import { decodeCanonical, readUtf8 } from "../base64url.ts";
import { checkSessionClaims, type ClaimRules, toVerification } from "../claims.ts";
import { asSigned, type Confirm } from "../confirmation.ts";
import { COOKIE_TOKEN_MAX_CHARS } from "../cookies.ts";
import type { AuthFailure } from "../failure.ts";
import { keyNumberOf, keysAt, signerAmong, type TimedKey } from "../keys.ts";
import type { Verifier } from "../verifier.ts";

/** What stands in the token beside its signature. */
interface Envelope {
  /** `{session, user, updatedAt, version}` */
  readonly session: JsonObject;
  readonly expiresAtMs: number;
  readonly signature: Uint8Array<ArrayBuffer>;
}

/** 32 bytes. */
const SIGNATURE = /^[A-Za-z0-9_-]{43}$/;
/** Users may have fields that hold JSON. Writing it again takes a stack as deep as it is. */
const DEPTH_MAX = 64;

/** @param keys the current key first; each is tried, since these tokens name none, as long as it counts */
export function sessionCompactVerifier(
  keys: readonly TimedKey<CryptoKey>[],
  rules: ClaimRules,
  confirm: Confirm = asSigned,
): Verifier {
  return async (token, occasion) => {
    const { nowMs } = occasion;
    const envelope = readEnvelope(token);
    if ("reason" in envelope) return envelope;
    const { session, expiresAtMs, signature } = envelope;
    // Better Auth signs what it wrote, with the end put behind (`packages/better-auth/src/cookies/index.ts`).
    const signed = JSON.stringify({ ...session, expiresAt: expiresAtMs });
    const signer = await signerAmong(keysAt(keys, nowMs), signature, signed);
    if (signer === undefined) return { reason: "signature-mismatch" };
    const times = { iat: toSeconds(session["updatedAt"]), exp: toSeconds(expiresAtMs) };
    const claims = checkSessionClaims({ ...session, ...times }, rules, nowMs);
    if ("reason" in claims) return claims;
    const confirmed = await confirm(claims, session["session"], occasion);
    return toVerification("session-compact", confirmed, { keyNumber: keyNumberOf(keys, signer) });
  };
}

/**
 * The signature covers a text that is written anew from what was read, so whatever reads alike would be the same token:
 * white space, a name twice, another one beside. Hence a token is only what Better Auth would write, letter for letter.
 */
function readEnvelope(token: string): Envelope | AuthFailure {
  if (token.length > COOKIE_TOKEN_MAX_CHARS) return { reason: "too-long" };
  const bytes = decodeCanonical(token);
  if (bytes === undefined) return { reason: "not-canonical" };
  const text = readUtf8(bytes);
  const parsed = parseJson(text ?? "")?.value;
  if (!isJsonObject(parsed) || isDeeperThan(parsed, DEPTH_MAX)) return { reason: "not-a-token" };
  const { session, expiresAt, signature } = parsed;
  if (!isJsonObject(session) || typeof expiresAt !== "number" || typeof signature !== "string") {
    return { reason: "not-a-token" };
  }
  if (JSON.stringify({ session, expiresAt, signature }) !== text) return { reason: "not-canonical" };
  const signatureBytes = SIGNATURE.test(signature) ? decodeCanonical(signature) : undefined;
  if (signatureBytes === undefined) return { reason: "not-canonical" };
  return { session, expiresAtMs: expiresAt, signature: signatureBytes };
}

/** These tokens have milliseconds where JWTs have seconds; down, so that none lives longer than it says. */
function toSeconds(timeMs: unknown): unknown {
  return typeof timeMs === "number" ? Math.floor(timeMs / 1000) : timeMs;
}
