// The two ends of a pipe that carries Socket.IO, one state after the other: opening, its heartbeat, its messages, its end.
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { EngineSocket } from "../../../../worker/edge/engine-io.ts";
import type { RelayedSocket } from "../../../../worker/edge/relayed-socket.ts";
import { ClientEnd, ServerEnd } from "../../../../worker/proxy/socket-io/engine-ends.ts";
import { FakeRelayedSocket } from "../../../support/fake-relayed-socket.ts";
import { installFromBase64 } from "../../../support/from-base64.ts";

const PING_INTERVAL_MS = 25_000;
const PING_TIMEOUT_MS = 20_000;
const OPENING = `0${JSON.stringify({ sid: "s", pingInterval: PING_INTERVAL_MS, pingTimeout: PING_TIMEOUT_MS })}`;

// Node 24 cannot decode base64 with `Uint8Array.fromBase64`, which the runtime of the gateway has.
beforeAll(installFromBase64);
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** All that an end tells, as a pipe is told it. */
function toldBy(end: RelayedSocket): readonly unknown[] {
  const told: unknown[] = [];
  end.addEventListener("message", ({ data }) => told.push(data));
  end.addEventListener("close", ({ code, reason }) => told.push([code, reason]));
  return told;
}

/** An end, and what it knows of its opening. */
function serverEnd() {
  const socket = new FakeRelayedSocket();
  const end = new ServerEnd(socket);
  const told = toldBy(end);
  let opened: boolean | undefined;
  void end.opened.then((isOpen) => (opened = isOpen));
  const isOpened = async (): Promise<boolean | undefined> => {
    await vi.advanceTimersByTimeAsync(0);
    return opened;
  };
  return { socket, end, told, isOpened };
}

