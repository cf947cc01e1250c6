// Engine.IO over one socket: its opening, its heartbeat, what each packet does, and that nothing outlives its end.
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { EngineSocket } from "../../../worker/edge/engine-io.ts";
import { FakeTransport } from "../../support/fake-transport.ts";
import { installFromBase64 } from "../../support/from-base64.ts";

const PING = "2";

// Node 24 cannot decode base64 with `Uint8Array.fromBase64`, which the runtime of the gateway has.
beforeAll(installFromBase64);
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** An open connection, and what its owner was told. */
function open() {
  const transport = new FakeTransport();
  const told: unknown[] = [];
  const engine = new EngineSocket(transport, {
    message: (payload) => told.push(["message", payload]),
    heard: (bytes) => told.push(["heard", bytes]),
    broken: () => told.push("broken"),
    silent: () => told.push("silent"),
    left: () => told.push("left"),
    closed: (code) => told.push(["closed", code]),
  });
  engine.open("s-1", 1_048_576);
  const [opening] = transport.take();
  return { transport, told, engine, opening };
}

test("It opens with the five keys that its clients need", () => {
  const { opening } = open();
  expect(opening).toBe('0{"sid":"s-1","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1048576}');
});

describe("a packet", () => {
  test.each<[string, string | ArrayBuffer, unknown]>([
    ["a message", '42["chat"]', ["message", '2["chat"]']],
    ["a message of nothing", "4", ["message", ""]],
    ["a pong", "3", ["heard", 1]],
    ["a pong with much in it", `3${"é".repeat(100)}`, ["heard", 201]],
    ["a noop", "6", ["heard", 1]],
    ["a close", "1", "left"],
    ["a ping, which is the server's", "2", "broken"],
    ["a probe", "2probe", "broken"],
    ["an opening", "0{}", "broken"],
    ["an upgrade", "5", "broken"],
    ["bytes as text that is none", "bAQ!D", "broken"],
    ["no text at all", "", "broken"],
    ["another character", " 4", "broken"],
    ["a number too high", "7", "broken"],
  ])("%s", (_name, data, told) => {
    const { transport, told: all } = open();
    transport.receive(data);
    expect(all).toEqual([told]);
  });

  test("of bytes is a message as it is", () => {
    const { transport, told } = open();
    const bytes = Uint8Array.of(1, 2).buffer;
    transport.receive(bytes);
    expect(told).toEqual([["message", bytes]]);
  });

  test.each([
    ["bAQID", [1, 2, 3]],
    ["bAQ==", [1]],
    ["b", []],
  ])("of bytes as text, %j, is a message of these bytes", (text, bytes) => {
    const { transport, told } = open();
    transport.receive(text);
    expect(told).toEqual([["message", new Uint8Array(bytes).buffer]]);
  });

  test("is sent as a message, and bytes as they are", () => {
    const { transport, engine } = open();
    const bytes = Uint8Array.of(1, 2);
    engine.send('2["chat"]');
    engine.sendBytes(bytes);
    expect(transport.take()).toEqual(['42["chat"]', bytes]);
  });
});

describe("the heartbeat", () => {
  test("pings every 25 seconds a client that answers, and says nothing of it", () => {
    const { transport, told } = open();
    for (let round = 0; round < 10; round += 1) {
      vi.advanceTimersByTime(24_999);
      expect(transport.take()).toEqual([]);
      vi.advanceTimersByTime(1);
      expect(transport.take()).toEqual([PING]);
      transport.receive("3");
    }
    expect(told).toEqual(Array.from({ length: 10 }, () => ["heard", 1]));
  });

  test.each([
    ["nothing", undefined],
    ["what came before the ping", "before"],
  ])("finds a client silent 20 seconds after a ping that it answers with %s", (_name, when) => {
    const { transport, told } = open();
    vi.advanceTimersByTime(24_999);
    if (when === "before") transport.receive("3");
    told.length = 0;
    vi.advanceTimersByTime(20_000);
    expect(told).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(told).toEqual(["silent"]);
    vi.advanceTimersByTime(1_000_000);
    expect([told, transport.take()]).toEqual([["silent"], [PING]]);
  });

  test("finds a client silent that answered some pings and then none", () => {
    const { transport, told } = open();
    for (let round = 0; round < 3; round += 1) {
      vi.advanceTimersByTime(25_000);
      transport.receive("3");
    }
    told.length = 0;
    vi.advanceTimersByTime(44_999);
    expect(told).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(told).toEqual(["silent"]);
  });

  test.each<[string, string | ArrayBuffer]>([
    ["a message", "42[]"],
    ["bytes", new ArrayBuffer(1)],
    ["a noop", "6"],
  ])("takes %s for an answer: whatever a client sends shows that it is there", (_name, data) => {
    const { transport, told } = open();
    vi.advanceTimersByTime(25_000);
    transport.receive(data);
    vi.advanceTimersByTime(20_000);
    expect(told).not.toContain("silent");
  });

  test.each([-3_600_000, 3_600_000])("does not mind a clock that steps by %i ms", (stepMs) => {
    const { transport, told } = open();
    vi.advanceTimersByTime(25_000);
    vi.setSystemTime(Date.now() + stepMs);
    transport.receive("3");
    vi.advanceTimersByTime(25_000);
    vi.setSystemTime(Date.now() - stepMs);
    vi.advanceTimersByTime(19_999);
    expect(told).toEqual([["heard", 1]]);
    vi.advanceTimersByTime(1);
    expect(told).toEqual([["heard", 1], "silent"]);
  });

  test("at a connection that just broke is nobody's bug", () => {
    const { transport, told } = open();
    transport.broken = true;
    expect(() => vi.advanceTimersByTime(25_000)).not.toThrow();
    transport.fail();
    expect([told, vi.getTimerCount()]).toEqual([[["closed", 1006]], 0]);
  });
});

