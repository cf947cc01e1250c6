// What a stream tells a client of Socket.IO: events, acknowledgements, its end; and nothing once it has left.
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { EngineSocket } from "../../../../worker/edge/engine-io.ts";
import { Acknowledgements } from "../../../../worker/edge/socket-io/acknowledgements.ts";
import { EventLink, type LinkPhase } from "../../../../worker/edge/socket-io/event-link.ts";
import { FakeTransport } from "../../../support/fake-transport.ts";
import { binaryFrame } from "../../../support/held-client.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function linkOf(phase: Exclude<LinkPhase, "let-go"> = "open") {
  const transport = new FakeTransport();
  const nothing = (): void => {};
  const engine = new EngineSocket(transport, {
    message: nothing,
    heard: nothing,
    broken: nothing,
    silent: nothing,
    left: nothing,
    closed: nothing,
  });
  engine.open("s-1", 1000);
  transport.take();
  const told: unknown[] = [];
  const lanes = { latest: new Set<string>(), durable: new Set<string>() };
  const link = new EventLink(phase, engine, new Acknowledgements(lanes), {
    registered: (answer) => told.push(["registered", answer]),
    ended: (code, reason) => told.push(["ended", code, reason]),
  });
  return { transport, told, link };
}

describe("a message of the stream", () => {
  test("is an event", () => {
    const { transport, link } = linkOf();
    link.send('{"type":"chat","a":1}');
    expect(transport.take()).toEqual(['42["chat",{"a":1}]']);
  });

  test("of bytes is an event with an attachment behind it", () => {
    const { transport, link } = linkOf();
    link.send(binaryFrame({ type: "video-frame", seq: 1 }, 2));
    expect(transport.take()).toEqual([
      '451-["video-frame",{"data":{"_placeholder":true,"num":0},"seq":1}]',
      new Uint8Array(2),
    ]);
  });

  test("in a text with others is an event of its own: a client may register for batches", () => {
    const { transport, link } = linkOf();
    link.send('{"type":"chat","a":1}\n{"type":"success","message":"m","ref":"ack:3"}\n{"b":2,"type":"chat"}');
    expect(transport.take()).toEqual([
      '42["chat",{"a":1}]',
      '433[{"type":"success","message":"m"}]',
      '42["chat",{"b":2}]',
    ]);
  });
});

describe("an answer of the stream", () => {
  test.each(["success", "error", "pong"])("%s acknowledges what asked for it, and is an event otherwise", (type) => {
    const { transport, link } = linkOf();
    link.send(JSON.stringify({ type, ref: "ack:5", code: "X" }));
    link.send(JSON.stringify({ type, ref: "mine", code: "X" }));
    link.send(JSON.stringify({ type, code: "X" }));
    expect(transport.take()).toEqual([
      `435[{"type":"${type}","code":"X"}]`,
      `42["${type}",{"ref":"mine","code":"X"}]`,
      `42["${type}",{"code":"X"}]`,
    ]);
  });

  test("a message that a client wrote is none, whatever it holds", () => {
    const { transport, link } = linkOf();
    link.send('{"type":"successful","ref":"ack:5"}');
    link.send('{"a":1,"type":"chat","ref":"ack:5"}');
    expect(transport.take()).toEqual(['42["successful",{"ref":"ack:5"}]', '42["chat",{"a":1,"ref":"ack:5"}]']);
  });

  test("that says nothing new is not sent", () => {
    const { transport, link } = linkOf();
    link.send('{"type":"error","code":"X","ref":"ack!5"}');
    link.send('{"type":"pong","ref":"ack?5"}');
    expect(transport.take()).toEqual(['435[{"type":"error","code":"X"}]']);
  });
});

describe("the registration at CONNECT", () => {
  const answer = { type: "success", message: "Registration successful", ref: "connect" };

  test("is told where it is awaited, once: afterwards the ref is its client's", () => {
    const { transport, told, link } = linkOf("registering");
    link.send(JSON.stringify(answer));
    link.send('{"type":"pong","ref":"connect"}');
    expect([told, transport.take()]).toEqual([[["registered", answer]], ['42["pong",{"ref":"connect"}]']]);
  });

  test("is nobody's where none was asked for", () => {
    const { transport, told, link } = linkOf("open");
    link.send(JSON.stringify(answer));
    expect([told, transport.take().length]).toEqual([[], 1]);
  });

  test("is awaited past all else", () => {
    const { told, link } = linkOf("registering");
    link.send('{"type":"error","code":"X"}');
    link.send('{"type":"error","code":"X","ref":"ack:1"}');
    link.send(JSON.stringify({ ...answer, type: "error" }));
    expect(told).toEqual([["registered", { ...answer, type: "error" }]]);
  });
});

describe("a client that has left", () => {
  test("is told nothing more, not even the rest of a text, and its end is not told either", () => {
    const { transport, told, link } = linkOf();
    link.letGo();
    link.send('{"type":"chat"}\n{"type":"chat"}');
    link.send('{"type":"error","code":"X","ref":"ack:1"}');
    link.send(binaryFrame({ type: "video-frame" }));
    link.close(1000, "x");
    expect([transport.take(), told]).toEqual([[], []]);
  });

  test("looks gone, with nothing waiting, though its transport goes on", () => {
    const { transport, link } = linkOf();
    transport.bufferedAmount = 100;
    expect([link.readyState, link.bufferedAmount]).toEqual([1, 100]);
    link.letGo();
    expect([link.readyState, link.bufferedAmount]).toEqual([3, 0]);
  });
});

test("The end is told with its reason, if there is one", () => {
  const { told, link } = linkOf();
  link.close(4410, "SESSION_REVOKED");
  link.close(1000);
  expect(told).toEqual([
    ["ended", 4410, "SESSION_REVOKED"],
    ["ended", 1000, ""],
  ]);
});
