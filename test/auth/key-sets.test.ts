// When the auth server is asked for its keys, who shares the question, and what is never remembered.
import { beforeEach, describe, expect, test } from "vitest";
import { type KeyName, KeySets } from "../../auth/key-sets.ts";
import type { KeySetAnswer } from "../../auth/ports.ts";
import { NOW_MS } from "../support/hostile-token.ts";
import { GATEWAY_ORIGIN, occasionAt } from "../support/occasion.ts";
import { SigningKeys } from "../support/signing-keys.ts";

const OURS = { alg: "EdDSA", kid: "key-of-EdDSA" };
const OTHER = { alg: "EdDSA", kid: "new" };
const UNKNOWN = { reason: "unknown-kid" };
const UNAVAILABLE = { reason: "auth-server-unavailable" };
const MADE = await SigningKeys.make("EdDSA");
const NEW = await SigningKeys.make("EdDSA", "new");

let keys: SigningKeys;
let sets: KeySets;
beforeEach(() => {
  keys = MADE;
  keys.questions.length = 0;
  answerWith(MADE.jwk);
  sets = new KeySets(keys.source);
});

function answerWith(...jwks: readonly unknown[]): void {
  keys.answer = { kind: "keys", keySet: { keys: jwks } };
}

/** The key's algorithm, or why there is none. */
async function find(name: KeyName, afterMs = 0): Promise<unknown> {
  const found = await sets.find(name, occasionAt(NOW_MS + afterMs));
  return "reason" in found ? found : found.type;
}

describe("the auth server is asked", () => {
  test("once, by the first token, and not again for ten minutes", async () => {
    expect([await find(OURS), await find(OURS, 599_999), keys.questions.length]).toEqual(["public", "public", 1]);
    expect([await find(OURS, 600_000), keys.questions.length]).toEqual(["public", 2]);
  });

  test("once by all who come together", async () => {
    await Promise.all(Array.from({ length: 20 }, () => find(OURS)));
    expect(keys.questions).toEqual([GATEWAY_ORIGIN]);
  });

  test("once more for a key that it did not name, which may be new", async () => {
    await find(OURS);
    answerWith(MADE.jwk, NEW.jwk);
    expect([await find(OTHER, 30_000), await find(OURS, 30_000), keys.questions.length]).toEqual([
      "public",
      "public",
      2,
    ]);
  });

  test("not for every name that somebody invents: every thirty seconds at most", async () => {
    await find(OURS);
    for (const afterMs of [0, 1000, 29_999]) expect(await find(OTHER, afterMs)).toEqual(UNKNOWN);
    expect(keys.questions).toHaveLength(1);
    const many = Array.from({ length: 20 }, (_, index) => find({ ...OTHER, kid: `invented-${index}` }, 30_000));
    expect(await Promise.all(many)).toEqual(many.map(() => UNKNOWN));
    expect([await find(OTHER, 59_999), keys.questions.length]).toEqual([UNKNOWN, 2]);
  });

  test("once by the first of a name that is unknown from the beginning", async () => {
    expect([await find(OTHER), await find(OTHER), keys.questions.length]).toEqual([UNKNOWN, UNKNOWN, 1]);
  });

  test("for each name under which the gateway was reached, since it may be another one there", async () => {
    await find(OURS);
    await sets.find(OURS, { ...occasionAt(), origin: "https://other.test" });
    expect(keys.questions).toEqual([GATEWAY_ORIGIN, "https://other.test"]);
  });

  test("on, even where the client whose token asked has left", async () => {
    const occasion = occasionAt();
    await sets.find(OURS, occasion);
    expect(occasion.kept).toHaveLength(1);
  });

  test("again where a question stays open for ever, as its request was cut off", async () => {
    keys.answer = new Promise<KeySetAnswer>(() => {});
    void find(OURS);
    answerWith(MADE.jwk);
    const soon = find(OURS, 5999);
    expect([await find(OURS, 6000), keys.questions.length]).toEqual(["public", 2]);
    await expect(Promise.race([soon, Promise.resolve("waits")])).resolves.toBe("waits");
  });

  test("again where the clock stepped back by an hour", async () => {
    await find(OURS, 3_600_000);
    expect([await find(OURS), keys.questions.length]).toEqual(["public", 2]);
  });

  test("by a hundred names, of which the oldest gives way to one more", async () => {
    const at = (index: number) => sets.find(OURS, { ...occasionAt(), origin: `https://${index}.test` });
    for (let index = 0; index <= 100; index += 1) await at(index);
    await at(1);
    expect(keys.questions).toHaveLength(101);
    await at(0);
    expect(keys.questions).toHaveLength(102);
  });
});

describe("where no keys come", () => {
  test.each<[string, KeySetAnswer]>([
    ["no answer", { kind: "unavailable" }],
    ["no set of keys", { kind: "keys", keySet: { error: "not found" } }],
    ["keys that are no list", { kind: "keys", keySet: { keys: {} } }],
    ["null", { kind: "keys", keySet: null }],
  ])("but %s, nobody is judged, and the next one asks again", async (_what, answer) => {
    keys.answer = answer;
    expect(await find(OURS)).toEqual(UNAVAILABLE);
    answerWith(MADE.jwk);
    expect([await find(OURS), keys.questions.length]).toEqual(["public", 2]);
  });

  test("the keys that are known still open what they signed, and a new name has the next one ask again", async () => {
    await find(OURS);
    keys.answer = { kind: "unavailable" };
    expect([await find(OTHER, 30_000), await find(OURS, 30_000)]).toEqual([UNAVAILABLE, "public"]);
    answerWith(MADE.jwk, NEW.jwk);
    expect(await find(OTHER, 30_001)).toBe("public");
  });

  test("keys older than ten minutes open nothing: one of them may have been taken away", async () => {
    await find(OURS);
    keys.answer = { kind: "unavailable" };
    expect(await find(OURS, 600_000)).toEqual(UNAVAILABLE);
  });
});

describe("a key", () => {
  test("that was taken away is unknown once the set is asked for anew", async () => {
    await find(OURS);
    answerWith(NEW.jwk);
    expect(await find(OURS, 600_000)).toEqual(UNKNOWN);
  });

  test.each([
    ["made for another algorithm", { ...MADE.jwk, alg: "ES256" }],
    ["of another type", { kty: "RSA", n: "AQAB", e: "AQAB", alg: "EdDSA", kid: OURS.kid }],
    ["made for encryption", { ...MADE.jwk, use: "enc" }],
    ["made to sign alone", { ...MADE.jwk, key_ops: ["sign"] }],
    ["that is a secret", { kty: "oct", k: "AAAA", alg: "EdDSA", kid: OURS.kid }],
    ["that is no point", { ...MADE.jwk, x: "AAAA" }],
    ["that is its private half", { ...MADE.jwk, d: "A".repeat(43) }],
  ])("%s is none", async (_what, jwk) => {
    answerWith(jwk);
    expect(await find(OURS)).toEqual(UNKNOWN);
  });

  test("of a name that two have is none", async () => {
    answerWith(MADE.jwk, { ...NEW.jwk, kid: OURS.kid });
    expect(await find(OURS)).toEqual(UNKNOWN);
  });
});
