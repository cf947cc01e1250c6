// One consumer behind a line of any pace: every frame is accounted for, nothing else is lost, and nothing grows.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Credits } from "../../connection/credits.ts";
import { Outbox } from "../../connection/outbox.ts";
import { OUTBOX_BOUNDS, outgoing, OutboxRun } from "../support/outbox-run.ts";
import { SlowLink } from "../support/slow-link.ts";

const RUNS = { seed: 20_261_121, numRuns: 400 };
const TYPES = ["video-frame", "audio-frame"] as const;

type Step =
  | { readonly do: "frame"; readonly type: string; readonly bytes: number; readonly dropped: number }
  | { readonly do: "live"; readonly bytes: number }
  | { readonly do: "wait"; readonly ms: number }
  | { readonly do: "pace"; readonly bytesPerS: number }
  | { readonly do: "acknowledge"; readonly few: number }
  | { readonly do: "others"; readonly bytes: number };

const frame = fc.record({
  do: fc.constant("frame" as const),
  type: fc.constantFrom(...TYPES),
  // Small ones, some of which fit together, and now and then one that is larger than all bounds.
  bytes: fc.oneof({ weight: 6, arbitrary: fc.integer({ min: 80, max: 3000 }) }, fc.constantFrom(4999, 5001, 40_000)),
  dropped: fc.constantFrom(0, 0, 0, 2),
});
const live = fc.record({ do: fc.constant("live" as const), bytes: fc.integer({ min: 60, max: 900 }) });
const wait = fc.record({
  do: fc.constant("wait" as const),
  ms: fc.constantFrom(0, 1, 20, 33, 33, 40, 100, 990, 1000, 1500),
});
const pace = fc.record({
  do: fc.constant("pace" as const),
  bytesPerS: fc.constantFrom(0, 100, 3000, 10_000, 100_000),
});
const others = fc.record({ do: fc.constant("others" as const), bytes: fc.constantFrom(0, 0, 27_000, 30_000) });
const acknowledge = fc.record({ do: fc.constant("acknowledge" as const), few: fc.nat(3) });

const steps = fc.array(
  fc.oneof(
    { weight: 10, arbitrary: frame },
    { weight: 2, arbitrary: live },
    { weight: 8, arbitrary: wait },
    { weight: 2, arbitrary: pace },
    { weight: 2, arbitrary: acknowledge },
    { weight: 1, arbitrary: others },
  ),
  { minLength: 20, maxLength: 120, size: "max" },
);
const window = fc.constantFrom(undefined, undefined, 1, 3);

function run(all: readonly Step[], credits: number | undefined): OutboxRun {
  const one = new OutboxRun(3000, credits);
  for (const step of all) apply(one, step);
  return one;
}

function apply(one: OutboxRun, step: Step): void {
  switch (step.do) {
    case "frame":
      // Several types with credits are tried in credits.test.ts: their numbers need not rise.
      one.frame(one.hasWindow ? "video-frame" : step.type, step.bytes, step.dropped);
      break;
    case "live":
      one.live(step.bytes);
      break;
    case "wait":
      one.wait(step.ms);
      break;
    case "pace":
      one.link.bytesPerS = step.bytesPerS;
      break;
    case "acknowledge":
      one.acknowledgeAllBut(step.few);
      break;
    case "others":
      one.elsewhere = step.bytes;
      break;
  }
}

type Make = (all: readonly Step[], credits: number | undefined) => OutboxRun;

/** The seed is the same for every test, and so are the runs: one that tests only look at is made once for all of them. */
function once(make: Make): Make {
  const made = new Map<string, OutboxRun>();
  return (all, credits) => {
    const key = JSON.stringify([all, credits]);
    const one = made.get(key) ?? make(all, credits);
    made.set(key, one);
    return one;
  };
}

const seen = once(run);
const drained = once((all, credits) => {
  const one = run(all, credits);
  one.drain();
  return one;
});

/** @param make `run` where the test goes on with what it is given, and so needs one of its own */
function check(make: Make, holds: (one: OutboxRun) => void): void {
  fc.assert(
    fc.property(steps, window, (all, credits) => {
      holds(make(all, credits));
    }),
    RUNS,
  );
}

const rises = (numbers: readonly number[]): boolean => numbers.every((number, at) => number > (numbers[at - 1] ?? -1));