describe("a server", () => {
  test.each([
    ["nothing", []],
    ["a ping", ["2"]],
    ["a message", ["40"]],
    ["bytes", [new ArrayBuffer(1)]],
    ["no packet at all", ["", "x", "5", "6", "3"]],
  ])("that has said %s is not open", async (_what, said) => {
    const { socket, isOpened } = serverEnd();
    for (const message of said) socket.says(message);
    expect(await isOpened()).toBeUndefined();
  });

  test("that has said its opening is, and the opening is nobody's message", async () => {
    const { socket, told, isOpened } = serverEnd();
    socket.says(OPENING);
    expect([await isOpened(), told, socket.sent]).toEqual([true, [], []]);
  });

  test.each<[string, (parts: ReturnType<typeof serverEnd>) => void]>([
    ["closes", ({ socket }) => socket.closes(1000)],
    ["says that it closes", ({ socket }) => socket.says("1")],
    ["is lost", ({ socket }) => socket.isLost("close")],
    ["breaks", ({ socket }) => socket.isLost("error")],
    ["is closed from here", ({ end }) => end.close()],
  ])("that %s before it is open never will be", async (_what, happen) => {
    const parts = serverEnd();
    happen(parts);
    parts.socket.says(OPENING);
    expect(await parts.isOpened()).toBe(false);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("is heard without the packet's type, and bytes as they are", () => {
    const { socket, told } = serverEnd();
    socket.says(OPENING);
    const bytes = new Uint8Array([52, 48]).buffer;
    for (const message of ['42["a"]', bytes, "4", "44"]) socket.says(message);
    expect(told).toEqual(['2["a"]', bytes, "", "4"]);
    expect(told[1]).toBe(bytes);
  });

  test("is heard where it says bytes as text, which its client may have asked for", () => {
    const { socket, told } = serverEnd();
    socket.says(OPENING);
    socket.says("bNDA=");
    socket.says("b");
    expect(told).toEqual([new Uint8Array([52, 48]).buffer, new ArrayBuffer(0)]);
  });

  test("is told messages with their type, and bytes as they are", () => {
    const { socket, end } = serverEnd();
    const bytes = new ArrayBuffer(3);
    for (const message of ["0", bytes, ""]) end.send(message);
    expect(socket.sent).toEqual(["40", bytes, "4"]);
  });

  test.each(["3", "5", "6", "x", "", "b!"])("that says %j says it to nobody", (text) => {
    const { socket, told } = serverEnd();
    socket.says(OPENING);
    socket.says(text);
    expect([told, socket.sent, socket.closedWith]).toEqual([[], [], undefined]);
  });

  test.each<[string, (socket: FakeRelayedSocket) => void, unknown]>([
    ["closes", (socket) => socket.closes(4000, "why"), [4000, "why"]],
    ["says that it closes", (socket) => socket.says("1"), [1000, ""]],
    ["is lost", (socket) => socket.isLost("close"), [1006, ""]],
    ["breaks", (socket) => socket.isLost("error"), [1006, ""]],
  ])("that %s is told as closed", (_what, happen, closed) => {
    const { socket, told } = serverEnd();
    socket.says(OPENING);
    happen(socket);
    expect([told, vi.getTimerCount()]).toEqual([[closed], 0]);
  });

  test("counts what waits for it, and is closed as it is told", () => {
    const { socket, end } = serverEnd();
    socket.bufferedAmount = 7;
    expect([end.bufferedAmount, end.readyState]).toEqual([7, 1]);
    end.close(1001, "gone");
    expect([socket.closedWith, end.readyState]).toEqual([{ code: 1001, reason: "gone" }, 2]);
  });
});

describe("the heartbeat of a server", () => {
  test("is answered by the gate, and nobody else hears of it", () => {
    const { socket, told } = serverEnd();
    socket.says(OPENING);
    socket.says("2");
    socket.says("2");
    expect([socket.sent, told]).toEqual([["3", "3"], []]);
  });

  test.each<[string, (parts: ReturnType<typeof serverEnd>) => void]>([
    ["was closed from here", ({ end }) => end.close(1001, "")],
    ["broke a moment ago", ({ socket }) => (socket.broken = true)],
  ])("is not answered where the connection %s, and that is no bug", (_what, happen) => {
    const parts = serverEnd();
    parts.socket.says(OPENING);
    happen(parts);
    parts.socket.says("2");
    expect([parts.socket.sent, parts.told]).toEqual([[], []]);
  });
});

describe("a server that stops its heartbeat", () => {
  const SILENT_MS = PING_INTERVAL_MS + PING_TIMEOUT_MS;

  test("is gone once it is late by as much as it said itself, whatever else it says", () => {
    const { socket, told } = serverEnd();
    socket.says(OPENING);
    vi.advanceTimersByTime(SILENT_MS - 1);
    socket.says("42[]");
    expect(told).toEqual(["2[]"]);
    vi.advanceTimersByTime(1);
    expect([told, vi.getTimerCount()]).toEqual([["2[]", [1006, ""]], 0]);
  });

  test("is there for as long as it pings", () => {
    const { socket, told } = serverEnd();
    socket.says(OPENING);
    for (let ping = 0; ping < 10; ping += 1) {
      vi.advanceTimersByTime(SILENT_MS - 1);
      socket.says("2");
    }
    expect([told, vi.getTimerCount()]).toEqual([[], 1]);
    vi.advanceTimersByTime(SILENT_MS);
    expect(told).toEqual([[1006, ""]]);
  });

  test("does not get more time by opening again", () => {
    const { socket, told } = serverEnd();
    socket.says(OPENING);
    vi.advanceTimersByTime(SILENT_MS - 1);
    socket.says(OPENING);
    vi.advanceTimersByTime(1);
    expect(told).toEqual([[1006, ""]]);
  });

  test("is waited for by nobody who has closed it", () => {
    const { socket, end } = serverEnd();
    socket.says(OPENING);
    end.close();
    socket.says("2");
    expect(vi.getTimerCount()).toBe(0);
  });

  test.each([
    "",
    "{",
    "null",
    "[]",
    "{}",
    '{"pingInterval":25000}',
    '{"pingInterval":"10","pingTimeout":"10"}',
    '{"pingInterval":"10","pingTimeout":10}',
    '{"pingInterval":10,"pingTimeout":"10"}',
    '{"pingInterval":-1,"pingTimeout":0}',
    // More than a timer can be set for, which would ring at once.
    '{"pingInterval":2147483647,"pingTimeout":1}',
  ])("is not missed where its opening does not say when it pings: %j", async (times) => {
    const { socket, told, isOpened } = serverEnd();
    socket.says(`0${times}`);
    socket.says("2");
    expect([await isOpened(), vi.getTimerCount(), told]).toEqual([true, 0, []]);
  });
});

/** A client's end, what it hears, and what it was told. */
function clientEnd() {
  const ended = vi.fn<() => void>();
  const socket = new FakeRelayedSocket();
  const engine = new EngineSocket(socket, {
    message: (message) => end.hear(message),
    heard: () => undefined,
    broken: () => undefined,
    silent: () => undefined,
    left: () => end.gone(1000),
    closed: (code) => end.gone(code),
  });
  const end: ClientEnd = new ClientEnd(engine, ended);
  const told = toldBy(end);
  engine.open("s", 1000);
  socket.forgetSent();
  return { socket, end, told, ended };
}

describe("a client", () => {
  test("is heard and told as a server is", () => {
    const { socket, end, told } = clientEnd();
    const bytes = new ArrayBuffer(3);
    for (const message of ['42["a"]', bytes, "4"]) socket.says(message);
    for (const message of ["0", bytes, ""]) end.send(message);
    expect(told).toEqual(['2["a"]', bytes, ""]);
    expect(socket.sent).toEqual(["40", bytes, "4"]);
  });

  test("is asked whether it is there, and its answers are nobody's message", () => {
    const { socket, told } = clientEnd();
    for (let minute = 0; minute < 10; minute += 1) {
      vi.advanceTimersByTime(PING_INTERVAL_MS);
      socket.says("3");
    }
    expect([socket.sent.length >= 9, new Set(socket.sent), told]).toEqual([true, new Set(["2"]), []]);
  });

  test.each<[string, (socket: FakeRelayedSocket) => void, number]>([
    ["closes", (socket) => socket.closes(4000), 4000],
    ["is lost", (socket) => socket.isLost("close"), 1006],
    ["breaks", (socket) => socket.isLost("error"), 1006],
  ])("that %s is told as gone, once", (_what, happen, code) => {
    const { socket, told } = clientEnd();
    happen(socket);
    happen(socket);
    expect([told, vi.getTimerCount()]).toEqual([[[code, ""]], 0]);
  });

  test("is closed as it is told, and is heard no more", () => {
    const { socket, end, told, ended } = clientEnd();
    socket.bufferedAmount = 7;
    expect([end.bufferedAmount, end.readyState]).toEqual([7, 1]);
    end.close(1013, "UPSTREAM_UNAVAILABLE");
    socket.says("42[]");
    expect([socket.closedWith, end.readyState]).toEqual([{ code: 1013, reason: "UPSTREAM_UNAVAILABLE" }, 2]);
    expect([told, vi.getTimerCount(), ended.mock.calls.length]).toEqual([[], 0, 1]);
  });

  test("is closed normally where nothing else is said", () => {
    const { socket, end } = clientEnd();
    end.close();
    expect(socket.closedWith).toEqual({ code: 1000, reason: "" });
  });
});
