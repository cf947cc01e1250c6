// Users whose objects cannot be reached: who is in stays, and nobody new comes in before somebody can say whether he may.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createTestHarness } from "wrangler";
import { ROOT } from "../../scripts/wrangler.ts";
import { makeDoor, newStream, newUser } from "../conformance/contract/contract.ts";
import { askerOf } from "../conformance/contract/http.ts";
import { Client, Refused } from "../support/client.ts";
import { asGateway, type Gateway } from "../support/gateway.ts";
import { signSession, TEST_SECRET } from "../support/session-token.ts";

const ADMIN_KEY = "the-operators-own-key-0123456789";
const API_KEY = { "x-api-key": ADMIN_KEY };

let gateway: Gateway;
const door = makeDoor({ url: () => gateway.url, signSession });
const ask = askerOf(door);

beforeAll(async () => {
  // Nobody listens there, so whoever is let in fails otherwise.
  const ROUTES = JSON.stringify([{ path: "/behind", upstream: "http://127.0.0.1:1" }]);
  const vars = { REVOCATION_CACHE_S: "0", ADMIN_KEY, ROUTES };
  const harness = createTestHarness({
    root: ROOT,
    workers: [
      { configPath: "test/support/mute-users/wrangler.toml", vars, secrets: { BETTER_AUTH_SECRET: TEST_SECRET } },
    ],
  });
  const { url } = await harness.listen();
  gateway = asGateway(harness, url);
});
afterAll(() => gateway.stop());

const mute = (method: "PUT" | "DELETE") => fetch(new URL("/mute", gateway.url), { method });
afterEach(() => mute("DELETE"));

describe("while the objects of users are mute", () => {
  const [streamId, userId] = [newStream(), newUser()];
  let camera: Client;
  beforeEach(async () => {
    camera = await door.connect(streamId, { userId });
    await camera.register({ produces: ["alert"] });
    await mute("PUT");
  });
  afterEach(() => camera.close());

  test("live sockets stay, and do what they may", async () => {
    camera.send({ type: "alert", message: "still here", ref: 1 });
    expect(await camera.next("success")).toMatchObject({ ref: 1 });
  });

  test("a new one waits, and gets in when they speak again", async () => {
    await expect(door.connect(streamId, { userId })).rejects.toEqual(new Refused(503));
    await mute("DELETE");
    await (await door.connect(streamId, { userId })).caughtUp();
  });

  test.each(["/streams/register", `/streams/${streamId}`])(
    "one that authenticates by message at %s is told to come back",
    async (path) => {
      const client = await Client.connect(new URL(path, gateway.url));
      client.send({ type: "auth", token: await signSession({ userId }) });
      expect(await client.nextError("OVERLOADED")).toMatchObject({ temporary: true, reauth: false });
      expect(await client.closed()).toMatchObject({ code: 1013 });
    },
  );

  test("one that has shown its credential and names its stream is told to come back", async () => {
    await mute("DELETE");
    const client = await Client.connect(new URL(`/ws?token=${await signSession({ userId })}`, gateway.url));
    await mute("PUT");
    await expect(Client.connect(new URL(`/ws?token=${await signSession({ userId })}`, gateway.url))).rejects.toEqual(
      new Refused(503),
    );
    client.send({ type: "register", streamId, consumes: ["alert"] });
    await client.nextError("OVERLOADED");
    expect(await client.closed()).toMatchObject({ code: 1013 });
  });

  test("one that goes on to an upstream is refused before that hears of it", async () => {
    const knock = async () => Client.connect(new URL(`/behind?token=${await signSession({ userId })}`, gateway.url));
    await expect(knock()).rejects.toEqual(new Refused(503));
    await mute("DELETE");
    await expect(knock()).rejects.not.toEqual(new Refused(503));
  });

  test("requests of users are answered 503, and those of programs as ever", async () => {
    expect(await ask("GET", "/streams", userId)).toMatchObject({ status: 503, body: { code: "OVERLOADED" } });
    expect(await ask("GET", `/streams/${streamId}`, userId)).toMatchObject({ status: 503 });
    expect(await ask("GET", `/streams/${streamId}`, undefined, undefined, API_KEY)).toMatchObject({ status: 200 });
  });

  test("a revocation is not taken, so that whoever sends it tries again", async () => {
    expect(await ask("POST", "/admin/revocations", undefined, { userId }, API_KEY)).toMatchObject({
      status: 503,
      body: { code: "OVERLOADED", temporary: true },
    });
    await mute("DELETE");
    await camera.caughtUp();
    expect(await ask("GET", "/streams", userId)).toMatchObject({ status: 200 });
  });
});
