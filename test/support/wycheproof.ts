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

/** Vectors whose label is wrong, and why. */
export const MISLABELLED: ReadonlyMap<number, string> = new Map([
  [367, "called invalid, and is byte for byte the valid token 357"],
  [370, "called invalid, and is byte for byte the valid token 357"],
  [372, "called valid, and holds a `?`, which base64url does not have"],
  [373, "called valid, and holds a `?`, which base64url does not have"],
]);

interface KeyedVector {
  readonly key: JsonWebKey;
  readonly vector: Vector;
}

/** All of one algorithm whose labels can be relied on. */
export function vectorsOf(alg: "HS256" | "ES256"): readonly KeyedVector[] {
  return allVectorsOf(alg).filter(({ vector }) => !MISLABELLED.has(vector.tcId));
}

/** All of one algorithm, whatever they are called. */
export function allVectorsOf(alg: "HS256" | "ES256"): readonly KeyedVector[] {
  const { groups } = JSON.parse(readFileSync(`${ROOT}test/data/wycheproof-jws.json`, "utf8")) as {
    readonly groups: readonly Group[];
  };
  return groups
    .filter(({ key }) => key.alg === alg)
    .flatMap(({ key, tests }) => tests.map((vector) => ({ key, vector })));
}
