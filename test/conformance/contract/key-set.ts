// The contract of the list of keys: public, for whoever asks, to be kept for a while, and only read.
import { describe, expect, test } from "vitest";
import type { Contract } from "./contract.ts";

const PATH = "/.well-known/jwks.json";

export function keySet({ url }: Contract): void {
  const ask = (method = "GET", headers: Record<string, string> = {}): Promise<Response> =>
    fetch(new URL(PATH, url()), { method, headers });

  describe.concurrent("the keys that prove what upstreams are told", () => {
    test("are public halves of Ed25519, each under a name of its own, and may be kept", async () => {
      const answer = await ask();
      expect([answer.status, answer.headers.get("Content-Type")]).toEqual([200, "application/json"]);
      expect(answer.headers.get("Cache-Control")).toMatch(/^public, max-age=[1-9]\d*$/);
      const { keys } = (await answer.json()) as { keys: Record<string, string>[] };
      const base64url = expect.stringMatching(/^[\w-]{43}$/);
      const publicKey = { kty: "OKP", crv: "Ed25519", x: base64url, kid: base64url, alg: "EdDSA", use: "sig" };
      expect(keys.length).toBeGreaterThan(0);
      expect(keys).toEqual(keys.map(() => publicKey));
      expect(new Set(keys.map(({ kid }) => kid)).size).toBe(keys.length);
    });

    test("are the same for everybody, whatever he shows", async () => {
      const [stranger, other] = await Promise.all([ask(), ask("GET", { Authorization: "Bearer nobody" })]);
      expect(await other.text()).toBe(await stranger.text());
    });

    test("are only read", async () => {
      const head = await ask("HEAD");
      expect([head.status, await head.text()]).toEqual([200, ""]);
      for (const method of ["POST", "PUT", "DELETE"]) {
        const answer = await ask(method);
        expect([answer.status, answer.headers.get("Allow")]).toEqual([405, "GET"]);
      }
    });
  });
}
