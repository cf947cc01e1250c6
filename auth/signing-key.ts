// Key pairs of Ed25519 that sign what the gateway says to others, and their public halves as they are published.
import { calculateJwkThumbprint, exportJWK } from "jose";

/** RFC 8037 §2, with what it is for (RFC 7517 §4). Has no place for a private half. */
export interface PublicKey {
  readonly kty: "OKP";
  readonly crv: "Ed25519";
  readonly x: string;
  /** Its thumbprint, RFC 7638: nobody chooses it, and the same key has the same name everywhere. */
  readonly kid: string;
  readonly alg: "EdDSA";
  readonly use: "sig";
}

export interface SigningKey {
  /** Cannot be read out. */
  readonly key: CryptoKey;
  readonly publicKey: PublicKey;
}

/** Of a private key, and of a public one. */
export const KEY_BYTES = 32;

const ED25519 = "Ed25519";
/** RFC 8410 §7: what stands in PKCS #8 before the bytes of the private key. */
const PKCS8_HEAD = [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

/**
 * By PKCS #8, the one form that needs no public half: of a JWK workerd overlooks an `x` that does not fit, and Node
 * refuses it. So what is published is always what signs.
 * @param seed the private key, of 32 bytes
 */
export async function importSigningKey(seed: Uint8Array): Promise<SigningKey> {
  const pkcs8 = new Uint8Array([...PKCS8_HEAD, ...seed]);
  // Once to read the public half, and once to sign.
  const { x } = await exportJWK(await crypto.subtle.importKey("pkcs8", pkcs8, ED25519, true, ["sign"]));
  if (x === undefined) throw new Error("a key pair without a public half");
  const key = await crypto.subtle.importKey("pkcs8", pkcs8, ED25519, false, ["sign"]);
  return { key, publicKey: await toPublicKey(x) };
}

/** @param x the public key, of 32 bytes in base64url */
export async function toPublicKey(x: string): Promise<PublicKey> {
  const kid = await calculateJwkThumbprint({ kty: "OKP", crv: ED25519, x }, "sha256");
  return { kty: "OKP", crv: ED25519, x, kid, alg: "EdDSA", use: "sig" };
}
