// Whether any mix of messages with late answers keeps the order of the client and the order of the decisions.
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { PING_TEXT } from "../../../../protocol/answers.ts";
import type { Code } from "../../../../protocol/codes.ts";
import { ALICE, ALICE_ANEW, BOB, HeldClient, type Step } from "../../../support/held-client.ts";

const SEED = 20_261;

const VERDICTS = {
  alice: ALICE,
  again: ALICE_ANEW,
  bob: BOB,
  bad: { code: "AUTH_FAILED" },
  unavailable: { code: "AUTH_UNAVAILABLE" },
} as const;

/** What may happen next; an answer that nobody waits for does not happen. */
type Event =
  | { readonly kind: "text"; readonly items: readonly string[] }
  | { readonly kind: "bytes"; readonly message: ArrayBuffer }
  | { readonly kind: "verified"; readonly verdict: keyof typeof VERDICTS }
  | { readonly kind: "joined"; readonly refusal: Code | undefined }
  | { readonly kind: "time"; readonly ms: number }
  | { readonly kind: "timed-out" | "left" };

const item = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ type: "auth", token: "t" }) },
  {
    weight: 4,
    arbitrary: fc.constantFrom("cam-1", "cam-2", "a/b").map((streamId) => ({ type: "register", streamId })),
  },
  { weight: 4, arbitrary: fc.constantFrom("video-frame", "alert", "chat").map((type) => ({ type })) },
  { weight: 1, arbitrary: fc.constantFrom({ type: "ping" }, { type: "frame-ack", seq: 1 }, { type: "success" }, {}) },
);

const event = fc.oneof<fc.WeightedArbitrary<Event>[]>(
  {
    weight: 8,
    arbitrary: fc.array(item, { minLength: 1, maxLength: 4 }).map((items) => ({
      kind: "text" as const,
      items: items.map((one) => JSON.stringify(one)),
    })),
  },
  { weight: 1, arbitrary: fc.constantFrom("junk", "{", "").map((text) => ({ kind: "text" as const, items: [text] })) },
  {
    weight: 2,
    arbitrary: fc.uint8Array({ maxLength: 8 }).map((bytes) => ({
      kind: "bytes" as const,
      message: new Uint8Array(bytes).buffer,
    })),
  },
  {
    weight: 4,
    arbitrary: fc
      .constantFrom(
        "alice" as const,
        "alice" as const,
        "again" as const,
        "bob" as const,
        "bad" as const,
        "unavailable" as const,
      )
      .map((verdict) => ({ kind: "verified" as const, verdict })),
  },
  {
    weight: 4,
    arbitrary: fc
      .constantFrom<Code | undefined>(undefined, undefined, "UNAUTHORIZED", "STREAM_FULL")
      .map((refusal) => ({ kind: "joined" as const, refusal })),
  },
  { weight: 4, arbitrary: fc.constantFrom(1, 11_000).map((ms) => ({ kind: "time" as const, ms })) },
  { weight: 1, arbitrary: fc.constantFrom("timed-out" as const, "left" as const).map((kind) => ({ kind })) },
);

const events = fc.array(event, { maxLength: 30 });

/** Holds a handshake as the holder of a socket does, and notes what it was asked to do. */
class Run {
  readonly client: HeldClient;
  readonly forwarded: (string | ArrayBuffer)[] = [];
  /** Every message of the client so far, lines of one text apart; keepalives that were answered are none. */
  readonly sent: (string | ArrayBuffer)[] = [];
  readonly broken: string[] = [];
  /** Whose token was good first. */
  userId: string | undefined;
  joined = false;
  /** The stream that was asked for last. */
  askedFor: string | undefined;
  #waitsFor: "verify" | "join" | undefined;
  #over = false;

  constructor(door: "stream" | "register" | "ws") {
    this.userId = door === "ws" ? ALICE.principal.userId : undefined;
    this.client = new HeldClient({
      ...(door === "stream" && { streamId: "cam-1" }),
      ...(door === "ws" && { who: ALICE }),
    });
  }

