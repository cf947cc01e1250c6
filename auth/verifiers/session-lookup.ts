// Better Auth's opaque session token: its signature first, where it has one, then the auth server's word.
import { isSignedByAny, keysAt, type TimedKey } from "../keys.ts";
import { readSessionToken, type SessionAnswers } from "../session-answers.ts";
import type { Verifier } from "../verifier.ts";

/**
 * @param keys HMAC-SHA-256 with each secret's UTF-8 bytes, as Better Auth signs its cookies
 *   (`better-call/src/crypto.ts`); an invented token is then refused without asking anyone
 */
export function sessionLookupVerifier(keys: readonly TimedKey<CryptoKey>[], answers: SessionAnswers): Verifier {
  return async (token, occasion) => {
    const sessionToken = readSessionToken(token);
    if (sessionToken === undefined) return { reason: "not-a-token" };
    if (sessionToken.kind === "signed" && !(await hasOwnSignature(keysAt(keys, occasion.nowMs), sessionToken.text))) {
      return { reason: "signature-mismatch" };
    }
    const known = await answers.find(sessionToken, occasion);
    if ("reason" in known) return known;
    const { askedAtMs, ...session } = known;
    const issuedAtS = Math.floor(askedAtMs / 1000);
    return { kind: "verified", tokenKind: "session-token", ...session, issuedAtS, tokenEndsAtMs: undefined };
  };
}

async function hasOwnSignature(keys: readonly CryptoKey[], signed: string): Promise<boolean> {
  const [token = "", signature = ""] = signed.split(".");
  const bytes = Uint8Array.from(atob(signature), (character) => character.charCodeAt(0));
  // Two texts can stand for the same bytes; only the one that Better Auth writes is taken.
  if (btoa(String.fromCharCode(...bytes)) !== signature) return false;
  return isSignedByAny(keys, bytes, token);
}
