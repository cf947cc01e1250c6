// The variable ASSERTION_KEY: a key of the operator's own that signs assertions, and those that did so before.
import { isJsonObject, isTextList, type JsonObject, parseJson } from "../protocol/json.ts";
import { decodeCanonical } from "./base64url.ts";
import { secretFault } from "./secret-strength.ts";
import { KEY_BYTES } from "./signing-key.ts";
import type { VariableReader } from "./variables.ts";

export type GivenKey =
  /** The 32 bytes that RFC 8037 calls `d`. */
  | { readonly kind: "private"; readonly seed: Uint8Array<ArrayBuffer> }
  /** Only published, for what it signed until now or will sign soon. */
  | { readonly kind: "public"; readonly x: string };

interface Unusable {
  readonly kind: "unusable";
  /** Words for the operator that hold nothing of the key. */
  readonly why: string;
}

const NAME = "ASSERTION_KEY";
/** Each is sent to whoever asks; two are enough to replace one. */
const KEYS_MAX = 8;
const FORM = "must be a private JWK of Ed25519, or a JWK set that begins with one";
const OPERATIONS: ReadonlySet<string> = new Set(["sign", "verify"]);

/**
 * One JWK (RFC 8037 §2), or a JWK set (RFC 7517 §5) whose first key signs and whose others are published beside it.
 * @param signedWith secrets of other uses, none of which it may be
 * @returns empty where there is none, or none that may be used; a fault was reported then
 */
export function readAssertionKeys(variables: VariableReader, signedWith: readonly string[]): readonly GivenKey[] {
  const text = variables.text(NAME);
  if (text === undefined) return [];
  const jwks = readJwks(text);
  if (jwks === undefined) {
    variables.report(NAME, FORM);
    return [];
  }
  const keys = jwks.map((jwk, index) => toKey(jwk, index === 0, signedWith));
  for (const [index, key] of keys.entries()) {
    if (key.kind !== "unusable") continue;
    variables.report(NAME, keys.length === 1 ? key.why : `holds a key, number ${index + 1}, that ${key.why}`);
  }
  if (keys.length > KEYS_MAX) variables.report(NAME, `holds more than ${KEYS_MAX} keys`);
  const usable = keys.filter((key) => key.kind !== "unusable");
  return usable.length === keys.length && keys.length <= KEYS_MAX ? usable : [];
}

/** At least one; undefined where the text is neither of both forms. */
function readJwks(text: string): readonly JsonObject[] | undefined {
  const value = parseJson(text)?.value;
  if (!isJsonObject(value)) return undefined;
  const jwks: unknown = value["keys"] ?? [value];
  return Array.isArray(jwks) && jwks.length > 0 && jwks.every(isJsonObject) ? jwks : undefined;
}

/** Where there is a private part, it alone decides what the public one is. */
function toKey(jwk: JsonObject, signs: boolean, signedWith: readonly string[]): GivenKey | Unusable {
  const { kty, crv, d, x } = jwk;
  if (kty !== "OKP" || crv !== "Ed25519") return unusable("is not of Ed25519: kty must be OKP, and crv Ed25519");
  if (!isForSignatures(jwk)) return unusable("is for something else, as its alg, use or key_ops says");
  if (d === undefined && signs) return unusable("has no private part, d");
  const publicPart = x === undefined && d !== undefined ? undefined : readPart("x", x);
  if (publicPart?.kind === "unusable") return publicPart;
  if (publicPart !== undefined && d === undefined) return { kind: "public", x: publicPart.text };
  const privatePart = readPart("d", d);
  if (privatePart.kind === "unusable") return privatePart;
  if (signedWith.includes(privatePart.text)) return unusable("has a part d that is a secret of another use");
  return { kind: "private", seed: privatePart.bytes };
}

/** RFC 7517 §4.2 to §4.4. What is not said is allowed. */
function isForSignatures({ alg = "EdDSA", use = "sig", key_ops: operations = ["sign"] }: JsonObject): boolean {
  // RFC 9864 gives the second name to the same signatures.
  if ((alg !== "EdDSA" && alg !== "Ed25519") || use !== "sig") return false;
  return isTextList(operations) && operations.length > 0 && operations.every((operation) => OPERATIONS.has(operation));
}

interface Part {
  readonly kind: "part";
  readonly text: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

function readPart(name: "d" | "x", text: unknown): Part | Unusable {
  const bytes = typeof text === "string" ? decodeCanonical(text) : undefined;
  if (typeof text !== "string" || bytes?.length !== KEY_BYTES) {
    return unusable(`has a part ${name} that is not ${KEY_BYTES} bytes in base64url`);
  }
  const fault = secretFault(text);
  return fault === undefined ? { kind: "part", text, bytes } : unusable(`has a part ${name} that ${fault}`);
}

function unusable(why: string): Unusable {
  return { kind: "unusable", why };
}
