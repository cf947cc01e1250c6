// CONFIRM_HS256 from outside: a real Better Auth confirms its own sessions and nobody else's, whoever signed them.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Client, Refused } from "../support/client.ts";
import { type FullGateway, startFullGateway } from "../support/full-gateway.ts";
import { startGateway } from "../support/gateway.ts";
import { claims, handMadeToken } from "../support/hostile-token.ts";
import { signSession, sessionPayload } from "../support/session-token.ts";

/** Times that are good now; `claims` has those of a fixed day. */
function timesNow(): { iat: number; exp: number; updatedAt: number } {
  const nowS = Math.floor(Date.now() / 1000);
  return { iat: nowS, exp: nowS + 300, updatedAt: nowS * 1000 };
}

describe("with a real Better Auth", () => {
  let gateway: FullGateway;
  beforeAll(async () => {
    gateway = await startFullGateway({ CONFIRM_HS256: "true" });
  });
  afterAll(() => gateway.stop());

  const connect = (token: string): Promise<Client> =>
    Client.connect(new URL("/ws", gateway.url), [], { headers: { Authorization: `Bearer ${token}` } });
  const signAsSecret = (payload: Record<string, unknown>): string =>
    handMadeToken({ payload: JSON.stringify({ ...claims(), ...payload, ...timesNow() }) });

  test("a session that it made is taken, in a header and in a cookie", async () => {
    const { userId, sessionData, cookie } = await gateway.signUp("confirmed@example.test");
    const client = await connect(sessionData);
    expect(await client.register({ streamId: "confirmed" })).toMatchObject({ userId });
    const browser = await Client.connect(new URL("/ws", gateway.url), [], { headers: { Cookie: cookie } });
    expect(await browser.register({ streamId: "confirmed" })).toMatchObject({ userId });
  });

  test("a session that somebody else signed with its secret is refused", async () => {
    const { userId } = await gateway.signUp("victim@example.test");
    await expect(connect(await signSession({ userId }))).rejects.toEqual(new Refused(401));
  });

  test("a session of a victim around the attacker's own session token is refused", async () => {
    const { userId } = await gateway.signUp("other-victim@example.test");
    const { sessionToken } = await gateway.signUp("attacker@example.test");
    const { session, user } = sessionPayload({ userId });
    const token = signAsSecret({ session: { ...session, token: sessionToken }, user });
    await expect(connect(token)).rejects.toEqual(new Refused(401));
  });

  test("a session that was signed out is refused, though its token has minutes to go", async () => {
    const { cookie, sessionData } = await gateway.signUp("gone@example.test");
    const headers = { Cookie: cookie, Origin: gateway.url.origin, "Content-Type": "application/json" };
    await fetch(new URL("/api/auth/sign-out", gateway.url), { method: "POST", headers, body: "{}" });
    await expect(connect(sessionData)).rejects.toEqual(new Refused(401));
  });

  test("a flat session is refused, which holds nothing to confirm", async () => {
    const { userId } = await gateway.signUp("flat@example.test");
    const token = handMadeToken({
      payload: JSON.stringify({ id: "s-1", userId, expiresAt: Date.now() + 60_000, ...timesNow() }),
    });
    await expect(connect(token)).rejects.toEqual(new Refused(401));
  });
});

test("while the auth server cannot be reached nobody is judged, and the client is told to come back", async () => {
  const gateway = await startGateway({ CONFIRM_HS256: "true", BETTER_AUTH_URL: "http://127.0.0.1:9" });
  const token = await signSession();
  const headers = { Authorization: `Bearer ${token}` };
  await expect(Client.connect(new URL("/ws", gateway.url), [], { headers })).rejects.toEqual(new Refused(503));
  const phone = await Client.connect(new URL("/streams/register", gateway.url));
  phone.send({ type: "auth", token });
  expect(await phone.nextError("AUTH_UNAVAILABLE")).toMatchObject({ temporary: true });
  expect(await phone.closed()).toMatchObject({ code: 1013 });
  await gateway.stop();
});

test("without an auth server to ask the gate stays closed, and /ready names the variable", async () => {
  const gateway = await startGateway({ CONFIRM_HS256: "true" });
  const ready = await fetch(new URL("/ready", gateway.url));
  expect([ready.status, await ready.json()]).toMatchObject([503, { problems: [{ variable: "CONFIRM_HS256" }] }]);
  await gateway.stop();
});
