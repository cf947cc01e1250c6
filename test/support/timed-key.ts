// Keys of secrets as verifiers are given them, for tests that compose none.
import { importHmacKey, type TimedKey } from "../../auth/keys.ts";

/** @param endsAtMs undefined for a secret that counts until it is taken away */
export async function timedKey(secret: string, endsAtMs?: number): Promise<TimedKey<CryptoKey>> {
  return { key: await importHmacKey(secret), endsAtMs };
}
