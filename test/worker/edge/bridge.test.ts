// A held socket and the object's, joined: what passes between them when one of them has just come to its end.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Bridge } from "../../../worker/edge/bridge.ts";
import { LastHop } from "../../../worker/edge/bridge/last-hop.ts";
import { EdgeMemory } from "../../../worker/edge/edge-memory.ts";
import { LettingGo } from "../../../worker/edge/letting-go.ts";
import { FakeRelayedSocket } from "../../support/fake-relayed-socket.ts";

const STALL_MS = 30_000;
const BOUNDS = { consumerBufferBytes: 1000, objectBufferBytes: 1_000_000, stallMs: STALL_MS };

class FakeObjectSocket extends FakeRelayedSocket {
  binaryType: "blob" | "arraybuffer" = "blob";
  accept(): void {}
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function bridged() {
  const [client, upstream, memory] = [new FakeRelayedSocket(), new FakeObjectSocket(), new EdgeMemory()];
  const registered = vi.fn<() => void>();
  const bridge = new Bridge({
    client,
    upstream,
    memory,
    lastHop: new LastHop(client, BOUNDS, memory),
    lettingGo: new LettingGo({ client, memory, stallMs: STALL_MS, cut: () => undefined }),
    idleTimeoutMs: 120_000,
    registered,
  });
  return { bridge, client, upstream, memory, registered };
}

const REGISTER = JSON.stringify({ type: "register", consumes: ["video-frame"], window: 2 });
const SUCCESS = JSON.stringify({ type: "success", message: "Registration successful" });

/** As the object sends it. */
const frame = (seq: number): string => JSON.stringify({ type: "video-frame", seq, receivedAt: 5, dropped: 0 });

test("An acknowledgement that shows that its client had stalled ends the connection, and is not said to the object behind its close", () => {
  const { bridge, client, upstream, registered } = bridged();
  bridge.toObject(REGISTER);
  upstream.says(SUCCESS);
  expect(registered).toHaveBeenCalledTimes(1);
  client.stalled = true;
  upstream.says(frame(1));
  // The first look sees what waits; the clock goes on, and a message comes before the next look.
  vi.advanceTimersByTime(1000);
  vi.setSystemTime(Date.now() + STALL_MS + 1000);
  bridge.toObject(JSON.stringify({ type: "frame-ack", seq: 1 }));
  expect(client.errorCodes).toEqual(["SLOW_CONSUMER"]);
  expect(upstream.closedWith).toBeDefined();
  expect(upstream.sent).toEqual([REGISTER]);
});

test("Each registration is told, and nothing else that the object says is taken for one", () => {
  const { bridge, upstream, registered } = bridged();
  for (const text of [SUCCESS, frame(1), JSON.stringify({ type: "success", message: "Stored" }), SUCCESS]) {
    upstream.says(text);
  }
  expect(registered).toHaveBeenCalledTimes(2);
  bridge.clientClosed(1000);
});
