// Gateways whose variables say who owns: by prefix and up to a number, nobody at all, and what lapses on real storage.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newStream, newUser } from "../conformance/contract/contract.ts";
import { keyEntry } from "../support/a-key.ts";
import { clientsOf } from "../support/clients-of.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { signSession } from "../support/session-token.ts";

const ADMIN_KEY = "the-operators-own-key-0123456789";
/** The key of a program that is an admin of some streams. */
const KEEPER_KEY = "the-key-of-the-door-keeper-0123456789";
const AS_ADMIN = { "x-api-key": ADMIN_KEY };
const PRODUCER = { type: "register", produces: ["note"] };
/** For what is on its way between two objects when a client has its answer already. */
const SOON = { interval: 20, timeout: 10_000 };

function ownersOf(gateway: () => Gateway) {
  const { contract, ask } = clientsOf(gateway);
  const streamsOf = async (userId: string): Promise<readonly unknown[]> => {
    const { body } = await ask("GET", "/streams", userId);
    return (body as { streams: { streamId: string }[] }).streams.map(({ streamId }) => streamId);
  };
  const claim = (streamId: string, userId: string) => ask("PUT", `/streams/${streamId}/access`, userId, {});
  return { contract, ask, streamsOf, claim };
}

describe("with STREAM_POLICY=prefix and two streams for each user", () => {
  let gateway: Gateway;
  beforeAll(async () => {
    gateway = await startGateway({
      STREAM_POLICY: "prefix",
      MAX_STREAMS_PER_USER: "2",
      CLAIM_TTL_DAYS: "1",
      ADMIN_KEY,
    });
  });
  afterAll(() => gateway.stop());
  const { contract, ask, streamsOf, claim } = ownersOf(() => gateway);

  test("a user's own prefix is his before anybody claimed it, and others are refused at the door", async () => {
    const userId = newUser();
    const streamId = `${userId}:cam`;
    const bearer = { Authorization: `Bearer ${await signSession({ userId: newUser() })}` };
    const refused = { status: 403, code: "UNAUTHORIZED" };
    expect(await contract.refusal(contract.streamUrl(streamId), bearer)).toMatchObject(refused);
    expect(await claim(streamId, newUser())).toMatchObject({ status: 404 });
    await (await contract.connect(streamId, { userId })).register(PRODUCER);
    expect(await claim(streamId, newUser())).toMatchObject({ status: 403 });
    await expect.poll(() => streamsOf(userId), SOON).toEqual([streamId]);
  });

  test("an id without a prefix is nobody's to claim", async () => {
    const userId = newUser();
    const bearer = { Authorization: `Bearer ${await signSession({ userId })}` };
    expect(await contract.refusal(contract.streamUrl(newStream()), bearer)).toMatchObject({ code: "UNAUTHORIZED" });
    expect(await claim(newStream(), userId)).toMatchObject({ status: 404 });
  });

  test("a third stream is STREAM_LIMIT on a socket and over HTTP, until one of the two is deleted", async () => {
    const userId = newUser();
    const [first, second, third] = ["1", "2", "3"].map((name) => `${userId}:${name}`) as [string, string, string];
    for (const streamId of [first, second]) expect(await claim(streamId, userId)).toMatchObject({ status: 200 });
    expect(await claim(third, userId)).toMatchObject({ status: 429, body: { code: "STREAM_LIMIT", temporary: true } });
    const client = await contract.connect(third, { userId });
    client.send(PRODUCER);
    expect(await client.nextError("STREAM_LIMIT")).toMatchObject({ temporary: true, reauth: false });
    expect(await client.closed()).toMatchObject({ code: 4429 });
    await (await contract.connect(first, { userId })).register(PRODUCER);

    expect(await ask("DELETE", `/streams/${first}`, userId)).toMatchObject({ status: 204 });
    await expect.poll(async () => (await claim(third, userId)).status, SOON).toBe(200);
    await expect.poll(() => streamsOf(userId), SOON).toEqual([second, third]);
  });

  test("a stream whose claim the list never heard of is asked about, and one that is nobody's makes room", async () => {
    const userId = newUser();
    const [owned, lost] = [`${userId}:owned`, `${userId}:lost`];
    await claim(owned, userId);
    await expect.poll(() => streamsOf(userId), SOON).toEqual([owned]);
    const { sql } = await storageOf(gateway, "UserObject", userId);
    await sql("INSERT INTO owned_streams (stream_id, created_at_ms, unsure_since_ms) VALUES (?, 1, 1)", lost);
    await sql("UPDATE owned_streams SET unsure_since_ms = 1");
    expect(await claim(`${userId}:new`, userId)).toMatchObject({ status: 200 });
    await expect.poll(() => streamsOf(userId), SOON).toEqual([owned, `${userId}:new`]);
  });

  test("a stream that nobody used for CLAIM_TTL_DAYS is gone when it wakes and off the list, unless somebody is there", async () => {
    const userId = newUser();
    const [unused, watched] = [`${userId}:unused`, `${userId}:watched`];
    for (const streamId of [unused, watched]) {
      await claim(streamId, userId);
      const { sql } = await storageOf(gateway, "StreamObject", streamId);
      await sql("UPDATE stream SET used_at_ms = 1");
    }
    await (await contract.connect(watched, { userId })).register(PRODUCER);
    for (const streamId of [unused, watched]) await gateway.sleep(streamId);
    await expect.poll(async () => (await ask("GET", `/streams/${unused}/access`, userId)).status, SOON).toBe(404);
    expect(await ask("GET", `/streams/${watched}/access`, userId)).toMatchObject({ status: 200 });
    await expect.poll(() => streamsOf(userId), SOON).toEqual([watched]);
  });
});

