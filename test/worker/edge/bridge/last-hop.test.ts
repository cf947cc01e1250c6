// What gives way between a bridge and its client, and that the client is told of every frame that it missed.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Outcome } from "../../../../connection/outbox.ts";
import { readLatestStamps } from "../../../../protocol/dropped.ts";
import { LastHop } from "../../../../worker/edge/bridge/last-hop.ts";
import { binaryFrame } from "../../../support/held-client.ts";

const BOUNDS = { consumerBufferBytes: 1000, objectBufferBytes: 5000, stallMs: 30_000 };
/** So much waits that a frame finds no room, and other messages do. */
const BEHIND = 600;
const LIVE = '{"type":"chat","seq":1,"receivedAt":5}';

type Form = "text" | "binary";

/** A frame as the object sends it. */
function stamped(form: Form, { dropped = 0, type = "video-frame", seq = 1 } = {}): string | ArrayBuffer {
  const header = { type, seq, receivedAt: 5, dropped };
  return form === "text" ? JSON.stringify(header) : binaryFrame(header);
}

/** A client at the far end of a hop that reads when a test says so. */
class Hop {
  nowMs = 0;
  readonly sent: (string | ArrayBuffer)[] = [];
  readonly link = {
    bufferedAmount: 0,
    send: (message: string | ArrayBuffer) => {
      if (this.isBroken) throw new Error("Network connection lost.");
      this.sent.push(message);
    },
  };
  isBroken = false;
  readonly total = { bytes: 0, add: () => undefined };
  readonly hop = new LastHop(this.link, BOUNDS, this.total);

  /** What becomes of a message where so much waits for the client, and for all. */
  pass(message: string | ArrayBuffer, waiting = 0, total = waiting): Outcome {
    this.link.bufferedAmount = waiting;
    this.total.bytes = total;
    return this.hop.pass(message, this.nowMs);
  }

  /** How many the next frame says were dropped. */
  droppedOf(message: string | ArrayBuffer, waiting = 0): number | undefined {
    const outcome = this.pass(message, waiting);
    const last = this.sent.at(-1);
    return outcome === "sent" && last !== undefined ? readLatestStamps(last)?.dropped : undefined;
  }
}

describe("a client that nothing waits for", () => {
  test.each([
    ["a frame", stamped("text")],
    ["a binary frame", stamped("binary")],
    ["another message", LIVE],
    ["a message larger than every bound", `"${"x".repeat(10_000)}"`],
  ])("is sent %s, whatever waits for the others", (_what, message) => {
    expect(new Hop().pass(message, 0, 1_000_000)).toBe("sent");
  });

  test("is sent the very message, unread", () => {
    const message = stamped("binary", { dropped: 3 });
    const hop = new Hop();
    hop.pass(message);
    expect(hop.sent[0]).toBe(message);
  });

  test("is sent a frame after it missed others, however large that is", () => {
    const hop = new Hop();
    hop.pass(stamped("text"), BEHIND);
    const large = JSON.stringify({
      type: "video-frame",
      data: "x".repeat(10_000),
      seq: 2,
      receivedAt: 5,
      dropped: 0,
    });
    expect(hop.droppedOf(large)).toBe(1);
  });

  test("whose connection broke a moment ago stops nobody", () => {
    const hop = new Hop();
    hop.isBroken = true;
    expect([hop.pass(LIVE), hop.pass(stamped("text"), 1), hop.hop.tell("{}", 0)]).toEqual([
      "broken",
      "broken",
      "broken",
    ]);
  });
});

