// The contract of how a stream gets its owner: at once or while many try, and what its owner's list says of it.
import { describe, expect, test, vi } from "vitest";
import { Client, writeEnvelope } from "../../support/client.ts";
import { type Contract, newStream, newUser } from "./contract.ts";
import { askerOf } from "./http.ts";

export function claiming(contract: Contract): void {
  const ask = askerOf(contract);

  const streamsOf = async (userId: string): Promise<readonly unknown[]> => {
    const { body } = await ask("GET", "/streams", userId);
    return (body as { streams: { streamId: string }[] }).streams.map(({ streamId }) => streamId);
  };
  /** The word of a stream may still be on its way to the list when its client has the answer. */
  const SOON = { interval: 20, timeout: 10_000 };
  const producer = { type: "register", produces: ["alert", "note", "video-frame"], consumes: ["alert"] };

  describe.concurrent("the claim of a stream", () => {
    test("by twenty users at once leaves one owner, and is on nobody else's list", async () => {
      const streamId = newStream();
      const users = Array.from({ length: 20 }, newUser);
      const clients = await Promise.all(users.map((userId) => contract.connect(streamId, { userId })));
      for (const client of clients) client.send({ ...producer, ref: "claim" });
      const answers = await Promise.all(
        clients.map((client) => Promise.race([client.next("success"), client.nextError("UNAUTHORIZED")])),
      );
      const owners = users.filter((_user, index) => answers[index]?.type === "success");
      expect([answers.length, owners.length]).toEqual([20, 1]);
      await Promise.all(
        users.map((userId) =>
          vi.waitFor(
            async () => expect(await streamsOf(userId)).toEqual(owners.includes(userId) ? [streamId] : []),
            SOON,
          ),
        ),
      );
      expect(await ask("GET", `/streams/${streamId}/access`, owners[0])).toMatchObject({ body: { owner: owners[0] } });
    });

    test("by one user on two sockets at once registers both", async () => {
      const [streamId, userId] = [newStream(), newUser()];
      const clients = await Promise.all([1, 2].map(() => contract.connect(streamId, { userId })));
      const answers = await Promise.all(clients.map((client) => client.register(producer)));
      expect(answers[0]?.["epoch"]).toBe(answers[1]?.["epoch"]);
      await vi.waitFor(async () => expect(await streamsOf(userId)).toEqual([streamId]), SOON);
    });

    test("need not be waited for: what is sent right behind it arrives in order", async () => {
      const [streamId, userId] = [newStream(), newUser()];
      const viewer = await contract.connect(streamId, { userId });
      await viewer.register({ consumes: ["note", "video-frame"] });
      const camera = await contract.connect(streamId, { userId });
      camera.send(producer);
      for (let number = 1; number <= 30; number += 1) camera.send({ type: "note", number });
      const seen = [];
      while (seen.length < 30) seen.push((await viewer.next("note"))["number"]);
      expect(seen).toEqual(Array.from({ length: 30 }, (_, index) => index + 1));
    });

    test("may stand in one text with what follows, and before bytes", async () => {
      const [streamId, userId] = [newStream(), newUser()];
      const viewer = await contract.connect(streamId, { userId });
      await viewer.register({ consumes: ["note", "video-frame"] });
      const camera = await contract.connect(streamId, { userId });
      const notes = [1, 2, 3].map((number) => ({ type: "note", number }));
      camera.send([producer, ...notes].map((message) => JSON.stringify(message)).join("\n"));
      camera.socket.send(writeEnvelope({ type: "video-frame", number: 4 }, new Uint8Array([4])));
      camera.send({ type: "note", number: 5 });
      for (const number of [1, 2, 3, 5]) expect(await viewer.next("note")).toMatchObject({ number });
      expect((await viewer.nextFrame()).header).toMatchObject({ number: 4 });
    });

    test("need not be waited for by who has to authenticate first", async () => {
      const [streamId, userId] = [newStream(), newUser()];
      const viewer = await contract.connect(streamId, { userId });
      await viewer.register({ consumes: ["note"] });
      const phone = await Client.connect(new URL("/streams/register", contract.url()));
      phone.send({ type: "auth", token: await contract.signSession({ userId }) });
      phone.send({ ...producer, streamId });
      for (let number = 1; number <= 30; number += 1) phone.send({ type: "note", number });
      for (let number = 1; number <= 30; number += 1) expect(await viewer.next("note")).toMatchObject({ number });
      await vi.waitFor(async () => expect(await streamsOf(userId)).toEqual([streamId]), SOON);
    });

    test("is not made by who reads", async () => {
      const [streamId, userId] = [newStream(), newUser()];
      await (await contract.connect(streamId, { userId })).register({ consumes: ["*"] });
      expect(await streamsOf(userId)).toEqual([]);
      await (await contract.connect(streamId)).register(producer);
    });
  });

  describe.concurrent("the list of a user's streams", () => {
    test("names each with the time at which it was made, oldest first", async () => {
      const userId = newUser();
      const streams = [newStream(), newStream()];
      const before = Date.now();
      for (const streamId of streams) {
        await contract.openPair(streamId, userId);
        await vi.waitFor(async () => expect(await streamsOf(userId)).toContain(streamId), SOON);
      }
      const { status, body } = await ask("GET", "/streams", userId);
      expect({ status, body }).toEqual({
        status: 200,
        body: { streams: streams.map((streamId) => ({ streamId, createdAt: expect.any(Number) })) },
      });
      const [first, second] = (body as { streams: { createdAt: number }[] }).streams.map(({ createdAt }) => createdAt);
      expect(first).toBeLessThanOrEqual(second ?? 0);
      expect(Math.abs((first ?? 0) - before)).toBeLessThan(60_000);
    });

    test("has a stream that was claimed by its access list", async () => {
      const [streamId, userId] = [newStream(), newUser()];
      await ask("PUT", `/streams/${streamId}/access`, userId, {});
      await vi.waitFor(async () => expect(await streamsOf(userId)).toEqual([streamId]), SOON);
    });

    test("loses a stream that is deleted, at once, and has it again where it is claimed again", async () => {
      const { streamId, userId } = await contract.openPair();
      await vi.waitFor(async () => expect(await streamsOf(userId)).toEqual([streamId]), SOON);
      expect(await ask("DELETE", `/streams/${streamId}`, userId)).toMatchObject({ status: 204 });
      expect(await streamsOf(userId)).toEqual([]);
      await contract.openPair(streamId, userId);
      await vi.waitFor(async () => expect(await streamsOf(userId)).toEqual([streamId]), SOON);
    });

    test("does not hold a stream that somebody else claimed after it was deleted", async () => {
      const { streamId, userId } = await contract.openPair();
      await ask("DELETE", `/streams/${streamId}`, userId);
      const next = newUser();
      await contract.openPair(streamId, next);
      await vi.waitFor(async () => expect(await streamsOf(next)).toEqual([streamId]), SOON);
      await vi.waitFor(async () => expect(await streamsOf(userId)).toEqual([]), SOON);
    });

    test("does not name streams that others let him into", async () => {
      const { streamId, userId } = await contract.openPair();
      const reader = newUser();
      await ask("PUT", `/streams/${streamId}/access`, userId, { readers: [reader], writers: { [reader]: ["*"] } });
      await (await contract.connect(streamId, { userId: reader })).register(producer);
      expect(await streamsOf(reader)).toEqual([]);
    });

    test("outlasts a sleep of the stream", async () => {
      const { streamId, userId } = await contract.openPair();
      await vi.waitFor(async () => expect(await streamsOf(userId)).toEqual([streamId]), SOON);
      await contract.sleep(streamId);
      expect(await streamsOf(userId)).toEqual([streamId]);
    });

    test("is for who says who he is, and is only read", async () => {
      expect(await ask("GET", "/streams", undefined)).toMatchObject({ status: 401, body: { code: "AUTH_REQUIRED" } });
      expect(await ask("POST", "/streams", newUser())).toMatchObject({ status: 405 });
    });
  });
}
