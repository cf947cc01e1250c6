// Whether a key of the operator's own is one that signs, and what is wrong with it where it is not.
import { exportJWK, generateKeyPair } from "jose";
import { describe, expect, test } from "vitest";
import { readAssertionKeys } from "../../auth/assertion-key.ts";
import { VariableReader } from "../../auth/variables.ts";
import { privateJwk, publicPartOf } from "../support/assertions.ts";
import { TEST_SECRET } from "../support/session-token.ts";

const OWN = await privateJwk();
const FORMER = await privateJwk();

function read(value: unknown) {
  const reader = new VariableReader({ ASSERTION_KEY: typeof value === "string" ? value : JSON.stringify(value) });
  const keys = readAssertionKeys(reader, [TEST_SECRET, FORMER.d]);
  expect(reader.problems.every(({ variable }) => variable === "ASSERTION_KEY")).toBe(true);
  return { keys, why: reader.problems.map(({ message }) => message) };
}

const SEED = new Uint8Array(Buffer.from(OWN.d, "base64url"));

describe("a key", () => {
  test("is none unless configured", () => {
    expect(read("")).toEqual({ keys: [], why: [] });
  });

  test.each([
    ["as libraries write it", OWN],
    ["without its public part, which follows from the private one", { ...OWN, x: undefined }],
    ["with what it is for", { ...OWN, alg: "EdDSA", use: "sig", key_ops: ["sign"], kid: "any", ext: true }],
    ["by the newer name of its algorithm", { ...OWN, alg: "Ed25519", key_ops: ["sign", "verify"] }],
    ["alone in a set", { keys: [OWN] }],
  ])("is taken %s", (_how, value) => {
    expect(read(value)).toEqual({ keys: [{ kind: "private", seed: SEED }], why: [] });
  });

  test("signs, and those behind it are published, with or without their private parts", async () => {
    const other = await privateJwk();
    expect(read({ keys: [OWN, publicPartOf(FORMER), other] })).toEqual({
      keys: [
        { kind: "private", seed: SEED },
        { kind: "public", x: FORMER.x },
        { kind: "private", seed: new Uint8Array(Buffer.from(other.d, "base64url")) },
      ],
      why: [],
    });
  });
});

const FORM = "must be a private JWK of Ed25519, or a JWK set that begins with one";
const KIND = "is not of Ed25519: kty must be OKP, and crv Ed25519";
const USE = "is for something else, as its alg, use or key_ops says";
const D = "has a part d that is not 32 bytes in base64url";
const X = "has a part x that is not 32 bytes in base64url";

async function jwkOf(alg: string, options = {}) {
  return exportJWK((await generateKeyPair(alg, { extractable: true, ...options })).privateKey);
}

const P_256 = await jwkOf("ES256");
const RSA = await jwkOf("RS256");
const X25519 = await jwkOf("ECDH-ES", { crv: "X25519" });

describe("the gate stays closed by", () => {
  test.each([
    ["what is no JSON", OWN.d, FORM],
    ["PEM", "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA==\n-----END PRIVATE KEY-----", FORM],
    ["JSON that is no object", "null", FORM],
    ["a list", [OWN], FORM],
    ["an empty set", { keys: [] }, FORM],
    ["a set of texts", { keys: [OWN.d] }, FORM],
    ["a set that is none", { keys: "x" }, FORM],
    ["an empty object", {}, KIND],
    ["a secret as a key", { kty: "oct", k: OWN.d }, KIND],
    ["a key of P-256", P_256, KIND],
    ["a key of RSA", RSA, KIND],
    ["a key that agrees on others", X25519, KIND],
    ["its curve under another kind of key", { ...OWN, kty: "EC" }, KIND],
    ["a curve in small letters", { ...OWN, crv: "ed25519" }, KIND],
    ["another algorithm", { ...OWN, alg: "HS256" }, USE],
    ["another use", { ...OWN, use: "enc" }, USE],
    ["other operations", { ...OWN, key_ops: ["deriveBits"] }, USE],
    ["no operation", { ...OWN, key_ops: [] }, USE],
    ["a public key", publicPartOf(OWN), "has no private part, d"],
    ["a short private part", { ...OWN, d: OWN.d.slice(0, -2) }, D],
    ["a long private part", { ...OWN, d: `${OWN.d}AAAA` }, D],
    ["a private part in base64", { ...OWN, d: `${OWN.d}=` }, D],
    ["a private part that is no text", { ...OWN, d: 1 }, D],
    ["a private part that is null", { ...OWN, d: null }, D],
    ["a public part of another length", { ...OWN, x: "AAAA" }, X],
    [
      "a private part of zeros",
      { ...OWN, d: "A".repeat(43) },
      "has a part d that repeats itself too much to be random",
    ],
    [
      "the key that RFC 8037 prints",
      { ...OWN, d: "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A" },
      "has a part d that is published: a key of RFC 8032 or RFC 8037",
    ],
    ["a secret of another use", { ...FORMER }, "has a part d that is a secret of another use"],
    ["a former key alone", { keys: [publicPartOf(FORMER)] }, "has no private part, d"],
    [
      "a former key before it",
      { keys: [publicPartOf(FORMER), OWN] },
      "holds a key, number 1, that has no private part, d",
    ],
    [
      "a former key without a public part",
      { keys: [OWN, { kty: "OKP", crv: "Ed25519" }] },
      `holds a key, number 2, that ${X}`,
    ],
    ["a former key of another kind", { keys: [OWN, P_256] }, `holds a key, number 2, that ${KIND}`],
    [
      "a former key that anybody could sign for",
      { keys: [OWN, { ...publicPartOf(OWN), x: "A".repeat(43) }] },
      "holds a key, number 2, that has a part x that repeats itself too much to be random",
    ],
    ["nine keys", { keys: Array.from({ length: 9 }, () => OWN) }, "holds more than 8 keys"],
  ])("%s", (_what, value, message) => {
    expect(read(value)).toEqual({ keys: [], why: [message] });
  });

  test("every key that is wrong at once, none of whose parts is told", () => {
    const { keys, why } = read({ keys: [{ ...OWN, use: "enc" }, OWN, { ...FORMER, d: "A" }] });
    expect([keys, why.length]).toEqual([[], 2]);
    for (const part of [OWN.d, FORMER.d, FORMER.x]) expect(why.join()).not.toContain(part);
  });
});
