// Which key signs assertions, and which are published: the operator's own, else those that the auth server's secrets make.
import type { GivenKey } from "./assertion-key.ts";
import { deriveAssertionSeed, keysAt, type TimedKey } from "./keys.ts";
import type { AuthServerSecret } from "./secrets.ts";
import { importSigningKey, type PublicKey, type SigningKey, toPublicKey } from "./signing-key.ts";

export interface AssertionKeys {
  readonly signing: SigningKey;
  /** That one first, then those before it. */
  readonly published: readonly TimedKey<PublicKey>[];
}

/**
 * Where the operator gave keys, none is made of a secret: whoever knows the secret could sign as well.
 * @param given the one that signs first; empty where there are none
 * @param secrets of the auth server, the current one first
 */
export async function makeAssertionKeys(
  given: readonly GivenKey[],
  secrets: readonly AuthServerSecret[],
): Promise<AssertionKeys> {
  const pairs = await Promise.all(given.length > 0 ? given.map(fromGiven) : secrets.map(fromSecret));
  const signing = pairs[0]?.signing;
  if (signing === undefined) throw new Error("a gate without a key to sign with is closed");
  return { signing, published: pairs.map(({ published }) => published) };
}

/** Those that count, each once: two of one name would be none to who looks one up. */
export function publishedAt({ published }: AssertionKeys, nowMs: number): readonly PublicKey[] {
  return [...new Map(keysAt(published, nowMs).map((key) => [key.kid, key])).values()];
}

interface Pair {
  /** Undefined where only the public half is known. */
  readonly signing: SigningKey | undefined;
  readonly published: TimedKey<PublicKey>;
}

async function fromGiven(given: GivenKey): Promise<Pair> {
  if (given.kind === "public") return toPair(undefined, await toPublicKey(given.x), undefined);
  const signing = await importSigningKey(given.seed);
  return toPair(signing, signing.publicKey, undefined);
}

/** As long as tokens of an old secret are taken, upstreams may take what its key signed. */
async function fromSecret({ value, endsAtMs }: AuthServerSecret): Promise<Pair> {
  const signing = await importSigningKey(await deriveAssertionSeed(value));
  return toPair(signing, signing.publicKey, endsAtMs);
}

function toPair(signing: SigningKey | undefined, key: PublicKey, endsAtMs: number | undefined): Pair {
  return { signing, published: { key, endsAtMs } };
}
