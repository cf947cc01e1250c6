// Assertions in the real runtime: by which published keys they verify, before and after a new one, and that no door takes them.
import { createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type AssertingGateway, startAssertingGateway } from "../support/asserting-gateway.ts";
import { ANNA, AUDIENCE, privateJwk } from "../support/assertions.ts";
import { Client, Refused } from "../support/client.ts";
import { signSession, TEST_SECRET } from "../support/session-token.ts";

const OWN = await privateJwk();
const OLD_SECRET = "old-1Lk0jH9gF8dS7aP6oI5uY4tR3eW2qMnBvC";
const SECRETS = { BETTER_AUTH_SECRETS: `2:${OLD_SECRET},1:${TEST_SECRET}`, BETTER_AUTH_SECRET: "" };

let derived: AssertingGateway;
let renewed: AssertingGateway;
let own: AssertingGateway;
beforeAll(async () => {
  [derived, renewed, own] = await Promise.all([
    startAssertingGateway(),
    startAssertingGateway(SECRETS),
    startAssertingGateway({ ASSERTION_KEY: JSON.stringify(OWN) }),
  ]);
});
afterAll(() => Promise.all([derived, renewed, own].map((gateway) => gateway.stop())));

async function keysOf(gateway: AssertingGateway): Promise<JSONWebKeySet> {
  return (await fetch(new URL("/.well-known/jwks.json", gateway.url))).json() as Promise<JSONWebKeySet>;
}

const assertionBy = (gateway: AssertingGateway, audience = AUDIENCE): Promise<string> =>
  gateway.assert({ principal: ANNA, audience, issuer: gateway.url.origin }, Date.now());

async function subOf(assertion: string, keySet: JSONWebKeySet): Promise<unknown> {
  return (await jwtVerify(assertion, createLocalJWKSet(keySet))).payload.sub;
}

describe("the list of keys", () => {
  test("has the one that signs first, and then the one before it, by which assertions of before still verify", async () => {
    const keySet = await keysOf(renewed);
    expect(decodeProtectedHeader(await assertionBy(renewed)).kid).toBe(keySet.keys[0]?.kid);
    expect(keySet.keys.slice(1)).toEqual((await keysOf(derived)).keys);
    expect(await subOf(await assertionBy(derived), keySet)).toBe("anna");
    expect(await subOf(await assertionBy(renewed), keySet)).toBe("anna");
  });

  test("is that of the operator's own key, where there is one", async () => {
    const keySet = await keysOf(own);
    expect(keySet.keys.map(({ x }) => x)).toEqual([OWN.x]);
    expect(await subOf(await assertionBy(own), keySet)).toBe("anna");
    await expect(subOf(await assertionBy(derived), keySet)).rejects.toThrow("no applicable key");
  });

  test("holds no private part, whoever gave the keys", async () => {
    for (const gateway of [derived, renewed, own]) {
      // oxlint-disable-next-line no-await-in-loop -- three
      const { keys } = await keysOf(gateway);
      for (const key of keys) expect(Object.keys(key)).toEqual(["kty", "crv", "x", "kid", "alg", "use"]);
    }
  });
});

test("those who ask at once get one assertion, in the runtime too", async () => {
  const nowMs = Date.now();
  const order = { principal: ANNA, audience: "https://many.example.test", issuer: derived.url.origin };
  const texts = await Promise.all(Array.from({ length: 20 }, () => derived.assert(order, nowMs)));
  expect(new Set(texts).size).toBe(1);
});

describe("opens no door of the gateway that signed it", () => {
  // Named like the gateway, so that nothing but its kind speaks against it.
  const assertion = (): Promise<string> => assertionBy(derived, derived.url.origin);
  const refused = new Refused(401);
  const at = (path: string): URL => new URL(path, derived.url);

  test("in a header, a cookie, the query or a subprotocol", async () => {
    const token = await assertion();
    for (const headers of [
      { Authorization: `Bearer ${token}` },
      { "x-api-key": token },
      { "X-Auth-Assertion": token },
      { Cookie: `better-auth.session_data=${token}` },
      { Cookie: `better-auth.session_token=${token}` },
    ]) {
      // oxlint-disable-next-line no-await-in-loop -- a few
      await expect(Client.connect(at("/ws"), [], { headers })).rejects.toEqual(refused);
    }
    for (const name of ["token", "auth_id", "ticket"]) {
      // oxlint-disable-next-line no-await-in-loop -- a few
      await expect(Client.connect(at(`/streams/cam?${name}=${token}`), [])).rejects.toEqual(refused);
    }
    await expect(Client.connect(at("/ws"), ["sluice.v1", `bearer.${token}`])).rejects.toEqual(refused);
  });

  test("as a first message, to renew, or over HTTP", async () => {
    const token = await assertion();
    const phone = await Client.connect(at("/streams/register"));
    phone.send({ type: "auth", token });
    await phone.nextError("AUTH_FAILED");
    expect(await phone.closed()).toMatchObject({ code: 1008 });
    const renewing = await Client.connect(at("/ws"), ["sluice.v1", `bearer.${await signSession({ userId: "anna" })}`]);
    await renewing.register({ streamId: "renewed" });
    renewing.send({ type: "auth", token });
    await renewing.nextError("AUTH_FAILED");
    const answer = await fetch(at("/streams"), { headers: { Authorization: `Bearer ${token}` } });
    expect(answer.status).toBe(401);
  });
});
