// The contract of the newest frame for who comes late: at once, in order, also after a sleep.
import { describe, expect, test } from "vitest";
import { ask, statusBecomes } from "./asking.ts";
import { BOTH_SOCKETS } from "./both-sockets.ts";
import { ALARM_GRAIN_MS, type Contract } from "./contract.ts";
import { JPEG, openWithFrame } from "./with-frame.ts";

export function latestFrame(contract: Contract): void {
  describe.concurrent.each(BOTH_SOCKETS)("who comes late by %s", (_kind, open) => {
    test("sees the newest frame behind the success and the replay, and then what comes live", async () => {
      const { streamId, userId, producer } = await openWithFrame(contract, { n: 1 });
      producer.send({ type: "alert", message: "before", ref: 1 });
      await producer.next("success");
      producer.sendFrame({ type: "video-frame", n: 2 }, JPEG);
      await producer.caughtUp();
      const late = await open(contract, streamId, userId);
      const order: string[] = [];
      late.socket.on("message", (data: Buffer, isBinary) => {
        order.push(isBinary ? "frame" : (JSON.parse(data.toString()) as { type: string }).type);
      });
      await late.register({ consumes: ["*"], resume: { epoch: "", offset: 0 } });
      expect(await late.nextFrame()).toMatchObject({
        header: { n: 2, dropped: 0, userId },
        payload: Buffer.from(JPEG),
      });
      producer.sendFrame({ type: "video-frame", n: 3 }, JPEG);
      expect((await late.nextFrame()).header).toMatchObject({ n: 3, dropped: 0 });
      expect(order).toEqual(["success", "alert", "frame", "frame"]);
    });

    test("sees none where it says so, or does not consume the type", async () => {
      const { streamId, userId } = await openWithFrame(contract);
      for (const message of [{ consumes: ["*"], latest: false }, { consumes: ["audio-frame", "alert"] }]) {
        const late = await open(contract, streamId, userId);
        await late.register(message);
        await late.caughtUp();
        expect(late.unread).toEqual([]);
      }
    });

    // The `success` right before it waits too, so such a frame waits for room before it is sent whatever its size.
    test("sees a frame of more than half its buffer", async () => {
      const { streamId, userId } = await openWithFrame(contract, {}, new Uint8Array(600_000));
      const late = await open(contract, streamId, userId);
      await late.register({ consumes: ["*"] });
      expect((await late.nextFrame()).payload).toHaveLength(600_000);
    });
  });

  test.concurrent(
    "who comes late sees the newest frame also after a sleep, once the camera paused, and so does who asks",
    async () => {
      const pair = await openWithFrame(contract, { n: 7, contentType: "image/png" });
      const before = await ask(contract, pair, "/frame");
      // The first alarm finds that a frame came, the second that none followed, and stores it.
      await statusBecomes(contract, pair, ({ counters }) => Number(counters?.["alarms"]) >= 2);
      await contract.sleep(pair.streamId);
      for (const [, open] of BOTH_SOCKETS) {
        const late = await open(contract, pair.streamId, pair.userId);
        await late.register({ consumes: ["video-frame"] });
        const { header, payload } = await late.nextFrame();
        expect(header).toMatchObject({ n: 7, dropped: 0, streamId: pair.streamId });
        expect(payload).toEqual(Buffer.from(JPEG));
      }
      const after = await ask(contract, pair, "/frame");
      expect(Object.fromEntries(after.headers)).toEqual(Object.fromEntries(before.headers));
      expect(new Uint8Array(await after.arrayBuffer())).toEqual(JPEG);
    },
    12 * ALARM_GRAIN_MS,
  );
}