describe("a client that is behind", () => {
  test.each(["text", "binary"] as const)("is not sent a frame as %s beyond half of the bound", (form) => {
    const message = stamped(form);
    const bytes = typeof message === "string" ? message.length : message.byteLength;
    const outcomes = [500 - bytes, 501 - bytes].map((waiting) => new Hop().pass(message, waiting));
    expect(outcomes).toEqual(["sent", "waits"]);
  });

  test("is closed where another message goes beyond the bound, since it must not miss that", () => {
    const outcomes = [1000 - LIVE.length, 1001 - LIVE.length].map((waiting) => new Hop().pass(LIVE, waiting));
    expect(outcomes).toEqual(["sent", "overflow"]);
  });

  test("is not sent a frame where all clients together are behind", () => {
    expect(new Hop().pass(stamped("text"), 1, 5000)).toBe("waits");
  });

  test("is closed for another message where all clients together are behind", () => {
    expect(new Hop().pass(LIVE, 100, 5000)).toBe("overflow");
  });

  test("is sent other messages untouched while a frame waits", () => {
    const hop = new Hop();
    hop.pass(stamped("text"), BEHIND);
    hop.pass(LIVE, BEHIND);
    expect(hop.sent).toEqual([LIVE]);
  });

  test("is judged by the bytes of a text and not by its letters", () => {
    const text = JSON.stringify({ type: "chat", text: "€".repeat(200) });
    expect([text.length < 400, new Hop().pass(text, BEHIND)]).toEqual([true, "overflow"]);
  });

  test.each([
    [1000 - 6, "sent"],
    [1000 - 5, "overflow"],
  ])("is told six bytes of the Worker's own within the same bound: with %i waiting: %s", (waiting, outcome) => {
    const hop = new Hop();
    hop.link.bufferedAmount = waiting;
    expect(hop.hop.tell('"äö"', 0)).toBe(outcome);
  });
});

describe("a frame that waits", () => {
  test.each(["text", "binary"] as const)("as %s leaves at the next look after there is room, untouched", (form) => {
    const hop = new Hop();
    const message = stamped(form);
    hop.pass(message, BEHIND);
    const looks = [BEHIND, 0, 0].map((waiting) => {
      hop.link.bufferedAmount = waiting;
      return hop.hop.look(0);
    });
    expect(looks).toEqual(["waits", "clear", "clear"]);
    expect(hop.sent).toHaveLength(1);
    expect(hop.sent[0]).toBe(message);
  });

  test("fills memory as long as it waits", () => {
    const hop = new Hop();
    const message = stamped("binary");
    const before = hop.hop.waitingBytes;
    hop.pass(message, BEHIND);
    const during = hop.hop.waitingBytes;
    hop.link.bufferedAmount = 0;
    hop.hop.look(0);
    expect([before, during, hop.hop.waitingBytes]).toEqual([0, (message as ArrayBuffer).byteLength, 0]);
  });

  test("is not that of the registration before", () => {
    const hop = new Hop();
    hop.pass(stamped("text"), BEHIND);
    hop.hop.registered(undefined);
    expect(hop.droppedOf(stamped("text"))).toBe(0);
    expect(hop.sent).toHaveLength(1);
  });
});

describe("a client with credits", () => {
  function start(window: number) {
    const hop = new Hop();
    hop.hop.registered(window);
    const offer = (seq: number) => hop.pass(stamped("text", { seq }));
    const seqs = () => hop.sent.map((message) => readLatestStamps(message)?.seq);
    return { hop, offer, seqs };
  }

  test("is sent so many frames, and the newest once it acknowledges one", () => {
    const { hop, offer, seqs } = start(2);
    expect([11, 12, 13, 14].map(offer)).toEqual(["sent", "sent", "awaits-credit", "awaits-credit"]);
    hop.hop.acknowledge(11);
    expect(hop.hop.look(0)).toBe("clear");
    expect(seqs()).toEqual([11, 12, 14]);
    expect(readLatestStamps(hop.sent.at(-1) ?? "")?.dropped).toBe(1);
  });

  test("is looked at when they come, not before", () => {
    const { hop, offer } = start(1);
    [11, 12].map(offer);
    expect(hop.hop.look(0)).toBe("clear");
  });

  test("is sent other messages without any", () => {
    const { hop, offer } = start(1);
    offer(11);
    expect([hop.pass(LIVE), hop.pass(LIVE)]).toEqual(["sent", "sent"]);
  });
});

test("A client that reads nothing is stalled after the time, and one that reads is behind", () => {
  const looks = [0, 1].map((read) => {
    const hop = new Hop();
    hop.pass(LIVE, BEHIND);
    hop.link.bufferedAmount = BEHIND - read;
    return [1, 29_999, 30_000].map((nowMs) => hop.hop.look(nowMs));
  });
  expect(looks).toEqual([
    ["behind", "behind", "stalled"],
    ["behind", "behind", "behind"],
  ]);
});