describe("whatever the line does", () => {
  test("each frame is sent or told as missed, once all is read", () => {
    check(drained, (one) => {
      // Who had to go has lost what waited.
      const offered = one.ended === undefined ? one.offered : one.accounted;
      expect(Object.fromEntries(one.accounted)).toEqual(Object.fromEntries(offered));
    });
  });

  test("each frame that gave way is told to the gateway once, so sent and given way make all", () => {
    check(run, (one) => {
      const frames = one.arrived.filter(({ dropped }) => dropped !== undefined).length;
      const carried = [...one.offered.values()].reduce((sum, count) => sum + count, 0);
      expect(frames + one.gaveWay + one.waiting.size).toBeLessThanOrEqual(carried);
      one.drain();
      expect(one.ended !== undefined || one.waiting.size === 0).toBe(true);
    });
  });

  test("the numbers of a type rise", () => {
    check(drained, (one) => {
      const byType = Map.groupBy(one.arrived, ({ type }) => type);
      for (const messages of byType.values()) expect(rises(messages.map(({ seq }) => seq))).toBe(true);
    });
  });

  test("other messages arrive all and in order, or the consumer is told to go", () => {
    check(drained, (one) => {
      const chats = one.arrived.filter(({ type }) => type === "chat").map(({ seq }) => seq);
      expect(chats).toEqual(one.taken);
    });
  });

  test("what waits stays within the bounds, but for one message where nothing waited", () => {
    check(seen, ({ link }) => {
      for (const { text, waitingBefore } of link.sent) {
        const isFrame = text.includes('"dropped"');
        const bound = isFrame ? OUTBOX_BOUNDS.consumerBufferBytes / 2 : OUTBOX_BOUNDS.consumerBufferBytes;
        const bytes = text.length;
        expect(waitingBefore === 0 || waitingBefore + bytes <= bound + 10).toBe(true);
      }
    });
  });

  test("a message is sent exactly where there is room and credit, and a frame that waits at the first look after", () => {
    check(drained, (one) => {
      expect(one.wrong.filter((what) => !what.startsWith("stalled"))).toEqual([]);
    });
  });

  test("a consumer is called stalled where no byte moved for so long, and nowhere else", () => {
    check(seen, (one) => expect(one.wrong).toEqual([]));
  });

  // `#note` compares what waits before one message with what waited before the last: where that one was at least as large
  // as what has moved since, the movement is not seen. It should also note what waits right after a message is sent.
  test("a consumer is not called stalled that reads a message a second, and is always one behind", () => {
    const one = new OutboxRun(500);
    one.live(500);
    for (let second = 0; second < 20; second += 1) {
      one.live(500);
      one.wait(1000);
    }
    expect(one.ended).toBeUndefined();
  });

  test("the runs are worth something: frames are sent, wait, give way, and consumers go for each reason", () => {
    const runs = fc.sample(fc.tuple(steps, window), RUNS).map(([all, credits]) => seen(all, credits));
    const share = (is: (one: OutboxRun) => boolean): number => runs.filter(is).length / runs.length;
    expect(share(({ gaveWay }) => gaveWay > 3)).toBeGreaterThan(0.2);
    expect(share(({ link }) => link.sent.length > 10)).toBeGreaterThan(0.2);
    expect(share(({ ended }) => ended === "overflow")).toBeGreaterThan(0.01);
    expect(share(({ ended }) => ended === "stalled")).toBeGreaterThan(0.01);
  });
});

