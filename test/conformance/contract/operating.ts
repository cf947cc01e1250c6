// The contract of what an operator sees of a stream, and of whom he takes out.
import { describe, expect, test } from "vitest";
import { BOTH_SOCKETS } from "./both-sockets.ts";
import { type Contract, newStream, newUser } from "./contract.ts";
import { askerOf } from "./http.ts";

/** Nothing is tried where the gateway's key is not known. */
export function operating(contract: Contract): void {
  const { adminKey } = contract;
  const ask = askerOf(contract);
  const headers = { "x-api-key": `${adminKey}` };
  const inspect = (streamId: string) => ask("GET", `/admin/streams/${streamId}`, undefined, undefined, headers);
  const disconnect = (streamId: string, body: unknown) =>
    ask("POST", `/admin/streams/${streamId}/disconnect`, undefined, body, headers);

  describe.skipIf(adminKey === undefined).concurrent("an operator", () => {
    test.each(BOTH_SOCKETS)("sees %s that has not registered, with its session", async (_kind, open) => {
      const [streamId, userId] = [newStream(), newUser()];
      const client = await open(contract, streamId, userId);
      await client.caughtUp();
      const { status, body } = await inspect(streamId);
      expect([status, body]).toMatchObject([
        200,
        { streamId, access: null, total: 1, members: [{ userId, sessionId: `session-of-${userId}`, waitingBytes: 0 }] },
      ]);
    });

    test("sees who may do what, who registered what, and what happened", async () => {
      const { streamId, userId, epoch } = await contract.openPair();
      expect((await inspect(streamId)).body).toMatchObject({
        access: { owner: userId, public: false, readers: [], writers: {}, version: 1 },
        epoch,
        offset: 0,
        total: 2,
        members: [
          { hop: "direct", registration: { produces: ["video-frame", "alert", "chat"] } },
          { hop: "direct", registration: { consumes: ["*"] } },
        ],
        counters: { connections: 2 },
      });
    });

    test("takes out all connections of a user, who are told not to come back, and nobody else", async () => {
      const { streamId, userId, producer, consumer } = await contract.openPair();
      await ask("PUT", `/streams/${streamId}/access`, userId, { public: true });
      const reader = await contract.connect(streamId);
      await reader.register({ consumes: ["alert"] });
      expect(await disconnect(streamId, { userId })).toEqual({ status: 202, body: { members: 2 } });
      expect(await producer.nextError("UNAUTHORIZED")).toMatchObject({ temporary: false, reauth: false });
      expect([await producer.closed(), await consumer.closed()]).toMatchObject([{ code: 1008 }, { code: 1008 }]);
      await reader.caughtUp();
    });

    test("takes out one connection", async () => {
      const { streamId, producer, consumer } = await contract.openPair();
      const { members } = (await inspect(streamId)).body as { members: readonly { connectionId: string }[] };
      const connectionId = members[0]?.connectionId;
      expect(await disconnect(streamId, { connectionId })).toEqual({ status: 202, body: { members: 1 } });
      expect(await producer.closed()).toMatchObject({ code: 1008 });
      await consumer.caughtUp();
      expect(await disconnect(streamId, { connectionId })).toEqual({ status: 202, body: { members: 0 } });
    });

    test.each([
      ["nobody", {}],
      ["two at once", { connectionId: "c", userId: "u" }],
      ["a number", { userId: 5 }],
      ["a name that nobody knows", { userId: "u", streamId: "s" }],
    ])("who takes out %s is refused", async (_whom, body) => {
      expect(await disconnect(newStream(), body)).toMatchObject({ status: 400, body: { code: "BAD_REQUEST" } });
    });

    test("is who has the key: an owner is none", async () => {
      const { streamId, userId, producer } = await contract.openPair();
      for (const [method, path, body] of [
        ["GET", `/admin/streams/${streamId}`, undefined],
        ["POST", `/admin/streams/${streamId}/disconnect`, { userId }],
      ] as const) {
        expect(await ask(method, path, userId, body)).toMatchObject({ status: 403 });
        expect(await ask(method, path, undefined, body)).toMatchObject({ status: 401 });
      }
      expect(await ask("PUT", `/admin/streams/${streamId}`, userId, {})).toMatchObject({ status: 405 });
      await producer.caughtUp();
    });
  });
}
