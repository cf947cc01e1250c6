// What a token is by its form alone, before anything of it is believed: only where to ask, never the answer.

export type TokenForm =
  /** Three parts: RFC 7515 §7.1. */
  | "signed"
  /** Five parts: RFC 7516 §7.1. */
  | "encrypted"
  /** One part, which begins as Better Auth's compact cookie cache does. */
  | "compact"
  /** Everything else: keys, and tokens that only the auth server can read. */
  | "opaque";

/** Both begin with base64url of `{"`; what follows is the verifier's business. */
const SIGNED = /^eyJ[^.]*(?:\.[^.]*){2}$/;
const ENCRYPTED = /^eyJ[^.]*(?:\.[^.]*){4}$/;
/** Base64url of `{"session":{`. */
const COMPACT = /^eyJzZXNzaW9uIjp7[^.]*$/;

export function formOf(token: string): TokenForm {
  if (SIGNED.test(token)) return "signed";
  if (ENCRYPTED.test(token)) return "encrypted";
  return COMPACT.test(token) ? "compact" : "opaque";
}
