// Opens tokens that a key of the auth server signed: which headers they may have, and by which key.
import type { AuthFailure } from "./failure.ts";
import { hasOnly, type Opened, openWithPublicKey, readHeader } from "./jws.ts";
import type { KeySets } from "./key-sets.ts";
import { isKeyAlgorithm } from "./token-form.ts";
import type { Occasion } from "./verifier.ts";

export interface KeySignedForm {
  /** What may stand as `typ`; undefined where it may be missing. */
  readonly types: readonly unknown[];
  readonly maxChars: number;
}

/**
 * The header is `{alg, kid, typ?}` and nothing else. The algorithm is one of a few and the key must be made for it, so
 * that no token chooses how it is verified; a key is found by its name, and never in the token or at an address in it.
 */
export async function openWithKey(
  token: string,
  { types, maxChars }: KeySignedForm,
  keySets: KeySets,
  occasion: Occasion,
): Promise<(Opened & { readonly keyId: string }) | AuthFailure> {
  const read = readHeader(token, maxChars, "any");
  if ("reason" in read) return read;
  const { alg, kid, typ } = read.header;
  if (!isKeyAlgorithm(alg) || typeof kid !== "string" || kid === "" || !types.includes(typ)) {
    return { reason: "header-refused" };
  }
  if (!hasOnly(read.header, ["alg", "kid", "typ"])) return { reason: "header-refused" };
  const key = await keySets.find({ alg, kid }, occasion);
  if ("reason" in key) return key;
  const opened = await openWithPublicKey(token, key, alg);
  return "reason" in opened ? opened : { ...opened, keyId: kid };
}
