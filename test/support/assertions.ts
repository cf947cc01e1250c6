// What upstreams are told, for tests that make it and read it.
import { hkdfSync } from "node:crypto";
import { exportJWK, generateKeyPair, type JWK } from "jose";
import type { Assertion } from "../../auth/assertion.ts";
import { NOW_S } from "./hostile-token.ts";
import { GATEWAY_ORIGIN } from "./occasion.ts";

export const AUDIENCE = "https://api.example.test";

export const ANNA = { kind: "user", userId: "anna", sessionId: "s-1" } as const;
export const ROBOT = {
  kind: "service",
  userId: "key:robot",
  grants: { operations: ["read"], streams: ["*"] },
} as const;

/** Made at `NOW_S`, with changes on top. */
export function assertionWith(changes: Partial<Assertion> = {}): Assertion {
  return { principal: ANNA, issuer: GATEWAY_ORIGIN, audience: AUDIENCE, madeAtS: NOW_S, ...changes };
}

/** The private key that the gateway makes of a secret, made in another way. */
export function seedOf(secret: string): Buffer {
  return Buffer.from(hkdfSync("sha256", secret, "", "Sluice assertion v1", 32));
}

/** A fresh private JWK, as an operator makes one. */
export async function privateJwk(): Promise<JWK & { readonly d: string; readonly x: string }> {
  const { privateKey } = await generateKeyPair("EdDSA", { extractable: true });
  const { d = "", x = "", ...rest } = await exportJWK(privateKey);
  return { ...rest, d, x };
}

/** Without what only its owner may know. */
export function publicPartOf({ d: _d, ...rest }: JWK): JWK {
  return rest;
}
