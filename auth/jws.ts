// Signed tokens in compact form: read strictly and without belief, then opened by a key. Knows no claims.
import { compactVerify, errors } from "jose";
import { isJsonObject, type JsonObject } from "../protocol/json.ts";
import { decodeCanonical, readJson } from "./base64url.ts";
import type { AuthFailure } from "./failure.ts";

/** RFC 7515 §7.1. */
const COMPACT = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)$/;
/** The same with the 32 bytes of an HMAC-SHA-256 behind the second dot. */
const COMPACT_HS256 = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{43})$/;

/** Wrapped, since a stranger's object may hold any name. */
export interface Header {
  readonly kind: "header";
  readonly header: JsonObject;
}

export interface Opened {
  readonly kind: "opened";
  readonly payload: JsonObject;
  /** That opened it. */
  readonly key: CryptoKey;
}

/** The header of a token that is letter for letter what an encoder writes. Nothing of it is believed yet. */
export function readHeader(token: string, maxChars: number, signature: "any" | "hs256"): Header | AuthFailure {
  if (token.length > maxChars) return { reason: "too-long" };
  const parts = (signature === "hs256" ? COMPACT_HS256 : COMPACT).exec(token);
  if (parts === null) return { reason: "not-a-token" };
  const [header, ...others] = parts.slice(1).map(decodeCanonical);
  if (header === undefined || others.includes(undefined)) return { reason: "not-canonical" };
  const parsed = readJson(header);
  return isJsonObject(parsed) ? { kind: "header", header: parsed } : { reason: "header-refused" };
}

/** Whether a header holds these names and no others; what a library does not know it would pass over. */
export function hasOnly(header: JsonObject, names: readonly string[]): boolean {
  return Object.keys(header).every((name) => names.includes(name));
}

/** What one of the keys signed. They are tried in order: the first almost always fits. */
export async function openHs256(token: string, keys: readonly CryptoKey[]): Promise<Opened | AuthFailure> {
  for (const key of keys) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- the next one is tried only where this one does not fit
      const { payload } = await compactVerify(token, key, { algorithms: ["HS256"] });
      return toOpened(payload, key);
    } catch (error) {
      if (!(error instanceof errors.JOSEError)) throw error;
    }
  }
  return { reason: "signature-mismatch" };
}

/** @param alg for which the key was made; the token can choose no other */
export async function openWithPublicKey(token: string, key: CryptoKey, alg: string): Promise<Opened | AuthFailure> {
  try {
    const { payload } = await compactVerify(token, key, { algorithms: [alg] });
    return toOpened(payload, key);
  } catch (error) {
    if (!(error instanceof errors.JOSEError)) throw error;
    return { reason: "signature-mismatch" };
  }
}

function toOpened(bytes: Uint8Array, key: CryptoKey): Opened | AuthFailure {
  const payload = readJson(bytes);
  return isJsonObject(payload) ? { kind: "opened", payload, key } : { reason: "claims-missing", claim: "payload" };
}
