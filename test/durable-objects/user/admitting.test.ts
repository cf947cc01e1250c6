// Whether one more connection may open: not by what is revoked, never beyond the limit, and the oldest of the session gives way.
import { beforeEach, describe, expect, test } from "vitest";
import { Admitting, type Admittance, refusalOf } from "../../../durable-objects/user/admitting.ts";
import { Connections, type Place } from "../../../durable-objects/user/connections.ts";
import { Revocations } from "../../../durable-objects/user/revocations.ts";
import { TicketStreams } from "../../../durable-objects/user/ticket-streams.ts";
import { MemoryStorage } from "../../support/memory-storage.ts";

/** The object of anna with room for two, and the streams that hold her connections. */
class Anna {
  nowMs = 1_000_000;
  readonly live = new Map<string, string>();
  readonly deaf = new Set<string>();
  readonly asked: string[] = [];
  readonly gaveWay: string[] = [];
  /** Streams answer when it resolves. */
  answers: Promise<unknown> = Promise.resolve();
  readonly connections: Connections;
  readonly revocations: Revocations;
  readonly tickets: TicketStreams;
  readonly admitting: Admitting;

  constructor(storage = new MemoryStorage()) {
    this.connections = new Connections(storage, 2, () => 0);
    this.revocations = new Revocations(storage, 1_000_000);
    this.tickets = new TicketStreams(storage);
    this.admitting = new Admitting({
      connections: this.connections,
      revocations: this.revocations,
      tickets: this.tickets,
      streams: {
        whichLive: async (streamId, ids) => {
          this.asked.push(streamId);
          await this.#answer(streamId);
          return ids.filter((id) => this.live.get(id) === streamId);
        },
        giveWay: async (streamId, connectionId) => {
          await this.#answer(streamId);
          this.live.delete(connectionId);
          this.gaveWay.push(connectionId);
        },
      },
      now: () => this.nowMs,
    });
  }

  async #answer(streamId: string): Promise<void> {
    await this.answers;
    if (this.deaf.has(streamId)) throw new Error("overloaded");
  }

  /** Asks for a connection, and opens it where it may. */
  async open(connectionId: string, { sessionId = "s", streamId = "cam", issuedAtS = 1000 } = {}): Promise<Admittance> {
    this.nowMs += 1;
    const place: Place = { kind: "stream", streamId };
    const admittance = await this.admitting.admit({ userId: "anna", sessionId, issuedAtS }, connectionId, place);
    if (admittance === "admitted") this.live.set(connectionId, streamId);
    return admittance;
  }

  revoke(sessionId: string | undefined): void {
    this.revocations.add({ userId: "anna", sessionId, issuedBeforeS: 1000 }, this.nowMs);
  }
}

let anna: Anna;
beforeEach(() => {
  anna = new Anna();
});

test("Where there is room nobody is asked", async () => {
  expect([await anna.open("a"), await anna.open("b"), anna.asked]).toEqual(["admitted", "admitted", []]);
});