describe("with STREAM_POLICY=open", () => {
  let gateway: Gateway;
  beforeAll(async () => {
    const API_KEYS = JSON.stringify([keyEntry(KEEPER_KEY, "keeper", ["admin"], ["door-*"])]);
    gateway = await startGateway({ STREAM_POLICY: "open", MAX_STREAMS_PER_USER: "1", ADMIN_KEY, API_KEYS });
  });
  afterAll(() => gateway.stop());
  const { contract, ask, streamsOf, claim } = ownersOf(() => gateway);

  test("every user reads and writes, more streams than one, and owns none", async () => {
    const [one, another] = [newUser(), newUser()];
    for (const streamId of [newStream(), newStream()]) {
      const writer = await contract.connect(streamId, { userId: one });
      await writer.register(PRODUCER);
      const reader = await contract.connect(streamId, { userId: another });
      await reader.register({ produces: ["note"], consumes: ["note"] });
      writer.send({ type: "note", text: "for all" });
      expect(await reader.next("note")).toMatchObject({ text: "for all", userId: one });
    }
    expect([await streamsOf(one), await streamsOf(another)]).toEqual([[], []]);
  });

  test("the access list and the end of a stream are the operator's", async () => {
    const [streamId, userId] = [newStream(), newUser()];
    const client = await contract.connect(streamId, { userId });
    await client.register(PRODUCER);
    expect(await claim(streamId, userId)).toMatchObject({ status: 403 });
    expect(await ask("DELETE", `/streams/${streamId}`, userId)).toMatchObject({ status: 403 });
    expect(await ask("GET", `/streams/${streamId}/access`, undefined, undefined, AS_ADMIN)).toMatchObject({
      status: 200,
      body: { owner: null },
    });
    expect(await ask("DELETE", `/streams/${streamId}`, undefined, undefined, AS_ADMIN)).toMatchObject({ status: 204 });
    expect(await client.closed()).toMatchObject({ code: 1008 });
  });

  test("a key that is an admin of named streams manages those and no others", async () => {
    const userId = newUser();
    const [door, other] = [`door-${newStream()}`, newStream()];
    for (const streamId of [door, other]) await (await contract.connect(streamId, { userId })).register(PRODUCER);
    for (const headers of [{ "x-api-key": KEEPER_KEY }, { Authorization: `Bearer ${KEEPER_KEY}` }]) {
      const look = (streamId: string) => ask("GET", `/streams/${streamId}/access`, undefined, undefined, headers);
      expect([(await look(door)).status, (await look(other)).status]).toEqual([200, 403]);
    }
    const inUrl = await ask("GET", `/streams/${door}/access?token=${KEEPER_KEY}`, undefined);
    expect(inUrl).toMatchObject({ status: 401, body: { code: "AUTH_FAILED" } });
    const headers = { "x-api-key": KEEPER_KEY };
    expect(await ask("DELETE", `/streams/${other}`, undefined, undefined, headers)).toMatchObject({ status: 403 });
    expect(await ask("DELETE", `/streams/${door}`, undefined, undefined, headers)).toMatchObject({ status: 204 });
  });
});

/** The database of an object, as it is on disk. */
async function storageOf(gateway: Gateway, className: "StreamObject" | "UserObject", name: string) {
  const storage = await gateway.harness.getWorker("sluice").getDurableObjectStorage(className, { name });
  return { sql: (query: string, ...bindings: unknown[]) => storage.exec(query, ...bindings) };
}
