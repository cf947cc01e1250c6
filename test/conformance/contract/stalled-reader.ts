// The contract for readers that do not keep up: they cost the others nothing.
import { describe, expect, test } from "vitest";
import { ask, type Asked } from "./asking.ts";
import { BOTH_SOCKETS } from "./both-sockets.ts";
import { type Contract } from "./contract.ts";

export function stalledReader(contract: Contract): void {
  describe.concurrent.each(BOTH_SOCKETS)("a reader that stalls, by %s", (_kind, open) => {
    const FRAME = new Uint8Array(256 * 1024);
    /** More than half of a consumer's buffer, which is all that frames may fill. */
    const LARGE_FRAME = new Uint8Array(600 * 1024);
    /** For messages of 250,000 bytes below the rate that one connection may have. */
    const PACE_MS = 50;

    async function membersOf(who: Asked): Promise<number> {
      const status = (await (await ask(contract, who)).json()) as { readonly counts: { readonly members: number } };
      return status.counts.members;
    }

    test("costs the others nothing, and gets the newest when it reads again, though the camera has paused, and what it missed", async () => {
      const { streamId, userId, producer, consumer } = await contract.openPair();
      const slow = await open(contract, streamId, userId);
      await slow.register({ consumes: ["video-frame"] });
      slow.stall();
      // Far more than kernel and client buffer on the way, at the pace of the reader that keeps up.
      const last = 56;
      for (let index = 0; index <= last; index += 1) {
        producer.sendFrame({ type: "video-frame", index }, index === last ? LARGE_FRAME : FRAME);
        expect((await consumer.nextFrame()).header).toMatchObject({ index, dropped: 0 });
      }
      slow.resume();
      const dropped = await slow.droppedUpTo(({ index }) => index === last);
      const missed = dropped.reduce((sum, count) => sum + count, 0);
      expect(missed).toBeGreaterThan(0);
      expect(dropped.length + missed).toBe(last + 1);
    });

    test("is closed where it would miss what may not be missed", async () => {
      const { streamId, userId, producer, consumer } = await contract.openPair();
      const slow = await open(contract, streamId, userId);
      await slow.register({ consumes: ["chat"] });
      slow.stall();
      const talk = async (): Promise<void> => {
        producer.send({ type: "chat", text: "x".repeat(250_000) });
        await consumer.next("chat");
      };
      // Just within the burst that its rate allows. Kernels take between four and twenty megabytes before anything waits.
      for (let index = 0; index < 56; index += 1) await talk();
      while ((await membersOf({ streamId, userId })) === 3) {
        await talk();
        await new Promise((resolve) => setTimeout(resolve, PACE_MS));
      }
      slow.resume();
      await slow.nextError("SLOW_CONSUMER");
      expect(await slow.closed()).toMatchObject({ code: 4508 });
    });
  });
}
