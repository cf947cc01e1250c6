// The contract over time: streams sleep unnoticed, and sessions end.
import { describe, expect, test } from "vitest";
import { type Contract, newStream, newUser, ALARM_GRAIN_MS } from "./contract.ts";

export function sleepAndEnd(contract: Contract): void {
  describe.concurrent("sleep", () => {
    test("between connecting and register is not noticed", async () => {
      const streamId = newStream();
      const client = await contract.connect(streamId);
      await contract.sleep(streamId);
      expect(await client.register({ produces: ["video-frame"] })).toMatchObject({ streamId });
    });

    test("between register and frame is not noticed, but that the first frame after it says nothing of dropped ones", async () => {
      const { streamId, producer, consumer } = await contract.openPair();
      producer.sendFrame({ type: "video-frame" });
      const before = await consumer.nextFrame();
      await contract.sleep(streamId);
      producer.sendFrame({ type: "video-frame" });
      producer.sendFrame({ type: "video-frame" });
      const after = await consumer.nextFrame();
      expect(after.header).not.toHaveProperty("dropped");
      expect(Number(after.header["seq"])).toBeGreaterThan(Number(before.header["seq"]));
      expect((await consumer.nextFrame()).header).toMatchObject({ dropped: 0 });
    });

    test("keeps the alerts, their offsets and the owner", async () => {
      const { streamId, epoch, producer, consumer } = await contract.openPair();
      producer.send({ type: "alert", message: "before", ref: 1 });
      await producer.next("success");
      await contract.sleep(streamId);
      producer.send({ type: "alert", message: "after", ref: 2 });
      expect(await producer.next("success")).toMatchObject({ offset: 2, epoch });
      expect(await consumer.next("alert")).toMatchObject({ message: "before" });
      expect(await consumer.next("alert")).toMatchObject({ message: "after" });
      const token = await contract.signSession({ userId: newUser() });
      expect(await contract.refusal(contract.streamUrl(streamId, `?token=${token}`))).toMatchObject({
        code: "UNAUTHORIZED",
      });
    });

    test("does not keep a keepalive from being answered", async () => {
      const streamId = newStream();
      const client = await contract.connect(streamId);
      await contract.sleep(streamId);
      client.send('{"type":"ping"}');
      expect(await client.next("pong")).toEqual({ type: "pong" });
    });

    test(
      "does not outlast the session: it ends by itself, with nobody sending",
      async () => {
        const streamId = newStream();
        const client = await contract.connect(streamId, { sessionEndsInMs: 2000 });
        await client.register({ produces: ["video-frame"] });
        await contract.sleep(streamId);
        expect(await client.nextError("TOKEN_EXPIRED")).toMatchObject({ temporary: true, reauth: true });
        expect(await client.closed()).toMatchObject({ code: 4401 });
      },
      (contract.graceS + 10) * 1000 + 2 * ALARM_GRAIN_MS,
    );
  });

  describe.concurrent("the end of a session", () => {
    test(
      "is enforced on the next message, whenever the alarm comes",
      async () => {
        const streamId = newStream();
        const client = await contract.connect(streamId, { sessionEndsInMs: 1500 });
        await client.register({ produces: ["video-frame"] });
        const keepSending = setInterval(() => client.sendFrame({ type: "video-frame" }), 50);
        await client.nextError("TOKEN_EXPIRED");
        clearInterval(keepSending);
        expect(await client.closed()).toMatchObject({ code: 4401 });
      },
      (contract.graceS + 10) * 1000,
    );
  });
}
