// The contract for readers that do not keep up: they cost the others nothing.
import { describe, expect, test } from "vitest";
import type { Client } from "../../support/client.ts";
import { type Contract } from "./contract.ts";

export function stalledReader(contract: Contract): void {
  describe.concurrent("a reader that stalls", () => {
    const FRAME = new Uint8Array(256 * 1024);

    test("costs the others nothing, and afterwards is told how many frames it missed", async () => {
      const { streamId, userId, producer, consumer } = await contract.openPair();
      const slow = await contract.connect(streamId, { userId });
      await slow.register({ consumes: ["video-frame"] });
      slow.stall();
      // Far more than kernel and client buffer on the way, at the pace of the reader that keeps up.
      const frames = 56;
      for (let index = 0; index < frames; index += 1) {
        producer.sendFrame({ type: "video-frame", index }, FRAME);
        expect((await consumer.nextFrame()).header).toMatchObject({ index, dropped: 0 });
      }
      slow.resume();
      producer.sendFrame({ type: "video-frame", index: frames });
      await consumer.nextFrame();
      const dropped = await droppedUntil(slow, frames);
      const missed = dropped.reduce((sum, count) => sum + count, 0);
      expect(missed).toBeGreaterThan(0);
      expect(dropped.length + missed).toBe(frames + 1);
    });

    test("is closed where it would miss what may not be missed", async () => {
      const { streamId, userId, producer, consumer } = await contract.openPair();
      const slow = await contract.connect(streamId, { userId });
      await slow.register({ consumes: ["chat"] });
      slow.stall();
      const text = "x".repeat(250_000);
      for (let index = 0; index < 56; index += 1) {
        producer.send({ type: "chat", text });
        await consumer.next("chat");
      }
      slow.resume();
      await slow.nextError("SLOW_CONSUMER");
      expect(await slow.closed()).toMatchObject({ code: 4508 });
    });
  });
}

/** What each frame says was dropped, up to the one with this index. */
async function droppedUntil(client: Client, last: number): Promise<readonly number[]> {
  const dropped: number[] = [];
  for (;;) {
    const { header } = await client.nextFrame();
    dropped.push(Number(header["dropped"]));
    if (header["index"] === last) return dropped;
  }
}