  happen(next: Event): void {
    if (this.#over) return; // the socket is closed: nothing arrives and answers come too late
    switch (next.kind) {
      case "text":
        if (next.items.join("\n") !== PING_TEXT) this.sent.push(...next.items);
        return this.#perform(this.client.send(next.items.join("\n")));
      case "bytes":
        this.sent.push(next.message);
        return this.#perform(this.client.send(next.message));
      case "verified":
        if (this.#waitsFor !== "verify") return;
        this.#waitsFor = undefined;
        return this.#verified(VERDICTS[next.verdict]);
      case "joined":
        if (this.#waitsFor !== "join") return;
        this.#waitsFor = undefined;
        this.joined = next.refusal === undefined;
        return this.#perform(this.client.joined(next.refusal));
      case "time":
        this.client.nowMs += next.ms;
        return;
      case "timed-out":
        return this.#perform(this.client.timedOut());
      case "left":
        this.client.handshake.left();
        this.#over = true;
    }
  }

  /** Answers whatever is still asked, well. */
  settle(): void {
    while (!this.#over && this.#waitsFor !== undefined) {
      this.happen({ kind: "verified", verdict: this.userId === "bob" ? "bob" : "alice" });
      this.happen({ kind: "joined", refusal: undefined });
    }
  }

  #verified(verdict: (typeof VERDICTS)[keyof typeof VERDICTS]): void {
    if ("principal" in verdict) this.userId ??= verdict.principal.userId;
    this.#perform(this.client.verified(verdict));
  }

  get isOver(): boolean {
    return this.#over;
  }

  #perform(steps: readonly Step[]): void {
    for (const step of steps) {
      if (this.#over) this.broken.push("something followed a refusal");
      if ("told" in step) continue;
      switch (step.do) {
        case "verify":
          if (this.#waitsFor !== undefined) this.broken.push("a second token was verified meanwhile");
          this.#waitsFor = "verify";
          break;
        case "join":
          if (step.who.principal.userId !== this.userId) this.broken.push("a stream was asked for somebody else");
          if (this.#waitsFor !== undefined || this.joined) this.broken.push("a second stream was asked");
          this.#waitsFor = "join";
          this.askedFor = step.streamId;
          break;
        case "forward":
          if (!this.joined) this.broken.push("a message was forwarded to nobody");
          // A text that waited is forwarded whole; the object takes it apart.
          this.forwarded.push(...(typeof step.message === "string" ? step.message.split("\n") : [step.message]));
          break;
        case "refuse":
          this.#over = true;
          break;
        case "allow-time-to-register":
          break;
      }
    }
  }
}

const door = fc.constantFrom("stream" as const, "register" as const, "ws" as const);

/** Runs it all and hands over what the client sees of it; the parameters make each run the same. */
function forEachRun(check: (run: Run) => void): void {
  fc.assert(
    fc.property(door, events, (where, all) => {
      const run = new Run(where);
      for (const next of all) run.happen(next);
      run.settle();
      check(run);
    }),
    { seed: SEED, numRuns: 3000 },
  );
}

test("nothing is forwarded before a good token and a stream that took the socket, and nothing follows the end", () => {
  forEachRun((run) => expect(run.broken).toEqual([]));
});

test("what is forwarded is what the client sent last, whole and in its order", () => {
  let joinedRuns = 0;
  forEachRun(({ forwarded, sent, joined, isOver }) => {
    if (!joined || isOver) return;
    joinedRuns += 1;
    expect(forwarded).toEqual(sent.slice(sent.length - forwarded.length));
  });
  expect(joinedRuns).toBeGreaterThan(300);
});

test("where register names the stream it is the first message that is forwarded, and to the stream that it names", () => {
  fc.assert(
    fc.property(events, (all) => {
      const run = new Run("ws");
      for (const next of all) run.happen(next);
      run.settle();
      fc.pre(run.joined);
      expect(run.forwarded[0]).toBe(JSON.stringify({ type: "register", streamId: run.askedFor }));
    }),
    { seed: SEED, numRuns: 500 },
  );
});

test("where the path names the stream all is forwarded that came after the first auth", () => {
  const firstAuth = JSON.stringify({ type: "auth", token: "t" });
  fc.assert(
    fc.property(events, (all) => {
      const run = new Run("stream");
      for (const next of all) run.happen(next);
      run.settle();
      fc.pre(run.joined && !run.isOver);
      expect(run.forwarded).toEqual(run.sent.slice(run.sent.indexOf(firstAuth) + 1));
    }),
    { seed: SEED, numRuns: 300 },
  );
});

test("no text, no bytes and no answer at any time make it throw", () => {
  const anyText = fc.string({ unit: fc.nat(0xffff).map((unit) => String.fromCharCode(unit)), maxLength: 40 });
  const anything = fc.oneof(
    event,
    anyText.map((text) => ({ kind: "text" as const, items: [text] })),
  );
  fc.assert(
    fc.property(door, fc.array(anything, { maxLength: 30 }), (where, all) => {
      const { client } = new Run(where);
      const answers = all.map((next) => {
        if (next.kind === "text") return client.send(next.items.join("\n"));
        if (next.kind === "bytes") return client.send(next.message);
        if (next.kind === "verified") return client.verified(VERDICTS[next.verdict]);
        return next.kind === "joined" ? client.joined(next.refusal) : client.timedOut();
      });
      expect(answers).toHaveLength(all.length);
    }),
    { seed: SEED, numRuns: 1000 },
  );
});
