// How a Worker learns that a piped socket must end: told by the object of its user, and asking anew when it loses sight of it.
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { writeRevoked } from "../../../../connection/watch.ts";
import { PONG_TEXT } from "../../../../protocol/answers.ts";
import type { Code } from "../../../../protocol/codes.ts";
import { type Answer, Watch, type WatchingSocket } from "../../../../worker/proxy/sockets/watch.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

class FakeWatchingSocket implements WatchingSocket {
  state: "new" | "accepted" | "closed" = "new";
  readonly #listeners = new Map<string, ((event: { readonly data: unknown }) => void)[]>();

  /** Whether its keepalives are answered. */
  answers = true;
  isBroken = false;
  pings = 0;

  accept(): void {
    this.state = "accepted";
  }

  send(): void {
    if (this.isBroken) throw new Error("Network connection lost.");
    this.pings += 1;
    if (this.answers) this.happens("message", PONG_TEXT);
  }

  close(): void {
    this.state = "closed";
  }

  addEventListener(type: string, listener: (event: { readonly data: unknown }) => void): void {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener]);
  }

  happens(type: "message" | "close" | "error", data?: unknown): void {
    for (const listener of this.#listeners.get(type) ?? []) listener({ data });
  }
}

/** A watch over an object that answers in turn: a socket, or a code that refuses. */
function watchOver(...answers: readonly (Code | FakeWatchingSocket)[]) {
  const left = [...answers];
  let asked = 0;
  const ended: Code[] = [];
  const watch = new Watch({
    ask: async () => {
      asked += 1;
      const next = left.shift() ?? "OVERLOADED";
      return typeof next === "string" ? { kind: "refused", code: next } : { kind: "watched", socket: next };
    },
    random: () => 0,
  });
  watch.tell((code) => ended.push(code));
  return { watch, ended, asked: () => asked };
}

describe("the first question", () => {
  test.each(["SESSION_REVOKED", "CONNECTION_LIMIT", "OVERLOADED"] as const)("may be answered %s", async (code) => {
    const { watch, ended } = watchOver(code);
    expect([await watch.begin(), ended]).toEqual([code, []]);
  });

  test("opens a socket that is kept until the one that it watches is gone", async () => {
    const socket = new FakeWatchingSocket();
    const { watch, ended, asked } = watchOver(socket);
    expect([await watch.begin(), socket.state]).toEqual([undefined, "accepted"]);
    vi.advanceTimersByTime(3_600_000);
    expect([asked(), socket.pings, ended]).toEqual([1, 60, []]);
    watch.stop();
    socket.happens("close");
    expect([socket.state, ended, vi.getTimerCount()]).toEqual(["closed", [], 0]);
  });
});

describe("a revocation", () => {
  async function watching() {
    const socket = new FakeWatchingSocket();
    const all = watchOver(socket);
    await all.watch.begin();
    return { ...all, socket };
  }

  test("ends it at once, and once", async () => {
    const { ended, socket } = await watching();
    socket.happens("message", writeRevoked(0));
    socket.happens("message", writeRevoked(0));
    socket.happens("close");
    expect([ended, socket.state, vi.getTimerCount()]).toEqual([["SESSION_REVOKED"], "closed", 0]);
  });

  test("leaves it the grace", async () => {
    const { ended, socket } = await watching();
    socket.happens("message", writeRevoked(5000));
    vi.advanceTimersByTime(4999);
    expect(ended).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(ended).toEqual(["SESSION_REVOKED"]);
  });

  test.each([
    [5000, 2000],
    [2000, 5000],
  ])("of two, with %i and %i ms, the one counts that leaves less", async (first, second) => {
    const { ended, socket } = await watching();
    socket.happens("message", writeRevoked(first));
    socket.happens("message", writeRevoked(second));
    vi.advanceTimersByTime(1999);
    expect(ended).toEqual([]);
    vi.advanceTimersByTime(1);
    expect([ended, vi.getTimerCount()]).toEqual([["SESSION_REVOKED"], 0]);
  });

  test("ends it after the grace, though the object is lost meanwhile", async () => {
    const { ended, socket } = await watching();
    socket.happens("message", writeRevoked(5000));
    socket.happens("close");
    vi.advanceTimersByTime(5000);
    expect(ended).toEqual(["SESSION_REVOKED"]);
  });

  test("that cannot be read is one all the same", async () => {
    const { ended, socket } = await watching();
    socket.happens("message", new ArrayBuffer(2));
    expect(ended).toEqual(["SESSION_REVOKED"]);
  });

  test("that came before anybody wanted to hear is told as soon as somebody does", async () => {
    const socket = new FakeWatchingSocket();
    const watch = new Watch({ ask: async () => ({ kind: "watched", socket }), random: () => 0 });
    await watch.begin();
    socket.happens("message", writeRevoked(0));
    const ended = vi.fn<(code: Code) => void>();
    watch.tell(ended);
    expect(ended.mock.calls).toEqual([["SESSION_REVOKED"]]);
  });
});

