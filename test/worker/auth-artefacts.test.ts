// What a real Better Auth hands out beside sessions, much of it signed with the same secret, opens no door in any place.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Artefacts, startArtefacts, VICTIM } from "../support/auth-artefacts.ts";
import { Client, Refused } from "../support/client.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";

/** With all kinds of tokens, and with those that the shared secret alone verifies. */
let gateway: Gateway;
let statelessGateway: Gateway;
let artefacts: Artefacts;
beforeAll(async () => {
  artefacts = await startArtefacts();
  const JWT_SECRET = "theirs-8Qw2eR4tY6uI1oP3aS5dF7gH9jK0lZxC";
  const stateless = "session-jwt,session-jwt-flat,session-jwe,session-compact,shared-secret";
  gateway = await startGateway({ BETTER_AUTH_URL: artefacts.url, JWT_SECRET });
  statelessGateway = await startGateway({ BETTER_AUTH_URL: artefacts.url, JWT_SECRET, TOKEN_KINDS: stateless });
});
afterAll(async () => {
  artefacts.stop();
  await Promise.all([gateway.stop(), statelessGateway.stop()]);
});

const COOKIES = ["session_data", "session_token"].flatMap((name) => [
  `better-auth.${name}`,
  `__Secure-better-auth.${name}`,
]);

/** Nine places of an upgrade, and the first message. */
const REFUSED = [...Array.from({ length: 9 }, () => new Refused(401)), 1008];

/** What comes of a token in each place where one may stand. */
async function outcomesOf(token: string, { url }: Gateway): Promise<readonly unknown[]> {
  if (token.length < 10) throw new Error("an artefact is missing");
  const encoded = encodeURIComponent(token);
  const ws = new URL("/ws", url);
  const upgrades = [
    Client.connect(ws, [], { headers: { Authorization: `Bearer ${token}` } }),
    Client.connect(ws, ["sluice.v1", `bearer.${encoded}`]),
    Client.connect(ws, [], { headers: { "x-api-key": token } }),
    Client.connect(new URL(`?token=${encoded}`, ws)),
    Client.connect(new URL(`?auth_id=${encoded}`, ws)),
    ...COOKIES.map((name) => Client.connect(ws, [], { headers: { Cookie: `${name}=${encoded}` } })),
  ].map((upgrade) => upgrade.catch((error: unknown) => error));
  const phone = await Client.connect(new URL("/streams/register", url));
  phone.send({ type: "auth", token });
  await phone.nextError("AUTH_FAILED");
  const { code } = await phone.closed();
  return [...(await Promise.all(upgrades)), code];
}

test("the session of who was handed it opens the door, so that the refusals below are not for that", async () => {
  const { userId, jwt, signedToken } = artefacts.session;
  for (const token of [jwt, signedToken, artefacts.keySigned]) {
    const client = await Client.connect(new URL("/ws", gateway.url), [
      "sluice.v1",
      `bearer.${encodeURIComponent(token)}`,
    ]);
    expect(await client.register({ streamId: "artefacts" })).toMatchObject({ userId });
  }
});

describe("opens nothing:", () => {
  test.each([
    "the token of a mail that verifies an address",
    "the token of a mail that gives its user a victim's address",
    "the token of a mail that resets a password",
    "the token of a mail that signs in",
    "a one-time token",
    "the cookie of a sign-in over another site",
    "the cookie that says not to remember",
    "the cookie between password and second factor",
    "the cookie of an account's own tokens",
  ])("%s", async (what) => {
    expect(await outcomesOf(artefacts.values[what] ?? "", gateway)).toEqual(REFUSED);
  });

  test("a token of a key where only the secret's tokens are taken", async () => {
    expect(await outcomesOf(artefacts.keySigned, statelessGateway)).toEqual(REFUSED);
  });

  test("a session token where only tokens with a session in them are taken", async () => {
    expect(await outcomesOf(artefacts.session.signedToken, statelessGateway)).toEqual(REFUSED);
  });

  test("a session token under the name of another cookie", async () => {
    const Cookie = `better-auth.session_token_multi-abc=${encodeURIComponent(artefacts.session.signedToken)}`;
    const upgrade = Client.connect(new URL("/ws", gateway.url), [], { headers: { Cookie } });
    await expect(upgrade).rejects.toEqual(new Refused(401));
  });
});

test("the mail that gives its user a victim's address is signed as a session is, so that only its shape tells them apart", () => {
  const token = artefacts.values["the token of a mail that gives its user a victim's address"] ?? "";
  const [header = "", payload = ""] = token.split(".");
  expect(header).toBe(artefacts.session.jwt.split(".")[0]);
  expect(JSON.parse(Buffer.from(payload, "base64url").toString())).toMatchObject({ updateTo: VICTIM });
});
