// S2, moshi-server: the places and names under which its clients pass a key, a JWT or a cookie.
import { readFileSync } from "node:fs";
import { SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ROOT } from "../../scripts/wrangler.ts";
import { keyEntry } from "../support/a-key.ts";
import { Client, Refused } from "../support/client.ts";
import { type FullGateway, type SessionOfUser, startFullGateway } from "../support/full-gateway.ts";
import { printedCode } from "../support/printed-client.ts";
import { TEST_SECRET } from "../support/session-token.ts";

const DOCUMENT = "S2-moshi-server.md";
const KEY = "a-key-of-a-service-that-reads-cam";

let gateway: FullGateway;
let user: SessionOfUser;
beforeAll(async () => {
  gateway = await startFullGateway({ API_KEYS: JSON.stringify([keyEntry(KEY, "archive", ["read"], ["cam-*"])]) });
  user = await gateway.signUp("s2@example.test");
  const owner = await connect("/streams/cam-1", { Authorization: `Bearer ${user.sessionData}` });
  await owner.register({ produces: ["video-frame"] });
});
afterAll(() => gateway.stop());

const connect = (path: string, headers: Record<string, string> = {}): Promise<Client> =>
  Client.connect(new URL(path, gateway.url), [], { headers });

test("the document names the places that are tried here", () => {
  const text = readFileSync(`${ROOT}test/data/sources/${DOCUMENT}`, "utf8");
  expect(text).toContain("`kyutai-api-key` header");
  expect(text).toContain("`auth_id` query parameter");
});

describe("a service with a key", () => {
  test.each([
    ["the header kyutai-api-key", "/ws", { "kyutai-api-key": KEY }],
    ["the header x-api-key", "/ws", { "x-api-key": KEY }],
    ["the query parameter auth_id", `/ws?auth_id=${KEY}`, {}],
  ])("passes it in %s and reads what the operator lets it read", async (_place, path, headers) => {
    const client = await connect(path, headers);
    const success = await client.register({ streamId: "cam-1", consumes: ["video-frame"] });
    expect(success).toMatchObject({ userId: "key:archive" });
    expect(success).not.toHaveProperty("expiresAt");
  });

  test("publishes nothing without the scope, and reads no stream that its key does not name", async () => {
    const client = await connect("/ws", { "kyutai-api-key": KEY });
    client.send({ type: "register", streamId: "cam-1", produces: ["alert"] });
    await client.nextError("UNAUTHORIZED");
    const other = await connect("/streams/garden", { Authorization: `Bearer ${user.sessionData}` });
    await other.register({ produces: ["video-frame"] });
    await expect(connect("/streams/garden", { "kyutai-api-key": KEY })).rejects.toEqual(new Refused(403));
  });

  test("with a key that nobody gave out is refused, a good token beside it or not", async () => {
    await expect(connect("/ws", { "kyutai-api-key": "key1" })).rejects.toEqual(new Refused(401));
    const path = `/ws?token=${user.sessionData}`;
    await expect(connect(path, { "kyutai-api-key": "key1" })).rejects.toEqual(new Refused(401));
  });
});

describe("a web client", () => {
  test("passes its session JWT in auth_id", async () => {
    const client = await connect(`/ws?auth_id=${user.sessionData}`);
    expect(await client.register({ streamId: "cam-1", consumes: ["*"] })).toMatchObject({ userId: user.userId });
  });

  test("passes its opaque session token in auth_id", async () => {
    const client = await connect(`/ws?auth_id=${user.signedToken}`);
    expect(await client.register({ streamId: "cam-1", consumes: ["*"] })).toMatchObject({ userId: user.userId });
  });

  test("of the same origin passes its cookie", async () => {
    const client = await connect("/ws", { Cookie: user.cookie, Origin: gateway.url.origin });
    expect(await client.register({ streamId: "cam-1" })).toMatchObject({ userId: user.userId });
  });

  test("may bear the flat claims that the document prints, where something makes them", async () => {
    const printed = JSON.parse(printedCode(DOCUMENT, '"id": "session-id"')) as Record<string, unknown>;
    const nowS = Math.floor(Date.now() / 1000);
    const times = { createdAt: nowS, updatedAt: nowS, expiresAt: nowS + 3600, iat: nowS, exp: nowS + 300 };
    const token = await new SignJWT({ ...printed, ...times })
      .setProtectedHeader({ alg: "HS256" })
      .sign(new TextEncoder().encode(TEST_SECRET));
    const client = await connect(`/ws?auth_id=${token}`);
    expect(await client.register({ streamId: "flat" })).toMatchObject({
      userId: "user-id",
      expiresAt: times.expiresAt * 1000,
    });
  });
});
