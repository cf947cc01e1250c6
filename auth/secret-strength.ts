// Whether a secret may be used at all: long enough, unknown to others, and not to be guessed from its beginning.
import { PUBLISHED_SECRETS } from "./published-secrets.ts";

/** Better Auth's own lower bounds (`packages/better-auth/src/context/secret-utils.ts`), where it only warns. */
const SECRET_MIN_CHARS = 32;
const SECRET_MIN_ENTROPY_BITS = 120;
/** 24 characters of base64 are 144 bits. */
const KEY_MIN_CHARS = 24;
/** Less than for a secret: whoever guesses a key must ask the gateway each time, and cannot try at home. */
const KEY_MIN_ENTROPY_BITS = 40;

/** How templates for `.env` files ask for a value. */
const PLACEHOLDER = /^(?:your|change|replace|generate|insert|placeholder)[-_ ]|^changeme|^<.*>$/i;

/** Why a secret lets nobody in, in words for the operator that hold nothing of it; undefined where it is good. */
export function secretFault(secret: string | undefined): string | undefined {
  return faultOf(secret, SECRET_MIN_CHARS, SECRET_MIN_ENTROPY_BITS);
}

/** The same for the key of a program or an operator, which is sent and not signed with. */
export function keyFault(key: string): string | undefined {
  return faultOf(key, KEY_MIN_CHARS, KEY_MIN_ENTROPY_BITS);
}

function faultOf(text: string | undefined, minChars: number, minEntropyBits: number): string | undefined {
  if (text === undefined) return "is not set";
  if (text !== text.trim()) return "has white space around it";
  const publisher = PUBLISHED_SECRETS.get(text.toLowerCase());
  if (publisher !== undefined) return `is published: ${publisher}`;
  if (PLACEHOLDER.test(text)) return "is the placeholder of a template";
  if (text.length < minChars) return `is shorter than ${minChars} characters`;
  return entropyBits(text) < minEntropyBits ? "repeats itself too much to be random" : undefined;
}

/** Better Auth's estimate, as if each character were drawn from those that occur, for those that nobody can foretell. */
function entropyBits(text: string): number {
  return Math.log2(new Set(text).size) * unforeseenChars(onePeriodOf(text));
}

/** What is said again and again is said once. */
function onePeriodOf(text: string): string {
  for (let period = 1; period * 2 <= text.length; period += 1) {
    if (text.endsWith(text.slice(0, text.length - period))) return text.slice(0, period);
  }
  return text;
}

/** What fingers walk along, and heads count. */
const ROWS = ["abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "!@#$%^&*()"];
/** Three steps in a row happen by chance once in thousands of random secrets. */
const WALK_MIN_STEPS = 3;

const STEPS: readonly ((one: string, next: string) => boolean)[] = [
  (one, next) => one === next,
  (one, next) => ROWS.some((row) => row.includes(one + next)),
  (one, next) => ROWS.some((row) => row.includes(next + one)),
];

/** Without those that go on as the ones before them began: `aaaa`, `abcd`, `4321`, `qwer`. */
function unforeseenChars(text: string): number {
  const characters = Array.from(text.toLowerCase());
  const foreseen = new Set<number>();
  for (const isStep of STEPS) {
    let steps = 0;
    for (let at = 1; at <= characters.length; at += 1) {
      const [one = "", next = ""] = characters.slice(at - 1, at + 1);
      if (next !== "" && isStep(one, next)) {
        steps += 1;
        continue;
      }
      if (steps >= WALK_MIN_STEPS) for (let back = 1; back <= steps; back += 1) foreseen.add(at - back);
      steps = 0;
    }
  }
  return characters.length - foreseen.size;
}
