// The contract of a stream's status over HTTP: numbers for who may read it, names for its owner and writers.
import { describe, expect, test } from "vitest";
import { allow, ask, type Asked, statusBecomes } from "./asking.ts";
import { BOTH_SOCKETS } from "./both-sockets.ts";
import { type Contract, newStream, newUser } from "./contract.ts";

export function status(contract: Contract): void {
  async function read(who: Asked): Promise<{ status: number; body: Record<string, unknown>; text: string }> {
    const answer = await ask(contract, who);
    const text = await answer.text();
    return { status: answer.status, body: JSON.parse(text) as Record<string, unknown>, text };
  }

  describe.concurrent("the status of a stream", () => {
    test("tells its owner who is there, what happened since it woke, and what an hour of it costs", async () => {
      const before = Date.now();
      const { streamId, userId, epoch, producer, consumer } = await contract.openPair();
      producer.send({ type: "alert", message: "one" });
      producer.sendFrame({ type: "video-frame" });
      await consumer.nextFrame();
      const member = { connectionId: expect.any(String), userId, senderKind: "user" };
      const { status: code, body } = await read({ streamId, userId });
      expect(code).toBe(200);
      expect(body).toEqual({
        streamId,
        createdAt: expect.any(Number),
        epoch,
        offset: 1,
        counts: { members: 2, producers: 1, consumers: 2 },
        members: [
          { ...member, produces: ["video-frame", "alert", "chat"], consumes: ["alert"] },
          { ...member, produces: [], consumes: ["*"] },
        ],
        owner: userId,
        since: expect.any(Number),
        counters: {
          messagesIn: 4,
          bytesIn: expect.any(Number),
          messagesOut: 3,
          framesDropped: 0,
          stored: 1,
          sinkErrors: 0,
          connections: 2,
          calls: 0,
          alarms: 0,
        },
        estimatedCostPerHour: {
          usd: expect.any(Number),
          requests: expect.any(Number),
          durationGbS: expect.any(Number),
          rowsWritten: expect.any(Number),
        },
      });
      expect(Number(body["createdAt"])).toBeGreaterThanOrEqual(before);
    });

    test("holds no session, token or e-mail of anybody", async () => {
      const { streamId, userId } = await contract.openPair();
      const { text } = await read({ streamId, userId });
      for (const secret of [`session-of-${userId}`, "@example.test", "FcY3ES1k3AIOl0VG1aWpUEpnU8VuT0m0", "eyJ"]) {
        expect(text).not.toContain(secret);
      }
    });

    test("tells readers how many there are and not who, and writers who may read all of it", async () => {
      const pair = await contract.openPair();
      const [reader, writer] = [newUser(), newUser()];
      await allow(contract, pair, { readers: [reader, writer], writers: { [writer]: ["chat"] } });
      const asReader = await read({ ...pair, userId: reader });
      expect(asReader).toMatchObject({ status: 200, body: { counts: { members: 2 }, counters: { connections: 2 } } });
      expect(asReader.text).not.toContain(pair.userId);
      expect(await read({ ...pair, userId: writer })).toMatchObject({
        status: 200,
        body: { owner: pair.userId, members: [{ userId: pair.userId }, { userId: pair.userId }] },
      });
    });

    test("is for nobody else, and not there where nobody owns the stream", async () => {
      const { streamId } = await contract.openPair();
      expect(await read({ streamId, userId: newUser() })).toMatchObject({
        status: 403,
        body: { code: "UNAUTHORIZED" },
      });
      expect(await read({ streamId, userId: undefined })).toMatchObject({ status: 401 });
      const unclaimed = { streamId: newStream(), userId: newUser() };
      const lurker = await contract.connect(unclaimed.streamId, unclaimed);
      await lurker.register({ consumes: ["*"] });
      expect(await read(unclaimed)).toMatchObject({ status: 404, body: { code: "NOT_FOUND" } });
    });

    test.each(BOTH_SOCKETS)("counts %s, from its register to its close, over a sleep too", async (_kind, open) => {
      const pair = await contract.openPair();
      const client = await open(contract, pair.streamId, pair.userId);
      await client.register({ consumes: ["chat"] });
      expect((await read(pair)).body["counts"]).toEqual({ members: 3, producers: 1, consumers: 3 });
      await contract.sleep(pair.streamId);
      const { body } = await read(pair);
      expect(body).toMatchObject({
        counts: { members: 3, producers: 1, consumers: 3 },
        // A new count, since it is in memory: how the others came is not in it.
        counters: { messagesIn: 0, connections: 0, stored: 0 },
      });
      client.close();
      await client.closed();
      await statusBecomes(contract, pair, ({ counts }) => counts?.["members"] === 2);
    });

    test("is no upgrade's business: the same path with one is the main door", async () => {
      const { streamId, userId } = await contract.openPair();
      expect(await (await contract.connect(streamId, { userId })).register()).toMatchObject({ streamId });
      const answer = await ask(contract, { streamId, userId }, "", { method: "PUT", body: {} });
      expect([answer.status, answer.headers.get("Allow")]).toEqual([405, "GET, DELETE"]);
    });
  });
}