describe("a consumer", () => {
  const EMPTY = { bytes: 0, add: () => undefined };

  function start({ credits, knowsMissed = true }: { credits?: number; knowsMissed?: boolean } = {}) {
    const link = new SlowLink(0);
    const outbox = new Outbox({
      link,
      bounds: OUTBOX_BOUNDS,
      missedAtFirst: knowsMissed ? 0 : undefined,
      dropped: () => undefined,
    });
    outbox.agree(credits === undefined ? undefined : new Credits(credits), false);
    const offer = (seq: number, bytes = 1000) => outbox.offer(outgoing("video-frame", "latest", seq, bytes), EMPTY, 0);
    return { link, outbox, offer };
  }

  test("whose line is broken is told so for each message, and at a look only where one is sent", () => {
    const { link, outbox, offer } = start();
    [1, 2, 3, 4, 5, 6].map((seq) => offer(seq));
    link.isBroken = true;
    expect(outbox.look(EMPTY, 0)).toBe("waits");
    link.bytesPerS = 1_000_000;
    link.drain(1000);
    expect(outbox.look(EMPTY, 0)).toBe("broken");
    expect([offer(7), outbox.tell({ bytes: 2 }, "{}", EMPTY, 0)]).toEqual(["broken", "broken"]);
  });

  test("that nothing was sent to is clear", () => {
    expect(start().outbox.look(EMPTY, 1_000_000)).toBe("clear");
  });

  test("whose frame waits for credits is clear once it has read all, and behind until then", () => {
    const { link, outbox, offer } = start({ credits: 1 });
    expect([offer(1), offer(2), outbox.look(EMPTY, 0)]).toEqual(["sent", "awaits-credit", "behind"]);
    link.bytesPerS = 1_000_000;
    link.drain(1000);
    expect(outbox.look(EMPTY, 0)).toBe("clear");
  });

  test("that has credits again and no room has a frame that waits", () => {
    const { outbox, offer } = start({ credits: 1 });
    offer(1, 5000);
    offer(2);
    outbox.acknowledge(1);
    expect(outbox.look(EMPTY, 0)).toBe("waits");
  });

  test("that registers anew has its credits anew, and is not sent what waited before", () => {
    const { link, outbox, offer } = start({ credits: 1 });
    [1, 2].map((seq) => offer(seq));
    outbox.restart();
    outbox.agree(new Credits(2), false);
    expect(outbox.waitingBytes).toBe(0);
    outbox.look(EMPTY, 0);
    expect(link.sent).toHaveLength(1);
    expect([3, 4, 5].map((seq) => offer(seq))).toEqual(["sent", "sent", "awaits-credit"]);
  });

  test("of which nobody knows what it missed is told nothing of it once, whatever gives way", () => {
    const { link, offer, outbox } = start({ knowsMissed: false, credits: 1 });
    for (const seq of [1, 2, 3]) offer(seq);
    outbox.acknowledge(1);
    outbox.look(EMPTY, 0);
    expect(link.sent.map(({ text }) => (JSON.parse(text) as { dropped?: number }).dropped)).toEqual([undefined, 1]);
  });

  test("is measured only where something waits", () => {
    const { outbox } = start();
    let asked = 0;
    const message = {
      ...outgoing("video-frame", "latest", 1, 1000),
      get bytes() {
        return (asked += 1);
      },
    };
    const total = {
      get bytes() {
        return (asked += 1);
      },
      add: () => undefined,
    };
    expect([outbox.offer(message, total, 0), asked]).toEqual(["sent", 0]);
    outbox.offer(message, total, 0);
    expect(asked).toBeGreaterThan(0);
  });

  test("is asked once for what waits with each message where nothing does", () => {
    let asked = 0;
    const link = {
      get bufferedAmount() {
        asked += 1;
        return 0;
      },
      send: () => undefined,
    };
    const options = { link, bounds: OUTBOX_BOUNDS, missedAtFirst: 0, credits: undefined, dropped: () => undefined };
    const outbox = new Outbox({ ...options, missedAtFirst: 0 });
    asked = 0;
    for (const lane of ["latest", "live", "durable"] as const) outbox.offer(outgoing("a", lane, 1, 60), EMPTY, 0);
    expect(asked).toBe(3);
  });

  test("of a runtime that counts nothing may take what it may leave waiting, each second", () => {
    const sent: unknown[] = [];
    const link = { send: (form: unknown) => void sent.push(form) };
    const outbox = new Outbox({
      link,
      bounds: OUTBOX_BOUNDS,
      missedAtFirst: 0,
      dropped: () => undefined,
    });
    const offer = (seq: number, nowMs: number) =>
      outbox.offer(outgoing("video-frame", "latest", seq, 2500), EMPTY, nowMs);
    expect([1, 2, 3].map((seq) => offer(seq, 0))).toEqual(["sent", "sent", "waits"]);
    expect([outbox.look(EMPTY, 249), outbox.look(EMPTY, 250)]).toEqual(["waits", "behind"]);
    expect([outbox.look(EMPTY, 749), outbox.look(EMPTY, 750), sent.length]).toEqual(["behind", "clear", 3]);
  });
});

test("A frame for one consumer is the same whatever another one reads", () => {
  const [slow, quick] = [new OutboxRun(0), new OutboxRun(1_000_000)];
  for (let count = 0; count < 50; count += 1) {
    for (const one of [slow, quick]) {
      one.frame("video-frame", 2000);
      one.wait(33);
    }
  }
  expect(quick.arrived.map(({ dropped }) => dropped)).toEqual(Array.from({ length: 50 }, () => 0));
  expect([quick.ended, slow.arrived.length]).toEqual([undefined, 2]);
});

test("A line that breaks in between loses nothing but itself", () => {
  check(run, (one) => {
    one.link.isBroken = true;
    one.live(60);
    expect(["broken", "overflow", "stalled"]).toContain(one.ended);
    expect(one.wrong.filter((what) => !what.startsWith("stalled"))).toEqual([]);
  });
});
