// The contract of presence: who comes and goes, told to those who ask for it and may know.
import { describe, expect, test } from "vitest";
import type { Client, Message } from "../../support/client.ts";
import { allow, ask } from "./asking.ts";
import { BOTH_SOCKETS } from "./both-sockets.ts";
import { ALARM_GRAIN_MS, type Contract, newStream, newUser } from "./contract.ts";

const WATCH = { consumes: ["presence"] };

export function presence(contract: Contract): void {
  describe.concurrent.each(BOTH_SOCKETS)("a watcher by %s", (_kind, open) => {
    /** A pair, and a watcher of the same user that has read its snapshot. */
    async function openWatched() {
      const pair = await contract.openPair();
      const watcher = await open(contract, pair.streamId, pair.userId);
      await watcher.register(WATCH);
      const snapshot = await watcher.next("presence");
      return { ...pair, watcher, snapshot };
    }

    const told = async (watcher: Client): Promise<readonly [unknown, unknown]> => {
      const { event, member } = await watcher.next("presence");
      return [event, (member as Message)["connectionId"]];
    };

    test("is told at once who is there, and then who comes and goes", async () => {
      const { streamId, userId, watcher, snapshot } = await openWatched();
      expect(snapshot).toEqual({
        type: "presence",
        streamId,
        event: "snapshot",
        members: [
          expect.objectContaining({ userId, produces: ["video-frame", "alert", "chat"], consumes: ["alert"] }),
          expect.objectContaining({ userId, consumes: ["*"] }),
          expect.objectContaining({ userId, consumes: ["presence"] }),
        ],
        total: 3,
        at: expect.any(Number),
      });
      for (const [, openOther] of BOTH_SOCKETS) {
        const other = await openOther(contract, streamId, userId);
        const { connectionId } = await other.register({ clientType: "phone", consumes: ["chat"] });
        const member = {
          connectionId,
          userId,
          senderKind: "user",
          clientType: "phone",
          produces: [],
          consumes: ["chat"],
        };
        const join = { type: "presence", streamId, event: "join", member, at: expect.any(Number) };
        expect(await watcher.next("presence")).toEqual(join);
        other.close();
        expect(await watcher.next("presence")).toEqual({ ...join, event: "leave" });
      }
      await watcher.caughtUp();
      expect(watcher.unread).toEqual([]);
    });

    test("learns nothing that others need not know", async () => {
      const { userId, snapshot } = await openWatched();
      expect(JSON.stringify(snapshot)).not.toContain(`session-of-${userId}`);
      expect(JSON.stringify(snapshot)).not.toContain("@example.test");
    });

    test("learns of each way of going, once", async () => {
      const { streamId, userId, watcher } = await openWatched();
      const ways: readonly ((client: Client) => void)[] = [
        (client) => client.cut(),
        (client) => client.send({ type: "chat", text: "x".repeat(1_100_000) }),
        (client) => {
          for (let count = 0; count < 10; count += 1) client.send("no JSON");
        },
      ];
      for (const go of ways) {
        const member = await contract.connect(streamId, { userId });
        const { connectionId } = await member.register({ produces: ["chat"] });
        expect(await told(watcher)).toEqual(["join", connectionId]);
        go(member);
        expect(await told(watcher)).toEqual(["leave", connectionId]);
        await member.closed();
      }
      await watcher.caughtUp();
      expect(watcher.unread).toEqual([]);
    });

    test.each(["close", "cut"] as const)("learns of who goes by a %s while the stream sleeps, once", async (way) => {
      const { streamId, userId, watcher } = await openWatched();
      const members: Client[] = [];
      const ids: unknown[] = [];
      for (const [, openOther] of BOTH_SOCKETS) {
        const member = await openOther(contract, streamId, userId);
        ids.push((await member.register({ consumes: ["chat"] }))["connectionId"]);
        await told(watcher);
        members.push(member);
      }
      await contract.sleep(streamId);
      for (const member of members) member[way]();
      const gone = [await told(watcher), await told(watcher)];
      // In whichever order the network brought it.
      expect(new Set(gone)).toEqual(new Set(ids.map((id) => ["leave", id])));
      await watcher.caughtUp();
      expect(watcher.unread).toEqual([]);
    });

    test(
      "learns of one whose session ended while the stream slept",
      async () => {
        const { streamId, userId, watcher } = await openWatched();
        const member = await contract.connect(streamId, { userId, sessionEndsInMs: 2000 });
        const { connectionId } = await member.register({});
        await told(watcher);
        await contract.sleep(streamId);
        expect(await told(watcher)).toEqual(["leave", connectionId]);
      },
      (contract.graceS + 10) * 1000 + 2 * ALARM_GRAIN_MS,
    );

    test("that may write learns it too, and nothing any more once that is taken away", async () => {
      const pair = await contract.openPair();
      const writer = newUser();
      await allow(contract, pair, { readers: [writer], writers: { [writer]: ["chat"] } });
      const watcher = await open(contract, pair.streamId, writer);
      await watcher.register(WATCH);
      expect(await watcher.next("presence")).toMatchObject({ event: "snapshot", total: 3 });
      await allow(contract, pair, { writers: {} });
      await (await contract.connect(pair.streamId, pair)).register({});
      await watcher.caughtUp();
      expect(watcher.unread).toEqual([]);
    });

    test("that may only read learns nothing, though it may ask", async () => {
      const pair = await contract.openPair();
      await allow(contract, pair, { public: true });
      const reader = await open(contract, pair.streamId, newUser());
      await reader.register({ consumes: ["*", "presence"], latest: false });
      const other = await contract.connect(pair.streamId, pair);
      await other.register({});
      other.close();
      await other.closed();
      await reader.caughtUp();
      expect(reader.unread).toEqual([]);
    });

    test("that did not name it learns nothing, though it consumes everything", async () => {
      const { streamId, userId, watcher } = await openWatched();
      const all = await open(contract, streamId, userId);
      await all.register({ consumes: ["*"], latest: false });
      await told(watcher);
      await (await contract.connect(streamId, { userId })).register({});
      await told(watcher);
      await all.caughtUp();
      expect(all.unread).toEqual([]);
    });

    test("of a stream that nobody owns learns nothing, and no more where a claim turns it away", async () => {
      const streamId = newStream();
      const lurker = await open(contract, streamId, newUser());
      await lurker.register(WATCH);
      const other = await contract.connect(streamId);
      await other.register({ consumes: ["*"] });
      await contract.openPair(streamId);
      await lurker.nextError("UNAUTHORIZED");
      await lurker.caughtUp();
      expect(lurker.unread).toEqual([]);
    });

    test("of a stream that is deleted learns of that, and of nobody's going", async () => {
      const { streamId, userId, watcher } = await openWatched();
      await ask(contract, { streamId, userId }, "", { method: "DELETE" });
      await watcher.nextError("NOT_FOUND");
      await watcher.closed();
      expect(watcher.unread).toEqual([]);
    });
  });

  test.concurrent("Nobody may send presence", async () => {
    const { producer } = await contract.openPair();
    producer.send({ type: "presence", event: "join" });
    await producer.nextError("UNKNOWN_TYPE");
    const other = await contract.connect(newStream());
    other.send({ type: "register", produces: ["presence"] });
    await other.nextError("BAD_MESSAGE");
  });
}
