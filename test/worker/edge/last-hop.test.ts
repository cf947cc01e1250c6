// What gives way between a bridge and its client, and that the client is told of every frame that it missed.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readDropped } from "../../../protocol/dropped.ts";
import { LastHop } from "../../../worker/edge/last-hop.ts";
import { binaryFrame } from "../../support/held-client.ts";

const BOUNDS = { consumerBufferBytes: 1000, objectBufferBytes: 5000 };
/** So much waits that a frame finds no room, and other messages do. */
const BEHIND = 600;
const LIVE = '{"type":"chat","seq":1,"receivedAt":5}';

type Form = "text" | "binary";

/** A frame as the object sends it. */
function stamped(form: Form, dropped = 0, type = "video-frame"): string | ArrayBuffer {
  const header = { type, seq: 1, receivedAt: 5, dropped };
  return form === "text" ? JSON.stringify(header) : binaryFrame(header);
}

class Hop {
  readonly #hop = new LastHop(BOUNDS);

  /** What becomes of a message where so much waits for the client, and for all. */
  judge(message: string | ArrayBuffer, waiting: number, total = waiting): string | undefined {
    return this.#hop.judge(message, waiting, () => total).kind;
  }

  /** How many the next frame says were dropped. */
  droppedOf(message: string | ArrayBuffer, waiting = 0): number | undefined {
    const verdict = this.#hop.judge(message, waiting, () => waiting);
    return verdict.kind === "send" ? readDropped(verdict.message) : undefined;
  }
}

describe("a client that nothing waits for", () => {
  test.each([
    ["a frame", stamped("text")],
    ["a binary frame", stamped("binary")],
    ["another message", LIVE],
    ["a message larger than every bound", `"${"x".repeat(10_000)}"`],
  ])("is sent %s, whatever waits for the others", (_what, message) => {
    expect(new Hop().judge(message, 0, 1_000_000)).toBe("send");
  });

  test("is sent the very message, unread", () => {
    const message = stamped("binary", 3);
    expect(new LastHop(BOUNDS).judge(message, 0, () => 0)).toEqual({ kind: "send", message });
  });

  test("is sent a frame after it missed others, however large that is", () => {
    const hop = new Hop();
    hop.judge(stamped("text"), BEHIND);
    const large = JSON.stringify({ type: "video-frame", data: "x".repeat(10_000), dropped: 0 });
    expect(hop.droppedOf(large)).toBe(1);
  });
});

describe("a client that is behind", () => {
  test.each(["text", "binary"] as const)("misses a frame as %s beyond half of the bound", (form) => {
    const message = stamped(form);
    const bytes = typeof message === "string" ? message.length : message.byteLength;
    const verdicts = [500 - bytes, 501 - bytes].map((waiting) => new Hop().judge(message, waiting));
    expect(verdicts).toEqual(["send", "skip"]);
  });

  test("is closed where another message goes beyond the bound, since it must not miss that", () => {
    const verdicts = [1000 - LIVE.length, 1001 - LIVE.length].map((waiting) => new Hop().judge(LIVE, waiting));
    expect(verdicts).toEqual(["send", "close"]);
  });

  test("misses a frame where all clients together are behind", () => {
    expect(new Hop().judge(stamped("text"), 1, 5000)).toBe("skip");
  });

  test("is closed for another message where all clients together are behind", () => {
    expect(new Hop().judge(LIVE, 100, 5000)).toBe("close");
  });

  test("is sent other messages untouched while it misses frames", () => {
    const hop = new LastHop(BOUNDS);
    hop.judge(stamped("text"), BEHIND, () => BEHIND);
    expect(hop.judge(LIVE, BEHIND, () => BEHIND)).toEqual({ kind: "send", message: LIVE });
  });

  test("is judged by the bytes of a text and not by its letters", () => {
    const text = JSON.stringify({ type: "chat", text: "€".repeat(200) });
    expect([text.length < 400, new Hop().judge(text, BEHIND)]).toEqual([true, "close"]);
  });
});

describe.each(["text", "binary"] as const)("a frame as %s says", (form) => {
  test("how many were missed here", () => {
    const hop = new Hop();
    for (let count = 0; count < 3; count += 1) hop.judge(stamped(form), BEHIND);
    expect(hop.droppedOf(stamped(form))).toBe(3);
  });

  test("how many were missed here and before, those of the missed ones too", () => {
    const hop = new Hop();
    hop.judge(stamped(form, 4), BEHIND);
    hop.judge(stamped(form, 1), BEHIND);
    expect(hop.droppedOf(stamped(form, 2))).toBe(4 + 1 + 1 + 1 + 2);
  });

  test("so once", () => {
    const hop = new Hop();
    hop.judge(stamped(form), BEHIND);
    hop.droppedOf(stamped(form));
    expect(hop.droppedOf(stamped(form))).toBe(0);
  });

  test("nothing of another type", () => {
    const hop = new Hop();
    hop.judge(stamped(form), BEHIND);
    expect([hop.droppedOf(stamped(form, 0, "audio-frame")), hop.droppedOf(stamped(form))]).toEqual([0, 1]);
  });
});

test("text and bytes of one type count together", () => {
  const hop = new Hop();
  hop.judge(stamped("text"), BEHIND);
  hop.judge(stamped("binary"), BEHIND);
  expect(hop.droppedOf(stamped("text"))).toBe(2);
});

test("each frame is received or told of, by type, and none is skipped while nothing waits", () => {
  const step = fc.record({
    type: fc.constantFrom("video-frame", "audio-frame"),
    form: fc.constantFrom<Form>("text", "binary"),
    dropped: fc.nat(3),
    waiting: fc.constantFrom(0, 0, 1, 400, BEHIND, 2000),
    chats: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const hop = new Hop();
      const sent = new Map<string, number>();
      const accounted = new Map<string, number>();
      const count = (counts: Map<string, number>, type: string, by: number) =>
        counts.set(type, (counts.get(type) ?? 0) + by);
      const offer = (type: string, form: Form, dropped: number, waiting: number) => {
        count(sent, type, dropped + 1);
        const told = hop.droppedOf(stamped(form, dropped, type), waiting);
        if (told !== undefined) count(accounted, type, told + 1);
        return told;
      };
      const skippedForNothing = steps.filter(({ type, form, dropped, waiting, chats }) => {
        if (chats) hop.judge(LIVE, waiting % 700);
        return offer(type, form, dropped, waiting) === undefined && waiting === 0;
      });
      for (const type of ["video-frame", "audio-frame"]) offer(type, "text", 0, 0);
      expect([accounted, skippedForNothing]).toEqual([sent, []]);
    }),
    { seed: 20_261, numRuns: 500 },
  );
});
