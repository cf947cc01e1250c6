// Better Auth's opaque session token: its signature first, where it has one, then the auth server's word.
import { keyNumberOf, keysAt, signerAmong, type TimedKey } from "../keys.ts";
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
    const isSigned = sessionToken.kind === "signed";
    const signer = isSigned ? await signerOf(sessionToken.text, keysAt(keys, occasion.nowMs)) : undefined;
    if (isSigned && signer === undefined) return { reason: "signature-mismatch" };
    const known = await answers.find(sessionToken, occasion);
    if ("reason" in known) return known;
    const { askedAtMs, ...session } = known;
    const keyNumber = signer === undefined ? undefined : keyNumberOf(keys, signer);
    const issuedAtS = Math.floor(askedAtMs / 1000);
    return { kind: "verified", tokenKind: "session-token", keyNumber, ...session, issuedAtS, tokenEndsAtMs: undefined };
  };
}

async function signerOf(signed: string, keys: readonly CryptoKey[]): Promise<CryptoKey | undefined> {
  const [token = "", signature = ""] = signed.split(".");
  const bytes = Uint8Array.from(atob(signature), (character) => character.charCodeAt(0));
  // Two texts can stand for the same bytes; only the one that Better Auth writes is taken.
  if (btoa(String.fromCharCode(...bytes)) !== signature) return undefined;
  return signerAmong(keys, bytes, token);
}
