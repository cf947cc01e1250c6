// What a token is by its form alone, before anything of it is believed: only where to ask, never the answer.
import { isJsonObject } from "../protocol/json.ts";
import { decodeCanonical, readJson } from "./base64url.ts";
import { TICKET_TYPE } from "./ticket.ts";

export type TokenForm =
  /** Three parts, RFC 7515 §7.1: with a secret, unless the header says otherwise. */
  | "signed-by-secret"
  /** The same where the header names an algorithm of public keys. */
  | "signed-by-key"
  /** The same as the first where the header says that it is one of ours. */
  | "ticket"
  /** Five parts: RFC 7516 §7.1. */
  | "encrypted"
  /** One part, which begins as Better Auth's compact cookie cache does. */
  | "compact"
  /** Everything else: keys, and tokens that only the auth server can read. */
  | "opaque";

/** Both begin with base64url of `{"`; what follows is the verifier's business. */
const SIGNED = /^(eyJ[^.]*)(?:\.[^.]*){2}$/;
const ENCRYPTED = /^eyJ[^.]*(?:\.[^.]*){4}$/;
/** Base64url of `{"session":{`. */
const COMPACT = /^eyJzZXNzaW9uIjp7[^.]*$/;

/** Those that Better Auth's jwt plugin can be set to (`packages/better-auth/src/plugins/jwt/types.ts`); never an HMAC. */
const KEY_ALGORITHMS: ReadonlySet<unknown> = new Set(["EdDSA", "ES256", "ES512", "PS256", "RS256"]);

export function isKeyAlgorithm(alg: unknown): alg is string {
  return KEY_ALGORITHMS.has(alg);
}

export function formOf(token: string): TokenForm {
  const [, header] = SIGNED.exec(token) ?? [];
  if (header !== undefined) return signedFormOf(header);
  if (ENCRYPTED.test(token)) return "encrypted";
  return COMPACT.test(token) ? "compact" : "opaque";
}

function signedFormOf(header: string): TokenForm {
  const parsed = readJson(decodeCanonical(header) ?? new Uint8Array());
  const { alg, typ } = isJsonObject(parsed) ? parsed : {};
  if (isKeyAlgorithm(alg)) return "signed-by-key";
  return typ === TICKET_TYPE ? "ticket" : "signed-by-secret";
}