describe("a list that is full", () => {
  test("has room where a connection is gone, and asks each stream once", async () => {
    await anna.open("a");
    await anna.open("b");
    anna.live.clear();
    expect([await anna.open("c"), await anna.open("d"), anna.asked]).toEqual(["admitted", "admitted", ["cam"]]);
  });

  test("has the oldest of the session give way", async () => {
    for (const id of ["a", "b", "c"]) expect(await anna.open(id)).toBe("admitted");
    expect([anna.gaveWay, [...anna.live.keys()]]).toEqual([["a"], ["b", "c"]]);
  });

  test("has no other session give way: the new one is refused", async () => {
    await anna.open("a", { sessionId: "one" });
    await anna.open("b", { sessionId: "two" });
    expect([await anna.open("c", { sessionId: "three" }), anna.gaveWay]).toEqual(["full", []]);
    expect([await anna.open("d", { sessionId: "two" }), anna.gaveWay]).toEqual(["admitted", ["b"]]);
  });

  test("has room for a connection that is on it", async () => {
    await anna.open("a");
    await anna.open("b");
    expect([await anna.open("a", { sessionId: "renewed" }), anna.asked]).toEqual(["admitted", []]);
  });

  test("counts those of a stream that cannot be asked as live", async () => {
    await anna.open("a", { streamId: "deaf", sessionId: "one" });
    await anna.open("b", { sessionId: "two" });
    anna.live.clear();
    anna.deaf.add("deaf");
    expect([await anna.open("c"), await anna.open("d", { sessionId: "three" })]).toEqual(["admitted", "full"]);
  });

  test("lets nobody in where the one that must give way cannot be reached", async () => {
    await anna.open("a");
    await anna.open("b");
    anna.deaf.add("cam");
    expect([await anna.open("c"), anna.live.size]).toEqual(["unreachable", 2]);
  });

  test("gives one place to one, however many ask at once", async () => {
    await anna.open("a", { sessionId: "one" });
    await anna.open("b", { sessionId: "two" });
    anna.live.delete("a");
    const all = await Promise.all(["c", "d", "e"].map((id) => anna.open(id, { sessionId: "three" })));
    // The second and the third find the first one, which is of their own session.
    expect([all, anna.live.size]).toEqual([["admitted", "admitted", "admitted"], 2]);
    expect(anna.gaveWay).toEqual(["c", "d"]);
  });

  test("asks once for all who came before it asked", async () => {
    await anna.open("a", { sessionId: "one" });
    await anna.open("b", { sessionId: "two" });
    const all = await Promise.all(["c", "d", "e"].map((id) => anna.open(id, { sessionId: id })));
    expect([all, anna.asked]).toEqual([["full", "full", "full"], ["cam"]]);
  });

  test("has nobody give way for one who has waited too long", async () => {
    await anna.open("a");
    await anna.open("b");
    const { promise, resolve } = Promise.withResolvers<void>();
    anna.answers = promise;
    const [first, second] = [anna.open("c"), anna.open("d")];
    await expect.poll(() => anna.asked).toEqual(["cam"]);
    anna.nowMs += 1001;
    resolve();
    expect([await first, await second, anna.gaveWay]).toEqual(["admitted", "unreachable", ["a"]]);
  });
});

describe("a ticket of the user", () => {
  const subject = { userId: "anna", sessionId: "s", issuedAtS: 1000 };
  const place = { kind: "ticket", streamId: "door", untilMs: 2_000_000 } as const;

  test("opens however many connections there are, and its stream is remembered", async () => {
    await anna.open("a");
    await anna.open("b");
    expect([anna.admitting.admit(subject, "t", place), anna.tickets.streamIds]).toEqual(["admitted", ["door"]]);
    expect(anna.connections.placed).toHaveLength(2);
  });

  test("opens nothing where the session behind it is revoked", () => {
    anna.revoke("s");
    expect([anna.admitting.admit(subject, "t", place), anna.tickets.streamIds]).toEqual(["revoked", []]);
  });
});

describe("what is revoked", () => {
  test("does not come in, and is not counted", async () => {
    anna.revoke("s");
    expect([await anna.open("a"), anna.connections.placed]).toEqual(["revoked", []]);
    expect([await anna.open("b", { sessionId: "other" }), await anna.open("c", { issuedAtS: 1001 })]).toEqual([
      "admitted",
      "admitted",
    ]);
  });

  test("does not come in where the word came while room was made", async () => {
    await anna.open("a");
    await anna.open("b");
    const { promise, resolve } = Promise.withResolvers<void>();
    anna.answers = promise;
    const asking = anna.open("c");
    anna.revoke(undefined);
    resolve();
    expect(await asking).toBe("revoked");
  });

  test("does not go on under a connection that is known", async () => {
    await anna.open("a");
    anna.revoke("s");
    expect(await anna.open("a")).toBe("revoked");
  });
});

test("Each answer but yes has its code", () => {
  expect((["admitted", "revoked", "full", "unreachable"] as const).map(refusalOf)).toEqual([
    undefined,
    "SESSION_REVOKED",
    "CONNECTION_LIMIT",
    "OVERLOADED",
  ]);
});
