// The public keys of the auth server: asked for now and then, and once more where a token names one that is not among them.
import { createLocalJWKSet, errors, type JSONWebKeySet } from "jose";
import { BoundedMap } from "./bounded-map.ts";
import type { AuthFailure } from "./failure.ts";
import type { KeySource } from "./ports.ts";
import type { Occasion } from "./verifier.ts";

/** What a token says of the key that signed it. */
export interface KeyName {
  readonly alg: string;
  readonly kid: string;
}

interface Question {
  readonly answer: Promise<KnownKeys | undefined>;
  readonly askedAtMs: number;
}

interface KnownKeys {
  readonly find: ReturnType<typeof createLocalJWKSet>;
  readonly askedAtMs: number;
}

/** A key that the auth server took away is believed for at most this long. */
const LIFE_MS = 600_000;
/** Anybody can invent a name of a key; it makes the gateway ask no more often than this. */
const COOL_DOWN_MS = 30_000;
/** Longer than the auth server is waited for: a question still open then lost the request that asked it. */
const QUESTION_LIFE_MS = 6000;
/** Names of auth servers; more than one where the gateway has several, and its auth server with it. */
const ISSUERS_MAX = 100;

export class KeySets {
  readonly #source: KeySource;
  readonly #known = new BoundedMap<string, KnownKeys>(ISSUERS_MAX);
  /** So that all who wait ask one question. */
  readonly #open = new Map<string, Question>();

  constructor(source: KeySource) {
    this.#source = source;
  }

  /** Under which name the auth server issues tokens to who reached the gateway so. */
  issuerFor({ origin }: Occasion): string {
    return this.#source.issuerOf(origin);
  }

  async find(name: KeyName, occasion: Occasion): Promise<CryptoKey | AuthFailure> {
    const issuer = this.issuerFor(occasion);
    const known = this.#known.get(issuer);
    if (known !== undefined && isYounger(known, LIFE_MS, occasion)) {
      const key = await keyAmong(known, name);
      if (key !== undefined) return key;
      if (isYounger(known, COOL_DOWN_MS, occasion)) return { reason: "unknown-kid" };
    }
    const open = this.#open.get(issuer);
    const isOpen = open !== undefined && isYounger(open, QUESTION_LIFE_MS, occasion);
    const asked = await (isOpen ? open.answer : this.#ask(issuer, occasion));
    if (asked === undefined) return { reason: "auth-server-unavailable" };
    return (await keyAmong(asked, name)) ?? { reason: "unknown-kid" };
  }

  /** Undefined where no keys came; what was known before stays, and the next one asks again. */
  #ask(issuer: string, { origin, nowMs, keepAlive }: Occasion): Promise<KnownKeys | undefined> {
    const answer = this.#source.ask(origin).then((said) => {
      if (this.#open.get(issuer)?.answer === answer) this.#open.delete(issuer);
      const known = said.kind === "keys" ? toKnownKeys(said.keySet, nowMs) : undefined;
      if (known !== undefined) this.#known.set(issuer, known);
      return known;
    });
    this.#open.set(issuer, { answer, askedAtMs: nowMs });
    keepAlive(answer);
    return answer;
  }
}

/** A clock that stepped back makes things old, not young for as long as it stepped. */
function isYounger({ askedAtMs }: KnownKeys | Question, ageMs: number, { nowMs }: Occasion): boolean {
  return askedAtMs <= nowMs && nowMs < askedAtMs + ageMs;
}

/** RFC 7517 §5. Undefined where an answer is no set of keys. */
function toKnownKeys(keySet: unknown, askedAtMs: number): KnownKeys | undefined {
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the library checks what it is given
    return { find: createLocalJWKSet(keySet as JSONWebKeySet), askedAtMs };
  } catch (error) {
    if (!(error instanceof errors.JOSEError)) throw error;
    return undefined;
  }
}

/** The one key of this name, made for this algorithm and for signatures; a key that cannot be used is none. */
async function keyAmong({ find }: KnownKeys, { alg, kid }: KeyName): Promise<CryptoKey | undefined> {
  try {
    return await find({ alg, kid });
  } catch {
    return undefined; // none, two of one name, or one that the platform cannot read
  }
}
