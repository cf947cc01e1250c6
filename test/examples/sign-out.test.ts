// A real Better Auth and the gate, joined: who signs out, or is signed out, loses his sockets, and nobody else does.
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Client, Refused } from "../support/client.ts";
import { type FullGateway, type SessionOfUser, startFullGateway } from "../support/full-gateway.ts";

/** From the answer to the sign-out to the close of the socket. */
const AT_ONCE_MS = 1000;

let gateway: FullGateway;
beforeAll(async () => {
  gateway = await startFullGateway({ REVOCATION_CACHE_S: "0" });
});
afterAll(() => gateway.stop());

const newEmail = (): string => `${randomUUID()}@example.test`;

const open = (streamId: string, { sessionData }: SessionOfUser): Promise<Client> =>
  Client.connect(new URL(`/streams/${streamId}`, gateway.url), ["sluice.v1", `bearer.${sessionData}`]);

async function connect(streamId: string, session: SessionOfUser): Promise<Client> {
  const client = await open(streamId, session);
  await client.register({ produces: ["video-frame"], consumes: ["alert"] });
  return client;
}

async function post(path: string, { cookie }: SessionOfUser, body: Record<string, unknown> = {}): Promise<void> {
  const response = await fetch(new URL(`/api/auth/${path}`, gateway.url), {
    method: "POST",
    headers: { Cookie: cookie, Origin: gateway.url.origin, "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
}

/** How a socket ends; rejects where it does not. */
async function end(client: Client) {
  const fromMs = Date.now();
  const { reauth } = await client.nextError("SESSION_REVOKED");
  const { code } = await client.closed();
  return { code, reauth, isAtOnce: Date.now() - fromMs < AT_ONCE_MS };
}

const REVOKED = { code: 4410, reauth: true, isAtOnce: true };

/** Two sessions of one user on one stream. */
async function phoneAndLaptop() {
  const [email, streamId] = [newEmail(), `cam-${randomUUID()}`];
  const sessions = { phone: await gateway.signUp(email), laptop: await gateway.signIn(email) };
  const phone = await connect(streamId, sessions.phone);
  const laptop = await connect(streamId, sessions.laptop);
  return { email, streamId, sessions, phone, laptop };
}

describe("a sign-out", () => {
  test("closes the session's socket within a second, on a stream that sleeps, and leaves the user's others", async () => {
    const { streamId, sessions, phone, laptop } = await phoneAndLaptop();
    await gateway.sleep(streamId);
    await post("sign-out", sessions.phone);
    expect(await end(phone)).toEqual(REVOKED);
    await laptop.caughtUp();
    // The cookie cache would be good for five minutes yet.
    await expect(open(streamId, sessions.phone)).rejects.toEqual(new Refused(401));
    const headers = { Authorization: `Bearer ${sessions.phone.sessionData}` };
    expect(await (await fetch(new URL("/streams", gateway.url), { headers })).json()).toMatchObject({
      code: "SESSION_REVOKED",
    });
    await (await open(streamId, sessions.laptop)).caughtUp();
  });

  test("ends nothing for good: who signs in again is in", async () => {
    const { email, streamId, sessions, phone } = await phoneAndLaptop();
    await post("sign-out", sessions.phone);
    expect(await end(phone)).toEqual(REVOKED);
    await (await open(streamId, await gateway.signIn(email))).caughtUp();
  });
});

describe("another session", () => {
  test("is closed where the user revokes it, and his own stays", async () => {
    const { sessions, phone, laptop } = await phoneAndLaptop();
    await post("revoke-session", sessions.laptop, { token: sessions.phone.sessionToken });
    expect(await end(phone)).toEqual(REVOKED);
    await laptop.caughtUp();
  });

  test("is closed where he revokes all others", async () => {
    const { sessions, phone, laptop } = await phoneAndLaptop();
    await post("revoke-other-sessions", sessions.laptop);
    expect(await end(phone)).toEqual(REVOKED);
    await laptop.caughtUp();
  });

  test("is closed where he changes his password and ends them", async () => {
    const { sessions, phone } = await phoneAndLaptop();
    const passwords = { currentPassword: "correct horse battery", newPassword: "another horse battery" };
    await post("change-password", sessions.laptop, { ...passwords, revokeOtherSessions: true });
    expect(await end(phone)).toEqual(REVOKED);
  });
});

test("All sessions are closed where the user revokes them all", async () => {
  const { sessions, phone, laptop } = await phoneAndLaptop();
  await post("revoke-sessions", sessions.phone);
  expect(await Promise.all([end(phone), end(laptop)])).toEqual([REVOKED, REVOKED]);
});
