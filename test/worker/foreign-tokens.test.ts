// Other people's tokens, and broken ones of our own, at the doors: each is refused, and none is a bug.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Client, Refused } from "../support/client.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { mutationsOfSession } from "../support/mutations.ts";
import { RFC_7515_A1 } from "../support/rfc-7515.ts";
import { sessionPayload } from "../support/session-token.ts";
import { allVectorsOf } from "../support/wycheproof.ts";

const nowS = Math.floor(Date.now() / 1000);
const { good, mutations } = mutationsOfSession({ ...sessionPayload(), iat: nowS, exp: nowS + 600 });
let gateway: Gateway;
beforeAll(async () => {
  // With every verifier of HS256 that there is.
  gateway = await startGateway({ JWT_SECRET: "theirs-8Qw2eR4tY6uI1oP3aS5dF7gH9jK0lZxC" });
});
afterAll(() => gateway.stop());

const vectors = [...allVectorsOf("HS256"), ...allVectorsOf("ES256")].map(({ vector: { tcId, comment, jws } }) => ({
  what: `vector ${tcId}, ${comment}`,
  token: jws,
}));
const broken = mutations.map(({ what, token }) => ({ what: `a session token with ${what}`, token }));
const all = [...vectors, ...broken, { what: "the token of RFC 7515 A.1", token: RFC_7515_A1.token }];

test("the session token that the others are made of opens the door", async () => {
  const client = await Client.connect(new URL("/ws", gateway.url), [], {
    headers: { Authorization: `Bearer ${good}` },
  });
  expect(await client.register({ streamId: "good" })).toMatchObject({ type: "success" });
});

describe.concurrent("is refused in a header, in the query, in a cookie and as first message:", () => {
  test.each(all)("$what", async ({ token }) => {
    const ws = new URL("/ws", gateway.url);
    const refused = new Refused(401);
    await expect(Client.connect(ws, [], { headers: { Authorization: `Bearer ${token}` } })).rejects.toEqual(refused);
    const query = `?token=${encodeURIComponent(token)}`;
    await expect(Client.connect(new URL(query, ws))).rejects.toEqual(refused);
    const Cookie = `better-auth.session_data=${encodeURIComponent(token)}`;
    await expect(Client.connect(ws, [], { headers: { Cookie } })).rejects.toEqual(refused);
    const phone = await Client.connect(new URL("/streams/register", gateway.url));
    phone.send({ type: "auth", token });
    await phone.nextError("AUTH_FAILED");
    expect(await phone.closed()).toMatchObject({ code: 1008 });
  });
});
