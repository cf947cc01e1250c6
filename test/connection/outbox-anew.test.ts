// What an outbox forgets: with a new registration, with another agreement, and once its consumer was told to go.
import { describe, expect, test } from "vitest";
import { Outbox } from "../../connection/outbox.ts";
import { OUTBOX_BOUNDS, outgoing } from "../support/outbox-run.ts";
import { SlowLink } from "../support/slow-link.ts";

const EMPTY = { bytes: 0, add: () => undefined };
const FULL_BYTES = 6000;

/** A consumer that reads when a test says so. */
function start(missedAtFirst: 0 | undefined) {
  const link = new SlowLink(0);
  const outbox = new Outbox({ link, bounds: OUTBOX_BOUNDS, missedAtFirst, dropped: () => undefined });
  const frame = (seq: number, type = "video-frame", bytes = 1000) =>
    outbox.offer(outgoing(type, "latest", seq, bytes), EMPTY, 0);
  /** So much waits that no frame finds room. */
  const fill = () => outbox.tell({ bytes: FULL_BYTES }, " ".repeat(FULL_BYTES), EMPTY, 0);
  const readAll = () => {
    link.bytesPerS = 1_000_000;
    link.drain(1000);
  };
  const told = () => (JSON.parse(link.sent.at(-1)?.text ?? "") as { readonly dropped?: number }).dropped;
  return { link, outbox, frame, fill, readAll, told };
}

describe("a consumer that registers anew", () => {
  test.each([0, undefined] as const)("missed nothing of before, where %s was known of that", (missedAtFirst) => {
    const { outbox, frame, fill, readAll, told } = start(missedAtFirst);
    fill();
    for (const seq of [1, 2, 3]) frame(seq);
    outbox.restart();
    readAll();
    expect([frame(4), told()]).toEqual(["sent", 0]);
  });

  test("and takes no batches any more is sent each message by itself", () => {
    const { link, outbox } = start(0);
    const note = (seq: number) => outbox.offer(outgoing("note", "live", seq, 60), EMPTY, 0);
    outbox.agree(undefined, true);
    expect(note(1)).toBe("gathered");
    outbox.restart();
    outbox.agree(undefined, false);
    expect([note(2), link.sent.length]).toEqual(["sent", 1]);
  });
});

describe("what a consumer was sent of a type", () => {
  test("is known of one that was there from the start, whether or not anything was sent", () => {
    const { outbox, frame } = start(0);
    const before = outbox.knowsNothingOf("video-frame");
    frame(1);
    expect([before, outbox.knowsNothingOf("video-frame")]).toEqual([false, false]);
  });

  test("is unknown after a sleep until the first of that type is sent, and of the others still", () => {
    const { outbox, frame } = start(undefined);
    const before = outbox.knowsNothingOf("video-frame");
    frame(1);
    expect([before, ...["video-frame", "audio-frame"].map((type) => outbox.knowsNothingOf(type))]).toEqual([
      true,
      false,
      true,
    ]);
  });

  test("is known again with a registration after the sleep", () => {
    const { outbox } = start(undefined);
    outbox.restart();
    expect(outbox.knowsNothingOf("video-frame")).toBe(false);
  });
});

test("Frames of several types that wait fill memory together, and none once the consumer was told to go", () => {
  const { link, outbox, frame, fill, readAll } = start(0);
  fill();
  frame(1, "video-frame", 1000);
  frame(2, "audio-frame", 300);
  const before = outbox.waitingBytes;
  outbox.forget();
  readAll();
  expect([before, outbox.waitingBytes, outbox.look(EMPTY, 0), link.sent.length]).toEqual([1300, 0, "clear", 1]);
});

test("What was gathered for a consumer is not sent any more once it was told to go", () => {
  const { link, outbox } = start(0);
  outbox.agree(undefined, true);
  outbox.offer(outgoing("note", "live", 1, 60), EMPTY, 0);
  outbox.forget();
  expect([outbox.flushBatch(0), link.sent.length]).toEqual(["sent", 0]);
});
