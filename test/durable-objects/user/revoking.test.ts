// From a revocation to the streams: noted first, told to each that may hold a connection, and again until it has heard.
import { beforeEach, describe, expect, test } from "vitest";
import type { Revocation } from "../../../auth/revocation.ts";
import { Connections } from "../../../durable-objects/user/connections.ts";
import { Revoking } from "../../../durable-objects/user/revoking.ts";
import { TicketStreams } from "../../../durable-objects/user/ticket-streams.ts";
import { MemoryStorage } from "../../support/memory-storage.ts";

const KEPT_MS = 100_000_000;
const PHONE = { userId: "anna", sessionId: "phone" };
const REVOCATION: Revocation = { userId: "anna", sessionId: undefined, issuedBeforeS: 5000 };

/** The object of anna, with streams that are deaf as long as a test says so. */
class Anna {
  nowMs = 5_000_000;
  readonly storage = new MemoryStorage();
  readonly connections = new Connections(this.storage, 64, () => 0);
  readonly tickets = new TicketStreams(this.storage);
  readonly deaf = new Set<string>();
  readonly told: { streamId: string; graceMs: number }[] = [];
  /** What was said, and what was revoked for all who came at that moment. */
  readonly said: [Revocation, readonly Revocation[]][] = [];
  alarmAtMs: number | undefined;
  revoking = this.#start();

  #start(): Revoking {
    return new Revoking({
      storage: this.storage,
      connections: this.connections,
      tickets: this.tickets,
      keptForMs: KEPT_MS,
      tell: async (streamId, revocation, graceMs) => {
        if (this.deaf.has(streamId)) throw new Error("overloaded");
        this.told.push({ streamId, graceMs });
        this.said.push([revocation, this.revoking.revocations.listOf(PHONE)]);
      },
      wakeAt: (atMs) => (this.alarmAtMs = atMs),
      now: () => this.nowMs,
    });
  }

  connect(connectionId: string, streamId: string): void {
    this.connections.note(connectionId, "s", { kind: "stream", streamId }, this.nowMs);
  }

  revoke(graceMs = 0): Promise<void> {
    return this.revoking.revoke(REVOCATION, graceMs);
  }

  /** Time goes on until the alarm rings, and it rings. */
  async ring(): Promise<void> {
    this.nowMs = Math.max(this.nowMs, this.alarmAtMs ?? this.nowMs);
    await this.revoking.rang();
  }

  restart(): void {
    this.revoking = this.#start();
  }

  get toldStreams(): readonly string[] {
    return this.told.map(({ streamId }) => streamId);
  }
}

let anna: Anna;
beforeEach(() => {
  anna = new Anna();
});

describe("a revocation", () => {
  test("is told to each stream once, however many connections are there", async () => {
    anna.connect("a", "cam");
    anna.connect("b", "cam");
    anna.connect("c", "door");
    await anna.revoke();
    expect(anna.toldStreams.toSorted()).toEqual(["cam", "door"]);
  });

  test("of a session is told as one of that session", async () => {
    anna.connect("a", "cam");
    await anna.revoking.revoke({ ...REVOCATION, sessionId: "s-1" }, 0);
    expect(anna.said.map(([said]) => said)).toEqual([{ ...REVOCATION, sessionId: "s-1" }]);
  });

  test("is told to streams on which a ticket of the user may be in use", async () => {
    anna.tickets.note({ streamId: "door", untilMs: anna.nowMs + 1 }, anna.nowMs);
    anna.connect("a", "cam");
    await anna.revoke();
    expect(anna.toldStreams.toSorted()).toEqual(["cam", "door"]);
  });

  test("holds for all who come before any stream hears of it", async () => {
    anna.connect("a", "cam");
    await anna.revoke();
    expect(anna.said).toEqual([[REVOCATION, [REVOCATION]]]);
  });

  test("is told to no stream where nobody is connected, nor where the Worker holds a socket", async () => {
    anna.connections.note("a", "s", { kind: "edge", forMs: 10_000 }, anna.nowMs);
    await anna.revoke();
    expect(anna.told).toEqual([]);
  });

  test("leaves when nothing can be around that it ends", async () => {
    await anna.revoke();
    expect(anna.alarmAtMs).toBe(5_000_000 + KEPT_MS);
    anna.alarmAtMs = undefined;
    anna.nowMs += KEPT_MS;
    await anna.ring();
    expect([anna.revoking.revocations.listOf(PHONE), anna.alarmAtMs]).toEqual([[], undefined]);
  });

  test("of hundreds of streams is told to all of them", async () => {
    const all = Array.from({ length: 64 }, (_, index) => `cam-${index}`);
    for (const streamId of all) anna.connect(streamId, streamId);
    anna.deaf.add("cam-0");
    await anna.revoke();
    anna.deaf.clear();
    await anna.revoke();
    expect(new Set(anna.toldStreams)).toEqual(new Set(all));
  });
});

