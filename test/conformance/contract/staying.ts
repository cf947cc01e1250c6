// The contract of who stays and who goes: replaced cameras, pauses, operators who send everybody away, batches.
import { describe, expect, test } from "vitest";
import { type Contract, newUser } from "./contract.ts";
import { askerOf } from "./http.ts";

export function staying(contract: Contract): void {
  const ask = askerOf(contract);
  const { adminKey } = contract;

  describe.concurrent("a camera", () => {
    test("that comes back replaces its former connection, which nobody closed", async () => {
      const { streamId, userId, producer, consumer } = await contract.openPair();
      const back = await contract.connect(streamId, { userId });
      await back.register({ produces: ["video-frame"] });
      expect(await producer.nextError("REPLACED")).toMatchObject({ temporary: false });
      expect(await producer.closed()).toMatchObject({ code: 4409 });
      back.sendFrame({ type: "video-frame" });
      expect((await consumer.nextFrame()).header).toMatchObject({ userId });
    });

    test("of another session of the same user may send beside it", async () => {
      const { streamId, userId, producer, consumer } = await contract.openPair();
      const other = await contract.connect(streamId, { userId, sessionId: "another" });
      await other.register({ produces: ["video-frame"] });
      for (const client of [producer, other]) {
        client.sendFrame({ type: "video-frame" });
        await consumer.nextFrame();
      }
    });

    test("that leaves pauses the stream, and one that comes resumes it; every member is told", async () => {
      const { streamId, userId, producer, consumer } = await contract.openPair();
      producer.sendFrame({ type: "video-frame" });
      await consumer.nextFrame();
      producer.close();
      expect(await consumer.next("status")).toMatchObject({ status: "paused", origin: "gateway", streamId });
      const back = await contract.connect(streamId, { userId });
      await back.register({ produces: ["video-frame"] });
      back.sendFrame({ type: "video-frame" });
      expect(await consumer.next("status")).toMatchObject({ status: "resumed" });
    });
  });

  test.concurrent("a consumer that takes batches gets several messages in one text, and loses none", async () => {
    const { streamId, userId, producer } = await contract.openPair();
    const batched = await contract.connect(streamId, { userId });
    await batched.register({ consumes: ["chat"], batch: true });
    let texts = 0;
    batched.socket.on("message", () => (texts += 1));
    producer.send(Array.from({ length: 50 }, (_, index) => JSON.stringify({ type: "chat", index })).join("\n"));
    for (let index = 0; index < 50; index += 1) expect(await batched.next("chat")).toMatchObject({ index });
    expect(texts).toBeLessThan(25);
  });

  describe.skipIf(adminKey === undefined).concurrent("an operator who drains a stream", () => {
    const drain = (streamId: string, headers: Record<string, string>) =>
      ask("POST", `/admin/streams/${streamId}/drain`, undefined, undefined, headers);

    test("sends every member away to come back, and nothing is lost", async () => {
      const { streamId, userId, epoch, producer, consumer } = await contract.openPair();
      producer.send({ type: "alert", message: "before", ref: 1 });
      await producer.next("success");
      expect(await drain(streamId, { "x-api-key": `${adminKey}` })).toEqual({ status: 202, body: { members: 2 } });
      for (const client of [producer, consumer]) {
        const { afterMs } = await client.next("reconnect");
        expect(Number(afterMs)).toBeGreaterThanOrEqual(500);
        expect(Number(afterMs)).toBeLessThanOrEqual(20_000);
        await client.nextError("DRAINING");
        expect(await client.closed()).toMatchObject({ code: 1012 });
      }
      const back = await contract.connect(streamId, { userId });
      expect(await back.register({ consumes: ["alert"], resume: { epoch, offset: 0 } })).toMatchObject({
        recovered: true,
        offset: 1,
      });
      expect(await back.next("alert")).toMatchObject({ message: "before" });
    });

    test("is an operator, and not the stream's owner", async () => {
      const { streamId, userId } = await contract.openPair();
      const authorization = `Bearer ${await contract.signSession({ userId })}`;
      expect(await drain(streamId, { Authorization: authorization })).toMatchObject({ status: 403 });
      expect(await drain(streamId, {})).toMatchObject({ status: 401 });
      const stranger = `Bearer ${await contract.signSession({ userId: newUser() })}`;
      expect(await drain(streamId, { Authorization: stranger })).toMatchObject({ status: 403 });
    });
  });
}
