// Better Auth's encrypted cookie cache (`cookieCache: {strategy: "jwe"}`): who lacks the secret can neither make nor read it.
import { compactDecrypt, errors } from "jose";
import { isJsonObject, type JsonObject } from "../../protocol/json.ts";
import { decodeCanonical, readJson } from "../base64url.ts";
import { checkSessionClaims, type ClaimRules, toVerification } from "../claims.ts";
import { COOKIE_TOKEN_MAX_CHARS } from "../cookies.ts";
import type { AuthFailure } from "../failure.ts";
import { type EncryptionKey, keyNumberOf, keysAt, type TimedKey } from "../keys.ts";
import type { Verifier } from "../verifier.ts";

/**
 * RFC 7516 §7.1: header, no encrypted key, the 16 bytes of a CBC block, the content, and the 32 bytes of half an
 * HMAC-SHA-512 (RFC 7518 §5.2.5).
 */
const COMPACT_DIRECT = /^([A-Za-z0-9_-]+)\.\.([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{43})$/;
const CONTENT_ENCRYPTION = "A256CBC-HS512";

/** @param keys one for each secret of the auth server; a token names the one that it was made with */
export function sessionJweVerifier(keys: readonly TimedKey<EncryptionKey>[], rules: ClaimRules): Verifier {
  return async (token, { nowMs }) => {
    const read = readHeader(token);
    if ("reason" in read) return read;
    const key = keysAt(keys, nowMs).find(({ kid }) => kid === read.kid);
    // The cookie of OAuth tokens has the same form and a key with another salt, hence another name.
    if (key === undefined) return { reason: "unknown-kid" };
    const payload = await decrypt(token, key);
    if (payload === undefined) return { reason: "signature-mismatch" };
    if (!isJsonObject(payload)) return { reason: "claims-missing", claim: "payload" };
    const used = { keyNumber: keyNumberOf(keys, key) };
    return toVerification("session-jwe", checkSessionClaims(payload, rules, nowMs), used);
  };
}

/** Refuses before any cryptography what Better Auth would not write (`packages/better-auth/src/crypto/jwt.ts`). */
function readHeader(token: string): { readonly kid: string } | AuthFailure {
  if (token.length > COOKIE_TOKEN_MAX_CHARS) return { reason: "too-long" };
  const parts = COMPACT_DIRECT.exec(token);
  if (parts === null) return { reason: "not-a-token" };
  const [header, ...others] = parts.slice(1).map(decodeCanonical);
  if (header === undefined || others.includes(undefined)) return { reason: "not-canonical" };
  const parsed = readJson(header);
  return isJsonObject(parsed) && isExact(parsed) ? { kid: parsed.kid } : { reason: "header-refused" };
}

/** No other name may have a say, and none that compresses. */
function isExact(header: JsonObject): header is JsonObject & { readonly kid: string } {
  const { alg, enc, kid } = header;
  const isKnown = alg === "dir" && enc === CONTENT_ENCRYPTION && typeof kid === "string";
  return isKnown && Object.keys(header).length === 3;
}

/** Undefined where the key did not make the token. */
async function decrypt(token: string, { bytes }: EncryptionKey): Promise<unknown> {
  try {
    const { plaintext } = await compactDecrypt(token, bytes, {
      keyManagementAlgorithms: ["dir"],
      contentEncryptionAlgorithms: [CONTENT_ENCRYPTION],
    });
    return readJson(plaintext) ?? null;
  } catch (error) {
    if (!(error instanceof errors.JOSEError)) throw error;
    return undefined;
  }
}
