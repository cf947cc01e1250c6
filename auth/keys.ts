// The keys that are made of a shared secret, and how long each counts.
import { base64url, calculateJwkThumbprint } from "jose";
import { KEY_BYTES } from "./signing-key.ts";

/**
 * A key for HS256: the secret's UTF-8 bytes as they are, no hash and no decoding, as in Better Auth's cookie cache
 * (`packages/better-auth/src/crypto/jwt.ts`) and in libraries that are given a text. Imported once, since verifying with bytes imports them on each call.
 */
export function importHmacKey(secret: string): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", new TextEncoder().encode(secret), { name: "HMAC", hash: "SHA-256" }, false, [
    "verify",
  ]);
}

/** The one of them that made the HMAC of a text's UTF-8 bytes; undefined where none did. */
export async function signerAmong(
  keys: readonly CryptoKey[],
  signature: Uint8Array<ArrayBuffer>,
  text: string,
): Promise<CryptoKey | undefined> {
  const bytes = new TextEncoder().encode(text);
  const matches = await Promise.all(keys.map((key) => crypto.subtle.verify("HMAC", key, signature, bytes)));
  return keys[matches.indexOf(true)];
}

/** Opens the encrypted cookie cache. */
export interface EncryptionKey {
  /** The key's name in a token's header: its thumbprint, RFC 7638. */
  readonly kid: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const ENCRYPTION_SALT = "better-auth-session";
const ENCRYPTION_INFO = "BetterAuth.js Generated Encryption Key";
/** A256CBC-HS512: 32 bytes for the HMAC and 32 for the cipher. */
const ENCRYPTION_KEY_BITS = 512;

/**
 * The key of Better Auth's encrypted cookie cache: HKDF-SHA-256 of the secret's UTF-8 bytes
 * (`packages/better-auth/src/crypto/jwt.ts`). No signature that is made with the raw secret can be mistaken for it.
 */
export async function deriveEncryptionKey(secret: string): Promise<EncryptionKey> {
  const bytes = await deriveBytes(secret, ENCRYPTION_SALT, ENCRYPTION_INFO, ENCRYPTION_KEY_BITS);
  return { kid: await calculateJwkThumbprint({ kty: "oct", k: base64url.encode(bytes) }, "sha256"), bytes };
}

/** Beside this the secret makes other keys; what one of them signed is nothing to the others. */
const TICKET_INFO = "Sluice ticket v1";

/** The key of the gateway's own tickets: HKDF-SHA-256 of the secret's UTF-8 bytes, so nothing else that it signs is a ticket. */
export async function deriveTicketKey(secret: string): Promise<CryptoKey> {
  const utf8 = new TextEncoder();
  const raw = await crypto.subtle.importKey("raw", utf8.encode(secret), "HKDF", false, ["deriveKey"]);
  const how = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: utf8.encode(TICKET_INFO) };
  const what = { name: "HMAC", hash: "SHA-256", length: 256 };
  return crypto.subtle.deriveKey(how, raw, what, false, ["sign", "verify"]);
}

const ASSERTION_INFO = "Sluice assertion v1";

/** The private key of assertions, RFC 8032 §5.1.5, where the operator gave none: HKDF-SHA-256 in the same way. */
export function deriveAssertionSeed(secret: string): Promise<Uint8Array<ArrayBuffer>> {
  return deriveBytes(secret, "", ASSERTION_INFO, 8 * KEY_BYTES);
}

async function deriveBytes(secret: string, salt: string, info: string, bits: number): Promise<Uint8Array<ArrayBuffer>> {
  const utf8 = new TextEncoder();
  const raw = await crypto.subtle.importKey("raw", utf8.encode(secret), "HKDF", false, ["deriveBits"]);
  const how = { name: "HKDF", hash: "SHA-256", salt: utf8.encode(salt), info: utf8.encode(info) };
  return new Uint8Array(await crypto.subtle.deriveBits(how, raw, bits));
}

/** A key made of a secret that may have an end. */
export interface TimedKey<Key> {
  readonly key: Key;
  /** From then on it verifies nothing. */
  readonly endsAtMs: number | undefined;
}

/** The keys that still count, in their order. */
export function keysAt<Key>(keys: readonly TimedKey<Key>[], nowMs: number): readonly Key[] {
  return keys.filter(({ endsAtMs }) => endsAtMs === undefined || nowMs < endsAtMs).map(({ key }) => key);
}

/** The place of a key among all, those that count no more included: what an operator can look up. */
export function keyNumberOf<Key>(keys: readonly TimedKey<Key>[], used: Key): number {
  return keys.findIndex(({ key }) => key === used);
}
