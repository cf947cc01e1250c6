// What a server behind the gate sees of it, without the gate: its published key, and assertions by that key.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, SignJWT } from "jose";

export interface StandInGate {
  readonly origin: string;
  /** As the gate would sign one now; what is given here stands in place of what it would say. */
  readonly assert: (claims: Record<string, unknown>, header?: { readonly typ: string }) => Promise<string>;
  readonly stop: () => void;
}

export async function startStandInGate(audience: string): Promise<StandInGate> {
  const { publicKey, privateKey } = await generateKeyPair("EdDSA");
  const keys = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: "one", alg: "EdDSA", use: "sig" }] });
  const server = createServer((request, response) => {
    response.writeHead(request.url === "/.well-known/jwks.json" ? 200 : 404).end(keys);
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    assert: (claims, header = { typ: "sluice-assertion+jwt" }) => {
      const nowS = Math.floor(Date.now() / 1000);
      return new SignJWT({ iss: origin, aud: audience, kind: "user", iat: nowS, exp: nowS + 60, ...claims })
        .setProtectedHeader({ alg: "EdDSA", kid: "one", ...header })
        .sign(privateKey);
    },
    stop: () => void server.close(),
  };
}