describe("an object that is lost sight of", () => {
  test.each([
    ["answers no keepalive", { answers: false }, 120_000],
    ["cannot be sent one", { isBroken: true }, 60_000],
  ])("since it %s is asked anew", async (_why, trouble, ms) => {
    const [first, second] = [Object.assign(new FakeWatchingSocket(), trouble), new FakeWatchingSocket()];
    const { watch, asked } = watchOver(first, second);
    await watch.begin();
    await vi.advanceTimersByTimeAsync(ms + 499);
    expect([asked(), first.state]).toEqual([1, "closed"]);
    await vi.advanceTimersByTimeAsync(1);
    expect([asked(), second.state]).toEqual([2, "accepted"]);
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(asked()).toBe(2);
  });

  test.each(["close", "error"] as const)("(%s) is asked anew a moment later, once", async (how) => {
    const [first, second] = [new FakeWatchingSocket(), new FakeWatchingSocket()];
    const { watch, asked } = watchOver(first, second);
    await watch.begin();
    first.happens(how);
    first.happens("close");
    expect(asked()).toBe(1);
    await vi.advanceTimersByTimeAsync(500);
    expect([asked(), second.state]).toEqual([2, "accepted"]);
    first.happens("error");
    await vi.advanceTimersByTimeAsync(10_000);
    expect([asked(), second.state]).toEqual([2, "accepted"]);
  });

  test("ends the socket where its user was revoked meanwhile", async () => {
    const socket = new FakeWatchingSocket();
    const { watch, ended } = watchOver(socket, "SESSION_REVOKED");
    await watch.begin();
    socket.happens("close");
    await vi.advanceTimersByTimeAsync(500);
    expect(ended).toEqual(["SESSION_REVOKED"]);
  });

  test("that cannot be asked is asked again and again, and ends the socket after a minute", async () => {
    const socket = new FakeWatchingSocket();
    const { watch, ended, asked } = watchOver(socket);
    await watch.begin();
    socket.happens("close");
    await vi.advanceTimersByTimeAsync(59_999);
    expect([ended, asked()]).toEqual([[], 120]);
    await vi.advanceTimersByTimeAsync(1);
    expect([ended, vi.getTimerCount()]).toEqual([["OVERLOADED"], 0]);
  });

  test("is not asked any more once the socket is gone", async () => {
    const socket = new FakeWatchingSocket();
    const { watch, asked } = watchOver(socket);
    await watch.begin();
    socket.happens("close");
    watch.stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect([asked(), vi.getTimerCount()]).toEqual([1, 0]);
  });

  test.each(["watched", "refused"] as const)(
    "whose answer (%s) comes when the socket is gone is left",
    async (kind) => {
      const [first, late] = [new FakeWatchingSocket(), new FakeWatchingSocket()];
      const { promise, resolve } = Promise.withResolvers<Answer>();
      const answers: Promise<Answer>[] = [Promise.resolve({ kind: "watched", socket: first })];
      const watch = new Watch({ ask: () => answers.shift() ?? promise, random: () => 0 });
      await watch.begin();
      first.happens("close");
      await vi.advanceTimersByTimeAsync(500);
      watch.stop();
      resolve(kind === "watched" ? { kind, socket: late } : { kind, code: "OVERLOADED" });
      await vi.advanceTimersByTimeAsync(0);
      expect([late.state, vi.getTimerCount()]).toEqual([kind === "watched" ? "closed" : "new", 0]);
    },
  );
});