describe("a stream that cannot be told", () => {
  beforeEach(() => {
    anna.connect("a", "cam");
    anna.connect("b", "door");
    anna.deaf.add("cam");
  });

  test("is told again, after a second, then two, up to five minutes; the others have heard", async () => {
    await anna.revoke();
    expect(anna.toldStreams).toEqual(["door"]);
    const pauses: number[] = [];
    for (let time = 0; time < 11; time += 1) {
      pauses.push((anna.alarmAtMs ?? 0) - anna.nowMs);
      await anna.ring();
    }
    expect(pauses).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 64_000, 128_000, 256_000, 300_000, 300_000]);
    anna.deaf.clear();
    await anna.ring();
    expect(anna.toldStreams).toEqual(["door", "cam"]);
    expect(anna.alarmAtMs).toBe(5_000_000 + KEPT_MS);
  });

  test("is told again in its own time, however many others wait", async () => {
    anna.deaf.add("door");
    await anna.revoke();
    anna.deaf.delete("cam");
    anna.connect("c", "lawn");
    anna.deaf.add("lawn");
    anna.nowMs += 500;
    await anna.revoke();
    expect(anna.alarmAtMs).toBe(5_001_000);
    await anna.ring();
    expect(anna.toldStreams).toEqual(["cam", "cam"]);
  });

  test("is told after a restart", async () => {
    await anna.revoke();
    anna.restart();
    anna.deaf.clear();
    await anna.ring();
    expect(anna.toldStreams).toEqual(["door", "cam"]);
  });

  test("is told on though the revocation itself was forgotten meanwhile", async () => {
    await anna.revoke();
    anna.nowMs += KEPT_MS;
    await anna.ring();
    expect([anna.revoking.revocations.listOf(PHONE), anna.alarmAtMs]).toEqual([[], anna.nowMs + 2000]);
  });

  test("has no more than what is left of the grace", async () => {
    await anna.revoke(60_000);
    anna.deaf.clear();
    await anna.ring();
    expect(anna.told).toEqual([
      { streamId: "door", graceMs: 60_000 },
      { streamId: "cam", graceMs: 59_000 },
    ]);
  });

  test("has no grace left where it is over", async () => {
    await anna.revoke(500);
    anna.deaf.clear();
    await anna.ring();
    expect(anna.told.at(-1)).toEqual({ streamId: "cam", graceMs: 0 });
  });
});

test("A word that is under way is not sent a second time, and is, should nothing be heard of it", async () => {
  anna.connect("a", "cam");
  const never = new Promise<void>(() => {});
  let sent = 0;
  const mute = new Revoking({
    storage: anna.storage,
    connections: anna.connections,
    tickets: anna.tickets,
    keptForMs: KEPT_MS,
    tell: () => {
      sent += 1;
      return never;
    },
    wakeAt: (atMs) => (anna.alarmAtMs = atMs),
    now: () => anna.nowMs,
  });
  void mute.revoke(REVOCATION, 0);
  // From the first moment: the object may end before anybody answers.
  expect([sent, anna.alarmAtMs]).toEqual([1, anna.nowMs + 10_000]);
  void mute.rang();
  expect([sent, anna.alarmAtMs]).toEqual([1, anna.nowMs + 10_000]);
  anna.nowMs += 10_000;
  void mute.rang();
  expect(sent).toBe(2);
});
