// Wycheproof's vectors of signed tokens, and which of them are labelled wrongly.
import { readFileSync } from "node:fs";
import { ROOT } from "../../scripts/wrangler.ts";

export interface Vector {
  readonly tcId: number;
  readonly comment: string;
  readonly result: "valid" | "invalid";
  readonly jws: string;
}

interface Group {
  readonly comment: string;
  readonly key: JsonWebKey & { readonly alg: string };
  readonly tests: readonly Vector[];
}

/** 367 and 370 hold, byte for byte, the valid token 357; 372 and 373 hold a `?`, which base64url does not have. */
const MISLABELLED: ReadonlySet<number> = new Set([367, 370, 372, 373]);

/** All groups of one algorithm. */
export function vectorsOf(alg: "HS256" | "ES256"): readonly { readonly key: JsonWebKey; readonly vector: Vector }[] {
  const { groups } = JSON.parse(readFileSync(`${ROOT}test/data/wycheproof-jws.json`, "utf8")) as {
    readonly groups: readonly Group[];
  };
  return groups
    .filter(({ key }) => key.alg === alg)
    .flatMap(({ key, tests }) => tests.map((vector) => ({ key, vector })))
    .filter(({ vector }) => !MISLABELLED.has(vector.tcId));
}