describe("the end", () => {
  test.each([1000, 1001, 3000, 4999])("that a client closes with %i is answered with that, once", (code) => {
    const { transport, told, engine } = open();
    transport.clientCloses(code);
    transport.clientCloses(code);
    expect([told, transport.closes, engine.isOpen]).toEqual([[["closed", code]], [[code, undefined]], false]);
  });

  test.each([999, 1005, 1006, 1015])("that is reported as %i is answered with 1000", (code) => {
    const { transport, told } = open();
    transport.clientCloses(code);
    expect([told, transport.closes]).toEqual([[["closed", code]], [[1000, undefined]]]);
  });

  test("that is a broken connection is not answered, and told once though a close follows", () => {
    const { transport, told } = open();
    transport.fail();
    transport.clientCloses(1006);
    expect([told, transport.closes]).toEqual([[["closed", 1006]], []]);
  });

  test("that the server begins is told its client, and its owner hears when it is done", () => {
    const { transport, told, engine } = open();
    engine.close(4410, "SESSION_REVOKED");
    expect([told, transport.closes, engine.isOpen]).toEqual([[], [[4410, "SESSION_REVOKED"]], false]);
    transport.clientCloses(4410);
    expect(told).toEqual([["closed", 4410]]);
  });

  test("is begun once, and not after the client's own", () => {
    const { transport, engine } = open();
    engine.close(4410, "SESSION_REVOKED");
    engine.close(1000, "");
    expect(transport.closes).toEqual([[4410, "SESSION_REVOKED"]]);
    const other = open();
    other.transport.clientCloses(1000);
    other.engine.close(4410, "SESSION_REVOKED");
    expect(other.transport.closes).toEqual([[1000, undefined]]);
    other.transport.fail();
    expect(other.told).toEqual([["closed", 1000]]);
  });

  test.each<[string, (parts: ReturnType<typeof open>) => void]>([
    ["the server closed", ({ engine }) => engine.close(1000, "")],
    ["the client closed", ({ transport }) => transport.clientCloses()],
    ["the connection broke", ({ transport }) => transport.fail()],
  ])("is the last of it after %s: nothing is sent, nothing that arrives counts, no timer runs", (_name, end) => {
    const parts = open();
    const { transport, told, engine } = parts;
    vi.advanceTimersByTime(25_000);
    transport.take();
    end(parts);
    expect(vi.getTimerCount()).toBe(0);
    told.length = 0;
    transport.receive('42["chat"]', "3", "2", "1", new ArrayBuffer(1));
    engine.send("2[]");
    engine.sendBytes(new ArrayBuffer(1));
    vi.advanceTimersByTime(1_000_000);
    expect([told, transport.take()]).toEqual([[], []]);
  });

  test("stops the timer between two pings as well", () => {
    const { engine } = open();
    engine.close(1000, "");
    expect(vi.getTimerCount()).toBe(0);
  });
});

test("A connection that just broke makes no send throw: its end follows", () => {
  const { transport, engine } = open();
  transport.broken = true;
  expect(() => {
    engine.send("2[]");
    engine.sendBytes(new ArrayBuffer(1));
  }).not.toThrow();
});

test("What waits for the client, and its state, are the socket's", () => {
  const { transport, engine } = open();
  transport.bufferedAmount = 12;
  expect([engine.bufferedAmount, engine.readyState, engine.isOpen]).toEqual([12, 1, true]);
  transport.readyState = 2;
  expect([engine.readyState, engine.isOpen]).toEqual([2, false]);
});