// A message that passes unread is not noted: neither that nothing waited before it, nor its size where nobody counts.
test("A client that has read all in between is not stalled, whatever waits at each look", () => {
  const hop = new Hop();
  const looks = Array.from({ length: 40 }, (_, second) => {
    hop.pass(LIVE, 0);
    hop.link.bufferedAmount = LIVE.length;
    return hop.hop.look(second * 1000);
  });
  expect(new Set(looks)).toEqual(new Set(["behind"]));
});

test("A client of a runtime that counts nothing may take what may wait, each second", () => {
  const link = { send: () => undefined };
  const hop = new LastHop(link, BOUNDS, new Hop().total);
  const frame = stamped("binary");
  const large = binaryFrame({ type: "video-frame", seq: 1, receivedAt: 5, dropped: 0 }, 900);
  expect([hop.pass(large, 0), hop.pass(frame, 0), hop.pass(frame, 1000)]).toEqual(["sent", "waits", "sent"]);
});

describe.each(["text", "binary"] as const)("a frame as %s says", (form) => {
  test("how many were missed here", () => {
    const hop = new Hop();
    for (let count = 0; count < 3; count += 1) hop.pass(stamped(form), BEHIND);
    expect(hop.droppedOf(stamped(form))).toBe(3);
  });

  test("how many were missed here and before, those of the missed ones too", () => {
    const hop = new Hop();
    hop.pass(stamped(form, { dropped: 4 }), BEHIND);
    hop.pass(stamped(form, { dropped: 1 }), BEHIND);
    expect(hop.droppedOf(stamped(form, { dropped: 2 }))).toBe(4 + 1 + 1 + 1 + 2);
  });

  test("so once", () => {
    const hop = new Hop();
    hop.pass(stamped(form), BEHIND);
    hop.droppedOf(stamped(form));
    expect(hop.droppedOf(stamped(form))).toBe(0);
  });

  test("nothing of another type", () => {
    const hop = new Hop();
    hop.pass(stamped(form), BEHIND);
    expect([hop.droppedOf(stamped(form, { type: "audio-frame" })), hop.droppedOf(stamped(form))]).toEqual([0, 1]);
  });
});

test("text and bytes of one type count together", () => {
  const hop = new Hop();
  hop.pass(stamped("text"), BEHIND);
  hop.pass(stamped("binary"), BEHIND);
  expect(hop.droppedOf(stamped("text"))).toBe(2);
});

test("each frame is received or told of, by type, and none waits while nothing else does", () => {
  const step = fc.record({
    type: fc.constantFrom("video-frame", "audio-frame"),
    form: fc.constantFrom<Form>("text", "binary"),
    dropped: fc.nat(3),
    waiting: fc.constantFrom(0, 0, 1, 400, BEHIND, 2000),
    chats: fc.boolean(),
    looks: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const hop = new Hop();
      const offered = new Map<string, number>();
      const accounted = new Map<string, number>();
      const count = (counts: Map<string, number>, type: string, by: number) =>
        counts.set(type, (counts.get(type) ?? 0) + by);
      let held = 0;
      for (const { type, form, dropped, waiting, chats, looks } of steps) {
        if (chats) hop.pass(LIVE, waiting % 700);
        count(offered, type, dropped + 1);
        if (hop.pass(stamped(form, { dropped, type }), waiting) === "waits" && waiting === 0) held += 1;
        if (looks) hop.hop.look(0);
      }
      hop.link.bufferedAmount = 0;
      hop.hop.look(0);
      for (const type of offered.keys()) {
        const frames = hop.sent.filter((message) => typeOf(message) === type);
        for (const message of frames) count(accounted, type, (readLatestStamps(message)?.dropped ?? Number.NaN) + 1);
      }
      expect([[...accounted], held]).toEqual([[...offered], 0]);
    }),
    { seed: 20_261, numRuns: 500 },
  );
});

function typeOf(message: string | ArrayBuffer): string {
  const text = typeof message === "string" ? message : new TextDecoder().decode(message.slice(4));
  return text.includes('"audio-frame"') ? "audio-frame" : text.includes('"video-frame"') ? "video-frame" : "other";
}
