// Keys of programs: compared by hash, all of them, in a time that tells nothing.
import { type ApiKey, principalOf } from "../api-keys.ts";
import { sha256Hex } from "../hash.ts";
import type { Verifier } from "../verifier.ts";

interface HashedKey {
  readonly key: ApiKey;
  readonly hash: string;
}

export function apiKeyVerifier(keys: readonly ApiKey[]): Verifier {
  // Once an isolate; the first tokens share the promise.
  const hashed = Promise.all(keys.map(hashKey));
  return async (token) => {
    const hash = await sha256Hex(token);
    let found: ApiKey | undefined;
    for (const candidate of await hashed) {
      if (isSame(candidate.hash, hash)) found = candidate.key; // and on to the last, whichever it is
    }
    if (found === undefined) return { reason: "unknown-key" };
    return {
      kind: "verified",
      tokenKind: "api-key",
      principal: principalOf(found),
      issuedAtS: undefined,
      sessionEndsAtMs: undefined,
      tokenEndsAtMs: undefined,
    };
  };
}

async function hashKey(key: ApiKey): Promise<HashedKey> {
  return { key, hash: "hash" in key.secret ? key.secret.hash : await sha256Hex(key.secret.plain) };
}

/** Of two hashes in hex: looks at every character, however early they differ. */
function isSame(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let index = 0; index < a.length; index += 1) difference |= a.charCodeAt(index) ^ b.charCodeAt(index);
  return difference === 0;
}
