// What passes between two joined sockets, and how each way to end it is told to both.
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { EdgeMemory } from "../../../../worker/edge/edge-memory.ts";
import { Pipe, type PipeOver } from "../../../../worker/proxy/sockets/pipe.ts";
import { FakeRelayedSocket } from "../../../support/fake-relayed-socket.ts";

const STALL_MS = 30_000;
const BOUNDS = { consumerBufferBytes: 1000, objectBufferBytes: 5000, stallMs: STALL_MS };
const DAY_MS = 86_400_000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function join(endsAtMs?: number, memory = new EdgeMemory()) {
  const [client, upstream] = [new FakeRelayedSocket(), new FakeRelayedSocket()];
  const cuts = { client: vi.fn<() => void>(), upstream: vi.fn<() => void>() };
  const over = vi.fn<(over: PipeOver) => void>();
  const pipe = new Pipe({
    client: { socket: client, cut: cuts.client },
    upstream: { socket: upstream, cut: cuts.upstream },
    bounds: BOUNDS,
    memory,
    endsAtMs,
    over,
  });
  const closes = () => [client.closedWith, upstream.closedWith];
  return { pipe, client, upstream, memory, cuts, over, closes };
}

const SIDES = [
  ["client", "upstream"],
  ["upstream", "client"],
] as const;

describe.each(SIDES)("what the %s says", (near, far) => {
  test("reaches the other side as it is, texts and bytes, in their order", () => {
    const joined = join();
    const bytes = new Uint8Array([0, 255, 128]).buffer;
    const said = ["", "one", bytes, '{"type":"ping"}', new ArrayBuffer(0), "ä€😀"];
    for (const message of said) joined[near].says(message);
    expect(joined[far].sent).toEqual(said);
    expect(joined[far].sent[2]).toBe(bytes);
    expect(joined[near].sent).toEqual([]);
  });

  test("passes where it is larger than the bound and nothing waits", () => {
    const joined = join();
    joined[near].says(new ArrayBuffer(10_000));
    expect([joined[far].sent.length, joined.closes()]).toEqual([1, [undefined, undefined]]);
  });

  test("waits up to the bound where the other side does not read", () => {
    const joined = join();
    joined[far].stalled = true;
    joined[near].says("x".repeat(999));
    joined[near].says("x");
    expect([joined[far].sent.length, joined.memory.bytes, joined.closes()]).toEqual([2, 1000, [undefined, undefined]]);
  });

  test("ends both where more than the bound would wait", () => {
    const joined = join();
    joined[far].stalled = true;
    joined[near].says("x".repeat(1000));
    joined[near].says("€");
    expect(joined[far].sent).toHaveLength(1);
    expect(joined.closes()).toEqual([
      { code: 1013, reason: "OVERLOADED" },
      { code: 1001, reason: "OVERLOADED" },
    ]);
    expect(joined.over).toHaveBeenCalledOnce();
  });

  test("ends both where all that waits in the isolate is too much, and this is behind", () => {
    const joined = join();
    joined.memory.report({}, 4500);
    joined[far].stalled = true;
    for (const size of [300, 300]) joined[near].says("x".repeat(size));
    expect(joined.closes()).toEqual([undefined, undefined]);
    joined[near].says("x");
    expect(joined.client.closedWith).toEqual({ code: 1013, reason: "OVERLOADED" });
  });

  test("ends both where the other side reads nothing of it for too long", () => {
    const joined = join();
    joined[far].stalled = true;
    joined[near].says("x".repeat(500));
    vi.advanceTimersByTime(STALL_MS - 1000);
    expect(joined.closes()).toEqual([undefined, undefined]);
    vi.advanceTimersByTime(2000);
    expect(joined.client.closedWith).toEqual({ code: 1013, reason: "OVERLOADED" });
  });

  test("may be read as slowly as it likes, as long as it is read", () => {
    const joined = join();
    joined[far].stalled = true;
    joined[near].says("x".repeat(500));
    for (let minute = 0; minute < 10; minute += 1) {
      vi.advanceTimersByTime(STALL_MS - 5000);
      joined[far].bufferedAmount -= 10;
    }
    expect(joined.closes()).toEqual([undefined, undefined]);
    joined[far].bufferedAmount = 0;
    vi.advanceTimersByTime(1000);
    expect([joined.memory.bytes, vi.getTimerCount()]).toEqual([0, 0]);
  });

  test("to a connection that broke a moment ago raises nothing, and its close follows", () => {
    const joined = join();
    joined[far].broken = true;
    joined[near].says("x");
    expect(joined.closes()).toEqual([undefined, undefined]);
  });
});

