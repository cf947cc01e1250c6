// Better Auth's opaque session token: its signature first, where it has one, then the auth server's word.
import { checkSession } from "../claims.ts";
import type { AnswerCache } from "../answer-cache.ts";
import { sha256Hex } from "../hash.ts";
import { isSignedByAny, keysAt, type TimedKey } from "../keys.ts";
import type { AuthServer, AuthServerAnswer, SessionToken } from "../ports.ts";
import type { Verification, Verifier } from "../verifier.ts";

/** An answer may be a few seconds old, and what was revoked since is revoked. */
export type TimedAnswer = AuthServerAnswer & { readonly askedAtMs: number };

/** 32 letters and digits; signed: then a dot and 32 bytes of base64 with its padding. */
const RAW = /^[A-Za-z0-9]{32}$/;
const SIGNED = /^([A-Za-z0-9]{32})\.([A-Za-z0-9+/]{43}=)$/;

/** Undefined where a token has neither form. A browser's cookie value is percent-encoded. */
export function readSessionToken(token: string): SessionToken | undefined {
  if (RAW.test(token)) return { kind: "raw", text: token };
  const text = token.replaceAll(/%2b/gi, "+").replaceAll(/%2f/gi, "/").replaceAll(/%3d/gi, "=");
  return SIGNED.test(text) ? { kind: "signed", text } : undefined;
}

/**
 * @param keys HMAC-SHA-256 with each secret's UTF-8 bytes, as Better Auth signs its cookies
 *   (`better-call/src/crypto.ts`); an invented token is then refused without asking anyone
 */
export function sessionLookupVerifier(
  keys: readonly TimedKey<CryptoKey>[],
  authServer: AuthServer,
  cache: AnswerCache<TimedAnswer>,
): Verifier {
  return async (token, { nowMs, origin, keepAlive }) => {
    const sessionToken = readSessionToken(token);
    if (sessionToken === undefined) return { reason: "not-a-token" };
    if (sessionToken.kind === "signed" && !(await hasOwnSignature(keysAt(keys, nowMs), sessionToken.text))) {
      return { reason: "signature-mismatch" };
    }
    const hash = await sha256Hex(`${sessionToken.kind} ${sessionToken.text}`);
    const answer = await cache.get(hash, nowMs, () => {
      const asked = authServer(sessionToken, origin);
      keepAlive(asked);
      return asked.then((said) => ({ ...said, askedAtMs: nowMs }));
    });
    switch (answer.kind) {
      case "session":
        return toVerification(answer.session, answer.user, answer.askedAtMs, nowMs);
      case "none":
        return { reason: "session-not-found" };
      case "unavailable":
        return { reason: "auth-server-unavailable" };
    }
  };
}

function toVerification(session: unknown, user: unknown, askedAtMs: number, nowMs: number): Verification {
  const checked = checkSession(session, user, nowMs);
  if ("reason" in checked) return checked;
  const issuedAtS = Math.floor(askedAtMs / 1000);
  return { kind: "verified", tokenKind: "session-token", ...checked, issuedAtS, tokenEndsAtMs: undefined };
}

async function hasOwnSignature(keys: readonly CryptoKey[], signed: string): Promise<boolean> {
  const [, token = "", signature = ""] = SIGNED.exec(signed) ?? [];
  const bytes = Uint8Array.from(atob(signature), (character) => character.charCodeAt(0));
  // Two texts can stand for the same bytes; only the one that Better Auth writes is taken.
  if (btoa(String.fromCharCode(...bytes)) !== signature) return false;
  return isSignedByAny(keys, bytes, token);
}
