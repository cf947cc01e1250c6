// The contract of credits, and of the frame that waits: a consumer gets the newest when it can take it, also unasked.
import { describe, expect, test } from "vitest";
import { BOTH_SOCKETS } from "./both-sockets.ts";
import { type Contract } from "./contract.ts";

export function credits(contract: Contract): void {
  describe.concurrent.each(BOTH_SOCKETS)("a consumer with credits, by %s", (_kind, open) => {
    /** A camera, and a viewer with so many credits. */
    async function start(window: number) {
      const { streamId, userId, producer, consumer } = await contract.openPair();
      const viewer = await open(contract, streamId, userId);
      await viewer.register({ consumes: ["video-frame", "chat"], window });
      /** Sends so many frames, and waits until the viewer has what it gets of them. */
      const film = async (from: number, to: number): Promise<void> => {
        for (let n = from; n <= to; n += 1) {
          producer.sendFrame({ type: "video-frame", n });
          await consumer.nextFrame();
        }
        await viewer.caughtUp();
      };
      return { producer, viewer, film };
    }

    test("gets one frame, then none until it acknowledges it, then the newest with what it missed", async () => {
      const { viewer, film } = await start(1);
      await film(1, 4);
      const frames = viewer.takeFrames().map(({ header }) => header);
      expect(frames).toMatchObject([{ n: 1, dropped: 0 }]);
      viewer.send({ type: "frame-ack", seq: frames[0]?.["seq"] });
      const newest = (await viewer.nextFrame()).header;
      expect(newest).toMatchObject({ n: 4, dropped: 2 });
      await film(5, 5);
      expect(viewer.takeFrames()).toEqual([]);
      viewer.send({ type: "frame-ack", seq: newest["seq"] });
      expect((await viewer.nextFrame()).header).toMatchObject({ n: 5, dropped: 0 });
    });

    test("gets as many as it asked for, and its acknowledgement is of all before it too", async () => {
      const { viewer, film } = await start(3);
      await film(1, 5);
      const seqs = viewer.takeFrames().map(({ header }) => header["seq"]);
      expect(seqs).toHaveLength(3);
      viewer.send({ type: "frame-ack", seq: seqs[2] });
      expect((await viewer.nextFrame()).header).toMatchObject({ n: 5, dropped: 1 });
      await film(6, 9);
      expect(viewer.takeFrames().map(({ header }) => header["n"])).toEqual([6, 7]);
    });

    test("gets other messages without any", async () => {
      const { producer, viewer, film } = await start(1);
      await film(1, 2);
      for (const n of [1, 2]) producer.send({ type: "chat", n });
      expect([await viewer.next("chat"), await viewer.next("chat")]).toMatchObject([{ n: 1 }, { n: 2 }]);
    });

    test("gets the newest frame at once where it comes late, and that counts", async () => {
      const { streamId, userId, producer } = await contract.openPair();
      producer.sendFrame({ type: "video-frame", n: 1 });
      await producer.caughtUp();
      const late = await open(contract, streamId, userId);
      await late.register({ consumes: ["video-frame"], window: 1 });
      const first = await late.nextFrame();
      producer.sendFrame({ type: "video-frame", n: 2 });
      await producer.caughtUp();
      await late.caughtUp();
      expect([first.header["n"], late.takeFrames()]).toEqual([1, []]);
    });
  });
}
