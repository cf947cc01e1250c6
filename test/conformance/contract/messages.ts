// The contract of messages: what register answers, what frames and alerts carry.
import { describe, expect, test } from "vitest";
import { type Contract, newStream, newUser } from "./contract.ts";

export function messages(contract: Contract): void {
  describe.concurrent("registering", () => {
    test("says who, where, until when and within which limits", async () => {
      const streamId = newStream();
      const userId = newUser();
      const client = await contract.connect(streamId, { userId });
      const success = await client.register({ streamId, clientType: "mobile", ref: 7 });
      expect(success).toMatchObject({
        message: `Registration successful. Stream ID: ${streamId}`,
        ref: 7,
        userId,
        streamId,
        connectionId: expect.any(String),
        epoch: expect.stringMatching(/^.{1,32}$/),
        offset: 0,
        keepaliveMs: expect.any(Number),
        limits: {
          maxMessageBytes: expect.any(Number),
          maxMessagesPerS: expect.any(Number),
          maxBytesPerS: expect.any(Number),
        },
      });
      expect(success["expiresAt"]).toBeGreaterThan(Date.now());
      expect(success).not.toHaveProperty("recovered");
    });

    test("lets a phone that declares nothing send frames and get alerts", async () => {
      const { streamId, userId, consumer } = await contract.openPair();
      const phone = await contract.connect(streamId, { userId });
      await phone.register({ clientType: "mobile" });
      phone.send({ type: "video-frame", data: "AAAA" });
      expect(await consumer.next("video-frame")).toMatchObject({ data: "AAAA" });
    });

    test("stores nothing for who only reads a stream that nobody owns", async () => {
      const reader = await contract.connect(newStream());
      expect(await reader.register({ consumes: ["*"] })).toMatchObject({ epoch: "", offset: 0 });
    });
  });

  describe.concurrent("frames", () => {
    test("reach consumers as JSON with the gateway's stamps in place of the producer's", async () => {
      const { streamId, userId, producer, consumer } = await contract.openPair();
      const forged = {
        streamId: "x",
        userId: "x",
        senderKind: "service",
        seq: -1,
        receivedAt: 1,
        dropped: 9,
        origin: "x",
      };
      producer.send({ type: "video-frame", data: "AAAA", timestamp: 5, note: "kept", ...forged });
      const frame = await consumer.next("video-frame");
      expect(frame).toMatchObject({
        data: "AAAA",
        timestamp: 5,
        note: "kept",
        streamId,
        userId,
        senderKind: "user",
        dropped: 0,
      });
      expect(frame["seq"]).toBeGreaterThan(0);
      expect(frame["receivedAt"]).toBeGreaterThan(Date.now() - 60_000);
      expect(frame).not.toHaveProperty("origin");
    });

    test("reach consumers as the same bytes, with the stamps in the header", async () => {
      const { streamId, userId, producer, consumer } = await contract.openPair();
      const payload = new Uint8Array(50_000).map((_, index) => index % 251);
      producer.sendFrame({ type: "video-frame", timestamp: 5, userId: "forged" }, payload);
      const frame = await consumer.nextFrame();
      expect(frame.header).toMatchObject({ type: "video-frame", timestamp: 5, streamId, userId, dropped: 0 });
      expect(Buffer.compare(frame.payload, payload)).toBe(0);
    });

    test("carry a seq that rises strictly", async () => {
      const { producer, consumer } = await contract.openPair();
      for (let index = 0; index < 5; index += 1) producer.sendFrame({ type: "video-frame" });
      const seqs: number[] = [];
      for (let index = 0; index < 5; index += 1) seqs.push(Number((await consumer.nextFrame()).header["seq"]));
      expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
      expect(new Set(seqs).size).toBe(5);
    });

    test("do not come back to their own producer", async () => {
      const streamId = newStream();
      const client = await contract.connect(streamId);
      await client.register({ produces: ["video-frame"], consumes: ["*"] });
      client.sendFrame({ type: "video-frame" });
      await client.caughtUp();
      expect(client.unread).toEqual([]);
    });
  });

  describe.concurrent("alerts", () => {
    test("are acknowledged with their offset and reach everyone who consumes them, their sender included", async () => {
      const { producer, consumer, epoch } = await contract.openPair();
      producer.send({ type: "alert", severity: "high", message: "first", ref: "a" });
      producer.send({ type: "alert", severity: "high", message: "second", id: "my-id" });
      expect(await producer.next("success")).toMatchObject({ ref: "a", offset: 1, epoch, id: expect.any(String) });
      expect(await consumer.next("alert")).toMatchObject({ message: "first", offset: 1, epoch });
      expect(await consumer.next("alert")).toMatchObject({ message: "second", offset: 2, epoch, id: "my-id" });
      expect(await producer.next("alert")).toMatchObject({ offset: 1 });
      expect(await producer.next("alert")).toMatchObject({ offset: 2 });
    });

    test("are stored once for each id, and a different body under the same id is refused", async () => {
      const { producer, consumer } = await contract.openPair();
      const alert = { type: "alert", message: "once", id: "one" };
      producer.send({ ...alert, ref: 1 });
      producer.send({ ...alert, ref: 2 });
      producer.send({ ...alert, message: "other", ref: 3 });
      expect(await producer.next("success")).toMatchObject({ ref: 1, offset: 1 });
      expect(await producer.next("success")).toMatchObject({ ref: 2, offset: 1, duplicate: true });
      expect(await producer.nextError("CONFLICT")).toMatchObject({ ref: 3 });
      await consumer.next("alert");
      await consumer.caughtUp();
      expect(consumer.unread).toEqual([]);
    });

    test("that were missed come back to who resumes, before anything new", async () => {
      const { streamId, userId, epoch, producer } = await contract.openPair();
      for (const ref of [1, 2, 3]) producer.send({ type: "alert", message: `number ${ref}`, ref });
      for (let index = 0; index < 3; index += 1) await producer.next("success");
      const late = await contract.connect(streamId, { userId });
      const success = await late.register({ consumes: ["alert"], resume: { epoch, offset: 1 } });
      expect(success).toMatchObject({ recovered: true, offset: 3 });
      expect(await late.next("alert")).toMatchObject({ offset: 2, message: "number 2" });
      expect(await late.next("alert")).toMatchObject({ offset: 3, message: "number 3" });
    });

    test("of another epoch cannot be resumed, and nothing is replayed", async () => {
      const { streamId, userId, producer } = await contract.openPair();
      producer.send({ type: "alert", message: "one", ref: 1 });
      await producer.next("success");
      const late = await contract.connect(streamId, { userId });
      const success = await late.register({ consumes: ["alert"], resume: { epoch: "another", offset: 0 } });
      expect(success).toMatchObject({ recovered: false });
      await late.caughtUp();
      expect(late.unread).toEqual([]);
    });
  });
}
