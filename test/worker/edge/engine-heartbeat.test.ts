// The heartbeat of Engine.IO: pings in time, whoever answers or sends stays, whoever is silent is found out.
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { EngineSocket, type Transport } from "../../../worker/edge/engine-io.ts";

const INTERVAL_MS = 25_000;
const TIMEOUT_MS = 20_000;
const OPEN = 1;
const CLOSED = 3;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

class FakeTransport implements Transport {
  readyState = OPEN;
  /** While true the connection is lost and nobody has been told. */
  isBroken = false;
  readonly sent: (string | ArrayBuffer | ArrayBufferView)[] = [];
  readonly #listeners = new Map<string, (event: never) => void>();

  send(message: string | ArrayBuffer | ArrayBufferView): void {
    if (this.isBroken) throw new Error("Network connection lost.");
    this.sent.push(message);
  }

  close(): void {
    this.readyState = CLOSED;
  }

  addEventListener(type: string, listener: (event: never) => void): void {
    this.#listeners.set(type, listener);
  }

  happens(type: "message" | "close", event: object): void {
    this.#listeners.get(type)?.(event as never);
  }

  says(data: string | ArrayBuffer): void {
    this.happens("message", { data });
  }

  get pings(): number {
    return this.sent.filter((packet) => packet === "2").length;
  }
}

function open() {
  const transport = new FakeTransport();
  const listener = {
    message: vi.fn(),
    heard: vi.fn(),
    broken: vi.fn(),
    silent: vi.fn(),
    left: vi.fn(),
    closed: vi.fn(),
  };
  const engine = new EngineSocket(transport, listener);
  engine.open("sid", 1000);
  return { transport, engine, listener };
}

test("A ping goes out every 25 seconds, as the first packet said", () => {
  const { transport } = open();
  expect(JSON.parse(String(transport.sent[0]).slice(1))).toMatchObject({
    pingInterval: INTERVAL_MS,
    pingTimeout: TIMEOUT_MS,
  });
  vi.advanceTimersByTime(INTERVAL_MS - 1);
  expect(transport.pings).toBe(0);
  for (let ping = 1; ping <= 10; ping += 1) {
    vi.advanceTimersByTime(ping === 1 ? 1 : INTERVAL_MS);
    expect(transport.pings).toBe(ping);
    transport.says("3");
  }
});

test("A client is pinged though it sends all the time, since it counts pings and nothing else", () => {
  const { transport, listener } = open();
  for (let second = 0; second < 100; second += 1) {
    vi.advanceTimersByTime(1000);
    transport.says('42["chat",{}]');
  }
  expect([transport.pings, listener.silent.mock.calls.length]).toEqual([4, 0]);
});

describe("a client that does not answer a ping", () => {
  test("is found out 20 seconds later, once, and pinged no more", () => {
    const { transport, engine, listener } = open();
    listener.silent.mockImplementation(() => engine.close(4408, "IDLE"));
    vi.advanceTimersByTime(INTERVAL_MS + TIMEOUT_MS - 1);
    expect(listener.silent).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(listener.silent).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(10 * INTERVAL_MS);
    expect([transport.pings, listener.silent.mock.calls.length, vi.getTimerCount()]).toEqual([1, 1, 0]);
  });

  test.each([
    ["a message", '42["chat",{}]'],
    ["bytes", new ArrayBuffer(1)],
    ["a noop", "6"],
  ])("and sends %s stays", (_what, packet) => {
    const { transport, listener } = open();
    vi.advanceTimersByTime(INTERVAL_MS + TIMEOUT_MS - 1);
    transport.says(packet);
    vi.advanceTimersByTime(INTERVAL_MS - TIMEOUT_MS + 1);
    expect([transport.pings, listener.silent.mock.calls.length]).toEqual([2, 0]);
  });

  test("is found out though it sent something just before the ping", () => {
    const { transport, listener } = open();
    vi.advanceTimersByTime(INTERVAL_MS - 1);
    transport.says("3");
    vi.advanceTimersByTime(1 + TIMEOUT_MS);
    expect(listener.silent).toHaveBeenCalledTimes(1);
  });
});

test.each<[string, (opened: ReturnType<typeof open>) => void]>([
  ["it was closed from here", ({ engine }) => engine.close(1000, "")],
  ["its client closed it", ({ transport }) => transport.happens("close", { code: 1000 })],
  ["its client said that it closes", ({ transport }) => transport.says("1")],
])("No timer runs on where %s", (_how, end) => {
  const opened = open();
  end(opened);
  expect(vi.getTimerCount()).toBe(0);
});

test("A connection that broke a moment ago is no bug when it is pinged", () => {
  const { transport, listener } = open();
  transport.isBroken = true;
  vi.advanceTimersByTime(INTERVAL_MS + TIMEOUT_MS);
  expect(listener.silent).toHaveBeenCalledTimes(1);
});
