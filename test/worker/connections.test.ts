// Connections per user, over real sockets: counted exactly, wherever they are, and the oldest of the session gives way.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BOTH_SOCKETS, held, straight } from "../conformance/contract/both-sockets.ts";
import { type Door, makeDoor, newStream, newUser } from "../conformance/contract/contract.ts";
import { awaitLines } from "../support/audit-lines.ts";
import { Client, Refused } from "../support/client.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { signSession } from "../support/session-token.ts";

const KEY = "a-program-with-a-key-0123456789";

let gateway: Gateway;
let door: Door;
beforeAll(async () => {
  const hash = Buffer.from(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(KEY))).toString("hex");
  const API_KEYS = JSON.stringify([{ name: "robot", hash: `sha256:${hash}`, scopes: ["read"], streams: ["*"] }]);
  gateway = await startGateway({ MAX_CONNECTIONS_PER_USER: "3", API_KEYS });
  door = makeDoor({ url: () => gateway.url, signSession });
});
afterAll(() => gateway.stop());

/** A connection that has said something, as all do. */
async function connect(userId: string, sessionId: string, streamId = newStream()): Promise<Client> {
  const client = await door.connect(streamId, { userId, sessionId });
  await client.caughtUp();
  return client;
}

async function ofSessions(userId: string, ...sessionIds: readonly string[]): Promise<readonly Client[]> {
  const clients: Client[] = [];
  for (const sessionId of sessionIds) clients.push(await connect(userId, sessionId));
  return clients;
}

const openHeld = async (userId: string): Promise<Client> =>
  Client.connect(new URL(`/ws?token=${await signSession({ userId })}`, gateway.url));

describe.concurrent("one connection too many", () => {
  test.each(BOTH_SOCKETS)("of the same session has the oldest give way, by %s", async (_kind, open) => {
    const userId = newUser();
    const clients: Client[] = [];
    for (let count = 0; count < 4; count += 1) {
      const client = await open(door, newStream(), userId);
      await client.register({ consumes: ["alert"] });
      clients.push(client);
    }
    const [oldest, ...others] = clients;
    expect(await oldest?.nextError("CONNECTION_LIMIT")).toMatchObject({ temporary: true, reauth: false });
    expect(await oldest?.closed()).toMatchObject({ code: 4429 });
    for (const other of others) await other.caughtUp();
  });

  test("has one on a stream that sleeps give way", async () => {
    const [userId, streamId] = [newUser(), newStream()];
    const oldest = await connect(userId, "s", streamId);
    await ofSessions(userId, "s", "s");
    await gateway.sleep(streamId);
    await connect(userId, "s");
    expect(await oldest.closed()).toMatchObject({ code: 4429 });
  });

  test("of another session is refused, and all others stay", async () => {
    const userId = newUser();
    const clients = await ofSessions(userId, "one", "two", "two");
    await expect(connect(userId, "three")).rejects.toEqual(new Refused(429));
    for (const client of clients) await client.caughtUp();
    await connect(userId, "one");
    expect(await clients[0]?.closed()).toMatchObject({ code: 4429 });
  });

  test("is none of another user's", async () => {
    const clients = await ofSessions(newUser(), "s", "s", "s");
    await ofSessions(newUser(), "s", "s", "s");
    for (const client of clients) await client.caughtUp();
  });

  test("by message is told so and closed, where no other of its session is there", async () => {
    const userId = newUser();
    await ofSessions(userId, "one", "one", "one");
    const client = await Client.connect(new URL("/streams/register", gateway.url));
    client.send({ type: "auth", token: await signSession({ userId }) });
    await client.nextError("CONNECTION_LIMIT");
    expect(await client.closed()).toMatchObject({ code: 4429 });
    const refused = { event: "connection-refused", userId, code: "CONNECTION_LIMIT" };
    expect(await awaitLines(gateway.harness, refused)).toMatchObject([{ place: "message", principal: "user" }]);
  });

  test("of a program is none: its key has no such limit", async () => {
    const streamId = newStream();
    await (await door.connect(streamId)).register({ produces: ["alert"] });
    const clients = await Promise.all(
      Array.from({ length: 6 }, () => Client.connect(door.streamUrl(streamId), [], { headers: { "x-api-key": KEY } })),
    );
    for (const client of clients) await client.caughtUp();
  });
});

describe.concurrent("a place is free again", () => {
  test("when its connection has left, though nobody tells", async () => {
    const userId = newUser();
    const [first] = await ofSessions(userId, "one", "one", "one");
    first?.close();
    await first?.closed();
    await connect(userId, "two");
    await expect(connect(userId, "three")).rejects.toEqual(new Refused(429));
  });

  test("when its connection was lost with its stream", async () => {
    const [userId, streamId] = [newUser(), newStream()];
    const clients = await Promise.all(["one", "two", "three"].map((sessionId) => connect(userId, sessionId, streamId)));
    await gateway.crash(streamId);
    for (const client of clients) await client.closed();
    await ofSessions(userId, "four", "five", "six");
    await expect(connect(userId, "seven")).rejects.toEqual(new Refused(429));
  });

  test("at once when a socket goes that has named no stream yet", async () => {
    const userId = newUser();
    const [first, second, third] = [await openHeld(userId), await openHeld(userId), await openHeld(userId)];
    await expect(openHeld(userId)).rejects.toEqual(new Refused(429));
    const refused = { event: "connection-refused", userId, code: "CONNECTION_LIMIT" };
    expect(await awaitLines(gateway.harness, refused)).toMatchObject([{ place: "upgrade", principal: "user" }]);
    first.close();
    await first.closed();
    let another: Client | undefined;
    // Nobody waits for the word that the place is free.
    while (another === undefined) another = await openHeld(userId).catch(() => undefined);
    for (const client of [second, third, another]) client.close();
  });

  test("not twice when such a socket comes to its stream", async () => {
    const userId = newUser();
    const clients = [await openHeld(userId), await openHeld(userId), await openHeld(userId)];
    for (const client of clients) await client.register({ streamId: newStream(), consumes: ["alert"] });
    await expect(connect(userId, "another")).rejects.toEqual(new Refused(429));
    for (const client of clients) await client.caughtUp();
  });
});

test("Of forty that come at once, by both kinds of sockets, three stay", async () => {
  const userId = newUser();
  const all = await Promise.all(
    Array.from({ length: 40 }, (_, index) =>
      (index % 2 === 0 ? straight : held)(door, newStream(), userId).catch(() => undefined),
    ),
  );
  const clients = all.filter((client) => client !== undefined);
  const open = (): readonly Client[] => clients.filter(({ socket }) => socket.readyState === socket.OPEN);
  await expect.poll(() => open().length).toBe(3);
  for (const client of open()) await client.caughtUp();
});
