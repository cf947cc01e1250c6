// What an assertion is made of, by which key, and by which keys others may know it, while keys are replaced too.
import { calculateJwkThumbprint, decodeProtectedHeader, importJWK, type JWK, jwtVerify } from "jose";
import { expect, test } from "vitest";
import { readAuthConfig } from "../../auth/config.ts";
import { makeAssertionMint } from "../../auth/mint.ts";
import { importSigningKey } from "../../auth/signing-key.ts";
import { VariableReader, type Variables } from "../../auth/variables.ts";
import { ANNA, assertionWith, AUDIENCE, privateJwk, publicPartOf, ROBOT, seedOf } from "../support/assertions.ts";
import { NOW_MS, NOW_S } from "../support/hostile-token.ts";
import { GATEWAY_ORIGIN } from "../support/occasion.ts";
import { TEST_SECRET } from "../support/session-token.ts";

const OLD_SECRET = "old-1Lk0jH9gF8dS7aP6oI5uY4tR3eW2qMnBvC";
const OLDER_SECRET = "older-2Mn1kJ0hG9fD8sA7pO6iU5yT4rE3wQzX";

function mintOf(variables: Variables = { BETTER_AUTH_SECRET: TEST_SECRET }) {
  const reader = new VariableReader(variables);
  const { assertionKeys, secrets } = readAuthConfig(reader);
  expect(reader.problems).toEqual([]);
  return makeAssertionMint(assertionKeys, secrets);
}

type Mint = ReturnType<typeof mintOf>;

/** As an upstream that has the list of keys. */
async function verify(token: string, mint: Mint, nowMs = NOW_MS) {
  const { kid, alg } = decodeProtectedHeader(token);
  const jwk = (await mint.publicKeys(nowMs)).find((key) => key.kid === kid && key.alg === alg);
  if (jwk === undefined) throw new Error("an unknown kid");
  return jwtVerify(token, await importJWK({ ...jwk }), { currentDate: new Date(nowMs) });
}

function kidOf({ x }: { readonly x: string }): Promise<string> {
  return calculateJwkThumbprint({ kty: "OKP", crv: "Ed25519", x });
}

async function kidOfSecret(secret: string): Promise<string> {
  return (await importSigningKey(seedOf(secret))).publicKey.kid;
}

test("says who asks, on which gateway, for which upstream, and no longer than a minute", async () => {
  const mint = mintOf();
  const { payload, protectedHeader } = await verify(await mint.sign(assertionWith()), mint);
  const times = { iat: NOW_S, exp: NOW_S + 60 };
  expect(payload).toEqual({ iss: GATEWAY_ORIGIN, aud: AUDIENCE, sub: "anna", kind: "user", sid: "s-1", ...times });
  expect(protectedHeader).toEqual({ alg: "EdDSA", kid: await kidOfSecret(TEST_SECRET), typ: "sluice-assertion+jwt" });
});

test("names no session of a program, and nothing of what it may do", async () => {
  const mint = mintOf();
  const { payload } = await verify(await mint.sign(assertionWith({ principal: ROBOT })), mint);
  expect(Object.keys(payload)).toEqual(["iss", "aud", "sub", "kind", "iat", "exp"]);
  expect(payload).toMatchObject({ sub: "key:robot", kind: "service" });
});

test.each(["jwt:Zoë", "用户-1", "😀".repeat(64), "a b\u00a0c", "\u202egnp.exe", '"},{"sub":"root"'])(
  "tells an id outside ASCII as it is: %j",
  async (userId) => {
    const mint = mintOf();
    const token = await mint.sign(assertionWith({ principal: { ...ANNA, userId } }));
    expect((await verify(token, mint)).payload.sub).toBe(userId);
    expect(token).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
  },
);

test("is signed with a key that is made of the current secret and is no other key of it", async () => {
  const mint = mintOf();
  const { x } = (await importSigningKey(seedOf(TEST_SECRET))).publicKey;
  const keys = [{ kty: "OKP", crv: "Ed25519", x, kid: await kidOf({ x }), alg: "EdDSA", use: "sig" }];
  expect(await mint.publicKeys(NOW_MS)).toEqual(keys);
  expect((await importSigningKey(Buffer.from(TEST_SECRET.slice(0, 32)))).publicKey.x).not.toBe(x);
});

