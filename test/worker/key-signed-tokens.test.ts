// Tokens that the auth server signed with a key, at a gateway that fetches its public keys: a real Better Auth, and its troubles.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { jwt } from "better-auth/plugins";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startBetterAuth } from "../support/better-auth.ts";
import { Client, Refused } from "../support/client.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";

describe.each(["EdDSA", "ES256", "RS256"] as const)("with a jwt plugin that signs with %s", (alg) => {
  let gateway: Gateway;
  let token: string;
  let userId: string;
  /** What the auth server says instead of its keys. */
  let trouble: number | undefined;
  let requests: readonly string[] = [];
  let jwks = "";
  const server = createServer((request, response) => {
    requests = [...requests, request.url ?? ""];
    if (trouble === undefined) response.setHeader("Content-Type", "application/json").end(jwks);
    else response.writeHead(trouble).end("{}");
  });

  beforeAll(async () => {
    await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
    const baseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const plugins = [jwt({ jwks: { keyPairConfig: { alg } } })];
    const auth = startBetterAuth({ strategy: "jwt" }, { baseURL, plugins });
    const signedUp = await auth.signUp();
    ({ userId } = signedUp);
    ({ token } = (await (await auth.get("/token", signedUp.cookie)).json()) as { token: string });
    jwks = await (await auth.get("/jwks")).text();
    gateway = await startGateway({ BETTER_AUTH_URL: baseURL });
  });
  afterAll(async () => {
    server.close();
    await gateway.stop();
  });

  const connect = (): Promise<Client> =>
    Client.connect(new URL("/ws", gateway.url), [], { headers: { Authorization: `Bearer ${token}` } });

  test("nobody is judged while the keys cannot be had, and nothing of it is remembered", async () => {
    trouble = 500;
    await expect(connect()).rejects.toEqual(new Refused(503));
    trouble = undefined;
    const client = await connect();
    expect(await client.register({ streamId: "keys" })).toMatchObject({ userId });
    expect(requests).toEqual(["/api/auth/jwks", "/api/auth/jwks"]);
  });

  test("the keys are known from then on", async () => {
    trouble = 500;
    const client = await connect();
    expect(await client.register({ streamId: "keys" })).toMatchObject({ userId });
    expect(requests).toHaveLength(2);
  });
});

describe("with an auth server without the plugin", () => {
  test("a token of a key is refused, and not its client told to come back", async () => {
    const server = createServer((_request, response) => response.writeHead(404).end());
    await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
    const gateway = await startGateway({
      BETTER_AUTH_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    });
    const token = "eyJhbGciOiJFZERTQSIsImtpZCI6IngifQ.e30.AAAA";
    const headers = { Authorization: `Bearer ${token}` };
    await expect(Client.connect(new URL("/ws", gateway.url), [], { headers })).rejects.toEqual(new Refused(401));
    server.close();
    await gateway.stop();
  });
});