describe.each(SIDES)("a close of the %s", (near, far) => {
  test.each([
    [1000, "done"],
    [1001, ""],
    [3000, "of a library"],
    [4321, "äöü"],
    [1011, "bug"],
    [1005, ""],
  ])("with %i is told to the other side, and so is the answer", (code, reason) => {
    const joined = join();
    joined[near].closes(code, reason);
    expect(joined[far].closedWith).toEqual({ code, reason });
    expect(joined[near].closedWith).toBeUndefined();
    joined[far].closes(4999, "answer");
    expect(joined[near].closedWith).toEqual({ code: 4999, reason: "answer" });
    expect(joined.over).toHaveBeenCalledOnce();
    expect(vi.getTimerCount()).toBe(0);
  });

  test.each([999, 1004, 1015, 1016, 2999, 5000])("with %i, which may not be sent, is told as 1000", (code) => {
    const joined = join();
    joined[near].closes(code, "odd");
    expect(joined[far].closedWith).toEqual({ code: 1000, reason: "odd" });
  });

  test("keeps the other side from nothing that it has to say before it closes too", () => {
    const joined = join();
    joined[near].closes(1000);
    joined[far].says("last words");
    joined[far].says(new ArrayBuffer(3));
    joined[far].closes(1000);
    expect(joined[near].sent).toEqual(["last words", new ArrayBuffer(3)]);
    expect(joined[near].closedWith).toEqual({ code: 1000, reason: "" });
  });

  test("is answered with its own code where the other side, which is cut, does not in the time of a stall", () => {
    const joined = join();
    joined[near].closes(4000, "why");
    vi.advanceTimersByTime(STALL_MS - 1);
    expect([joined[near].closedWith, joined.cuts[far].mock.calls.length]).toEqual([undefined, 0]);
    vi.advanceTimersByTime(1);
    expect(joined[near].closedWith).toEqual({ code: 4000, reason: "" });
    expect([joined.cuts[far].mock.calls.length, joined.cuts[near].mock.calls.length]).toEqual([1, 0]);
    expect([joined.over.mock.calls.length, vi.getTimerCount()]).toEqual([1, 0]);
  });

  test("waits for the answer of the other side as long as that reads what came before", () => {
    const joined = join();
    joined[far].stalled = true;
    joined[near].says("x".repeat(500));
    joined[near].closes(4000, "why");
    for (let minute = 0; minute < 10; minute += 1) {
      vi.advanceTimersByTime(STALL_MS - 5000);
      joined[far].bufferedAmount -= 10;
    }
    expect([joined[near].closedWith, joined.cuts[far].mock.calls.length]).toEqual([undefined, 0]);
    joined[far].closes(4000);
    expect([joined[near].closedWith?.code, vi.getTimerCount()]).toEqual([4000, 0]);
  });

  test("is answered with its own code where the other side is lost instead of closing", () => {
    const joined = join();
    joined[near].closes(4000, "why");
    joined[far].isLost();
    expect(joined[near].closedWith).toEqual({ code: 4000, reason: "" });
  });

  test("that meets one of the other side is told to both", () => {
    const joined = join();
    joined[near].closes(4001, "mine");
    joined[far].closes(4002, "other");
    expect(joined[near].closedWith).toEqual({ code: 4002, reason: "other" });
    expect(joined[far].closedWith).toEqual({ code: 4001, reason: "mine" });
  });

  test("by who is lost before it is answered leaves the other side with that close", () => {
    const joined = join();
    joined[near].closes(4001, "mine");
    joined[near].isLost();
    expect(joined[far].closedWith).toEqual({ code: 4001, reason: "mine" });
    expect(joined.over).toHaveBeenCalledOnce();
    joined[far].closes(4001);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe.each(["close", "error"] as const)("a connection that ends without a close, told by %s", (by) => {
  test("is for the upstream a client that went away", () => {
    const joined = join();
    joined.client.isLost(by);
    expect(joined.upstream.closedWith).toEqual({ code: 1001, reason: "" });
  });

  test("is for the client an upstream that may be back", () => {
    const joined = join();
    joined.upstream.isLost(by);
    expect(joined.client.closedWith).toEqual({ code: 1013, reason: "UPSTREAM_UNAVAILABLE" });
  });

  test.each(["client", "upstream"] as const)("leaves nothing of what waited for the %s", (side) => {
    const joined = join();
    joined[side].stalled = true;
    joined[side === "client" ? "upstream" : "client"].says("x".repeat(500));
    joined[side].isLost(by);
    joined[side === "client" ? "upstream" : "client"].says("too late");
    expect([joined.memory.bytes, joined.over.mock.calls.length]).toEqual([0, 1]);
    joined[side === "client" ? "upstream" : "client"].closes(1000);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("is the end once, whatever follows", () => {
    const joined = join();
    joined.upstream.isLost(by);
    joined.upstream.isLost("close");
    joined.client.closes(1013);
    joined.pipe.end("SESSION_REVOKED");
    expect(joined.over).toHaveBeenCalledOnce();
    expect(joined.client.closedWith?.code).toBe(1013);
  });
});

describe("the end of the session", () => {
  test("closes both, the client with the code that has it come back with a new one", () => {
    const joined = join(Date.now() + 5000);
    vi.advanceTimersByTime(4999);
    expect(joined.closes()).toEqual([undefined, undefined]);
    vi.advanceTimersByTime(1);
    expect(joined.closes()).toEqual([
      { code: 4401, reason: "TOKEN_EXPIRED" },
      { code: 1001, reason: "TOKEN_EXPIRED" },
    ]);
  });

  test("sends nothing into the socket, whose messages are not the gate's", () => {
    const joined = join(Date.now() + 5000);
    vi.advanceTimersByTime(5000);
    expect([joined.client.sent, joined.upstream.sent]).toEqual([[], []]);
  });

  test("comes in time where it is further away than a timer can be set for", () => {
    const joined = join(Date.now() + 60 * DAY_MS);
    vi.advanceTimersByTime(60 * DAY_MS - 1);
    expect(joined.client.closedWith).toBeUndefined();
    vi.advanceTimersByTime(1);
    expect(joined.client.closedWith?.code).toBe(4401);
  });

  test("that is past already is now", () => {
    const joined = join(Date.now() - 1);
    vi.advanceTimersByTime(0);
    expect(joined.client.closedWith?.code).toBe(4401);
  });

  test("comes to a side that still speaks after the other one closed", () => {
    const joined = join(Date.now() + 5000);
    joined.client.closes(1000);
    vi.advanceTimersByTime(5000);
    joined.upstream.says("late");
    expect([joined.client.sent, joined.client.closedWith?.code]).toEqual([[], 4401]);
  });

  test.each(["client", "upstream"] as const)("is waited for by nobody once the %s is gone", (side) => {
    const joined = join(Date.now() + 60 * DAY_MS);
    joined[side].isLost();
    joined[side === "client" ? "upstream" : "client"].closes(1000);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("after it was ended from here", () => {
  test("nothing passes any more", () => {
    const joined = join();
    joined.pipe.end("SESSION_REVOKED");
    joined.client.says("a");
    joined.upstream.says("b");
    expect([joined.client.sent, joined.upstream.sent]).toEqual([[], []]);
    for (const side of [joined.client, joined.upstream]) side.closes(1000);
    expect(vi.getTimerCount()).toBe(0);
    expect(joined.client.closedWith).toEqual({ code: 4410, reason: "SESSION_REVOKED" });
  });

  test.each(SIDES)("a %s that reads nothing of what waits is cut, and until then it counts", (near, far) => {
    const joined = join();
    joined[near].stalled = true;
    joined[far].says("x".repeat(500));
    joined.pipe.end("SESSION_REVOKED");
    joined[far].closes(1000);
    expect(joined.memory.bytes).toBe(500);
    vi.advanceTimersByTime(STALL_MS + 1000);
    expect([joined.memory.bytes, vi.getTimerCount()]).toEqual([0, 0]);
    expect([joined.cuts[near].mock.calls.length, joined.cuts[far].mock.calls.length]).toEqual([1, 0]);
  });

  test.each(SIDES)("a %s that does not close in answer is cut, and one that does is not", (near, far) => {
    const joined = join();
    joined.pipe.end("SESSION_REVOKED");
    joined[far].closes(1000);
    vi.advanceTimersByTime(STALL_MS - 1);
    expect(joined.cuts[near]).not.toHaveBeenCalled();
    vi.advanceTimersByTime(10 * STALL_MS);
    expect([joined.cuts[near].mock.calls.length, joined.cuts[far].mock.calls.length]).toEqual([1, 0]);
  });

  test.each(SIDES)("a %s that had closed before owes no answer", (near, far) => {
    const joined = join();
    joined[far].stalled = true;
    joined[near].says("unread");
    joined[near].closes(4000);
    joined.pipe.end("SESSION_REVOKED");
    joined[far].closes(1000);
    expect([joined.memory.bytes, vi.getTimerCount()]).toEqual([0, 0]);
  });

  test("a side that closes in answer has nothing left to read", () => {
    const joined = join();
    joined.client.stalled = true;
    joined.upstream.says("x".repeat(500));
    joined.pipe.end("SESSION_REVOKED");
    joined.client.closes(4410);
    joined.upstream.closes(1001);
    expect([joined.memory.bytes, vi.getTimerCount()]).toEqual([0, 0]);
  });
});

describe("once it is over it is said who ended it, and how", () => {
  type Joined = ReturnType<typeof join>;
  const BEHIND = { closeCode: 1013, code: "OVERLOADED" };

  test.each<[string, (joined: Joined) => void, PipeOver | object]>([
    [
      "a client that closes",
      ({ client, upstream }) => (client.closes(4001), upstream.closes(4002)),
      { reason: "client-closed", closeCode: 4001, code: undefined },
    ],
    [
      "an upstream that closes",
      ({ client, upstream }) => (upstream.closes(1005), client.closes(1000)),
      { reason: "upstream-closed", closeCode: 1005, code: undefined },
    ],
    [
      "a client that closes, whose close the upstream answers by dropping the connection",
      ({ client, upstream }) => (client.closes(4001), upstream.isLost()),
      { reason: "client-closed", closeCode: 4001 },
    ],
    [
      "an upstream that closes, and a client that does not answer",
      ({ upstream }) => (upstream.closes(4001), vi.advanceTimersByTime(STALL_MS)),
      { reason: "upstream-closed", closeCode: 4001 },
    ],
    [
      "a client that is lost",
      ({ client }) => client.isLost("error"),
      { reason: "client-lost", closeCode: 1006, code: undefined },
    ],
    [
      "an upstream that is lost",
      ({ upstream }) => upstream.isLost(),
      { reason: "upstream-lost", closeCode: 1013, code: "UPSTREAM_UNAVAILABLE" },
    ],
    ["a client that does not keep up", (joined) => overflow(joined, "client"), { reason: "client-behind", ...BEHIND }],
    [
      "an upstream that does not keep up",
      (joined) => overflow(joined, "upstream"),
      { reason: "upstream-behind", ...BEHIND },
    ],
    [
      "nobody who can say whether the session was revoked",
      ({ pipe }) => pipe.end("OVERLOADED"),
      { reason: "gateway", ...BEHIND },
    ],
    [
      "a revocation, while one side still speaks",
      ({ client, pipe }) => (client.closes(1000), pipe.end("SESSION_REVOKED")),
      { reason: "gateway", closeCode: 4410, code: "SESSION_REVOKED" },
    ],
    [
      "the end of the session",
      () => vi.advanceTimersByTime(DAY_MS),
      { reason: "gateway", closeCode: 4401, code: "TOKEN_EXPIRED" },
    ],
  ])("%s", (_what, end, over) => {
    const joined = join(Date.now() + DAY_MS);
    end(joined);
    expect(joined.over.mock.calls).toMatchObject([[over]]);
  });

  function overflow(joined: Joined, side: "client" | "upstream"): void {
    joined[side].stalled = true;
    for (const size of [1000, 1]) joined[side === "client" ? "upstream" : "client"].says("x".repeat(size));
  }
});

test("Of many pipes of an isolate each counts what waits for both its sides, and nothing once it is over", () => {
  const memory = new EdgeMemory();
  const pipes = [join(undefined, memory), join(undefined, memory)];
  for (const { client, upstream } of pipes) {
    client.stalled = upstream.stalled = true;
    client.says("x".repeat(100));
    upstream.says("x".repeat(200));
  }
  expect(memory.bytes).toBe(600);
  for (const { client, upstream } of pipes) {
    client.isLost();
    upstream.closes(1001);
  }
  expect([memory.bytes, vi.getTimerCount()]).toEqual([0, 0]);
});

test("Whatever happens in whatever order, each side hears the other in order, is closed, and nothing is left behind", () => {
  type Event = "says" | "closes" | "lost" | "drains" | "stalls" | "waits" | "ends";
  const event = fc.record({
    side: fc.constantFrom<"client" | "upstream">("client", "upstream"),
    kind: fc.constantFrom<Event>("says", "says", "says", "closes", "lost", "drains", "stalls", "waits", "ends"),
    bytes: fc.constantFrom(1, 400, 900),
  });
  fc.assert(
    fc.property(fc.array(event, { maxLength: 30 }), (events) => {
      const joined = join();
      const said = { client: [] as string[], upstream: [] as string[] };
      const silent = new Set<string>();
      for (const { side, kind, bytes } of events) {
        const socket = joined[side];
        if (silent.has(side)) continue;
        switch (kind) {
          case "says": {
            const text = `${said[side].length}`.padEnd(bytes, "x");
            said[side].push(text);
            socket.says(text);
            break;
          }
          case "closes":
          case "lost":
            silent.add(side);
            if (kind === "closes") socket.closes(4000);
            else socket.isLost();
            break;
          case "drains":
            socket.stalled = false;
            socket.bufferedAmount = 0;
            break;
          case "stalls":
            socket.stalled = true;
            break;
          case "waits":
            vi.advanceTimersByTime(2000);
            break;
          case "ends":
            joined.pipe.end("SESSION_REVOKED");
            break;
        }
      }
      for (const [near, far] of SIDES) {
        const heard = joined[far].sent;
        expect(heard).toEqual(said[near].slice(0, heard.length));
      }
      vi.advanceTimersByTime(10 * STALL_MS);
      for (const side of ["client", "upstream"] as const) if (!silent.has(side)) joined[side].isLost();
      expect([joined.memory.bytes, vi.getTimerCount(), joined.over.mock.calls.length]).toEqual([0, 0, 1]);
      expect(joined.client.closedWith).toBeDefined();
      expect(joined.upstream.closedWith).toBeDefined();
    }),
    { seed: 20_262, numRuns: 400 },
  );
});