test("the key that signs cannot be read out", async () => {
  const { key } = await importSigningKey(seedOf(TEST_SECRET));
  expect([key.extractable, key.usages]).toEqual([false, ["sign"]]);
});

test("of before a new secret still verifies, until the old one ends", async () => {
  const before = await mintOf({ BETTER_AUTH_SECRET: OLD_SECRET }).sign(assertionWith());
  const endsAt = new Date(NOW_MS + 1000).toISOString();
  const mint = mintOf({ BETTER_AUTH_SECRETS: `3:${TEST_SECRET},2:${OLD_SECRET}@${endsAt},1:${OLDER_SECRET}` });
  expect((await verify(before, mint)).payload.sub).toBe("anna");
  await expect(verify(before, mint, NOW_MS + 1000)).rejects.toThrow("an unknown kid");
  const kids = (await mint.publicKeys(NOW_MS)).map(({ kid }) => kid);
  expect(kids).toEqual(await Promise.all([TEST_SECRET, OLD_SECRET, OLDER_SECRET].map(kidOfSecret)));
  expect(decodeProtectedHeader(await mint.sign(assertionWith())).kid).toBe(kids[0]);
});

test("of before the operator gave a key of his own still verifies, where that is listed beside it", async () => {
  const derived = mintOf();
  const before = await derived.sign(assertionWith());
  const own = await privateJwk();
  const both = JSON.stringify({ keys: [own, ...(await derived.publicKeys(NOW_MS))] });
  const mint = mintOf({ BETTER_AUTH_SECRET: TEST_SECRET, ASSERTION_KEY: both });
  expect((await verify(before, mint)).payload.sub).toBe("anna");
  expect(decodeProtectedHeader(await mint.sign(assertionWith())).kid).toBe(await kidOf(own));
});

test("of before a new key still verifies, where the former one is listed behind it, if only by its public part", async () => {
  const [own, next] = [await privateJwk(), await privateJwk()];
  const withKeys = (...keys: JWK[]) =>
    mintOf({ BETTER_AUTH_SECRET: TEST_SECRET, ASSERTION_KEY: JSON.stringify({ keys }) });
  const before = await withKeys(own, publicPartOf(next)).sign(assertionWith());
  const mint = withKeys(next, publicPartOf(own));
  expect((await verify(before, mint)).payload.sub).toBe("anna");
  expect((await verify(await mint.sign(assertionWith()), withKeys(own, next))).payload.sub).toBe("anna");
  await expect(verify(before, withKeys(next))).rejects.toThrow("an unknown kid");
});

test("with a key of the operator's own, none that is made of a secret counts", async () => {
  const mint = mintOf({ BETTER_AUTH_SECRET: TEST_SECRET, ASSERTION_KEY: JSON.stringify(await privateJwk()) });
  expect(await mint.publicKeys(NOW_MS)).toHaveLength(1);
  await expect(verify(await mintOf().sign(assertionWith()), mint)).rejects.toThrow("an unknown kid");
});

test("verifies by the key that is published, also where the operator wrote another public part beside it", async () => {
  const [own, other] = [await privateJwk(), await privateJwk()];
  const mint = mintOf({ BETTER_AUTH_SECRET: TEST_SECRET, ASSERTION_KEY: JSON.stringify({ ...own, x: other.x }) });
  expect(await mint.publicKeys(NOW_MS)).toMatchObject([{ x: own.x, kid: await kidOf(own) }]);
  expect((await verify(await mint.sign(assertionWith()), mint)).payload.sub).toBe("anna");
});

test("no private part is published, and no key twice", async () => {
  const [own, former] = [await privateJwk(), await privateJwk()];
  const ASSERTION_KEY = JSON.stringify({ keys: [own, former, publicPartOf(former), publicPartOf(own)] });
  const keys = await mintOf({ BETTER_AUTH_SECRET: TEST_SECRET, ASSERTION_KEY }).publicKeys(NOW_MS);
  expect(keys.map(({ x }) => x)).toEqual([own.x, former.x]);
  for (const key of keys) expect(Object.keys(key)).toEqual(["kty", "crv", "x", "kid", "alg", "use"]);
  expect(JSON.stringify(keys)).not.toContain(own.d);
});

test("a gate without any key signs nothing", async () => {
  await expect(makeAssertionMint([], []).sign(assertionWith())).rejects.toThrow("closed");
});
