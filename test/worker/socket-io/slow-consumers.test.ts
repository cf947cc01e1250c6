// Clients of Socket.IO that do not keep up: what they miss, what they acknowledge, and when they must go.
import { describe, expect, test } from "vitest";
import type { Client } from "../../support/client.ts";
import { gatewaysByVariables, openCamera } from "../../support/held-phones.ts";
import { signSession } from "../../support/session-token.ts";
import { openSocketIo, type SocketIoClient } from "../../support/socket-io-client.ts";

const start = gatewaysByVariables();
const FAST = { MAX_BYTES_PER_S: "1000000000", MAX_MESSAGES_PER_S: "1000" };
const FRAME = new Uint8Array(256 * 1024);
/** More than half of a consumer's buffer, which is all that frames may fill. */
const LARGE_FRAME = new Uint8Array(600 * 1024);
/** Kernels take between four and twenty megabytes before anything waits; these are more than twenty. */
const ENOUGH = 84;
/** It is much to carry where other tests run beside. */
const TIMEOUT_MS = 90_000;

async function openReader(url: URL, streamId: string): Promise<SocketIoClient> {
  const reader = await openSocketIo(url, { token: await signSession(), query: { runId: streamId } }).connected();
  await reader.next("success");
  return reader;
}

describe("a slow reader", { timeout: TIMEOUT_MS }, () => {
  test("gets the newest frame when it reads again, and how many it missed; the others miss none", async () => {
    const { url } = await start(FAST);
    const camera = await openCamera(url, "frames", ["video-frame"]);
    const [viewer, slow] = [await openReader(url, "frames"), await openReader(url, "frames")];
    slow.stall();
    for (let index = 0; index <= ENOUGH; index += 1) {
      camera.sendFrame({ type: "video-frame", index }, index === ENOUGH ? LARGE_FRAME : FRAME);
      // oxlint-disable-next-line no-await-in-loop -- at the pace of the one that keeps up
      expect(await viewer.next("video-frame")).toMatchObject({ index, dropped: 0 });
    }
    slow.resume();
    const dropped: number[] = [];
    for (let index: unknown; index !== ENOUGH;) {
      // oxlint-disable-next-line no-await-in-loop -- in order
      const frame = await slow.next("video-frame");
      dropped.push(Number(frame["dropped"]));
      index = frame["index"];
    }
    const missed = dropped.reduce((sum, count) => sum + count, 0);
    expect(missed).toBeGreaterThan(0);
    expect(dropped.length + missed).toBe(ENOUGH + 1);
  });

  test("is told that it is slow, and its transport closed, where it would miss what may not be missed", async () => {
    const { url } = await start(FAST);
    const camera = await openCamera(url, "chat", ["chat"]);
    const [viewer, slow] = [await openReader(url, "chat"), await openReader(url, "chat")];
    slow.stall();
    await talk(camera, viewer);
    slow.resume();
    await slow.nextError("SLOW_CONSUMER");
    expect(await slow.disconnected()).toMatchObject({ reason: "transport close", active: true });
    await slow.connected();
  });

  test("that goes on reading nothing after it was closed is cut off, with all that waits for it", async () => {
    const { url, harness } = await start({ ...FAST, CONSUMER_STALL_S: "1" });
    const camera = await openCamera(url, "deaf", ["chat"]);
    const [viewer, slow] = [await openReader(url, "deaf"), await openReader(url, "deaf")];
    slow.stall();
    await talk(camera, viewer);
    await expect.poll(() => JSON.stringify(harness.getLogs()), { timeout: 15_000 }).toContain("client-cut-off");
    slow.resume();
    expect(await slow.disconnected()).toMatchObject({ active: true });
    expect(slow.unread.map(({ type }) => type)).not.toContain("error");
  });
});

async function talk(camera: Client, viewer: SocketIoClient): Promise<void> {
  const text = "x".repeat(250_000);
  for (let index = 0; index < ENOUGH; index += 1) {
    camera.send({ type: "chat", text });
    // oxlint-disable-next-line no-await-in-loop -- of a burst too much would wait for a moment, and be gone when it is looked at
    await viewer.next("chat");
  }
}

test("A reader with a window gets as many frames as it acknowledges, the newest first", async () => {
  const { url } = await start(FAST);
  const camera = await openCamera(url, "window", ["video-frame"]);
  const reader = await openSocketIo(url, { token: await signSession() }).connected();
  await reader.ask("register", { streamId: "window", consumes: ["video-frame"], window: 1 });
  const film = async (...indices: readonly number[]): Promise<void> => {
    for (const index of indices) camera.sendFrame({ type: "video-frame", index });
    await camera.caughtUp();
    await reader.caughtUp();
  };
  await film(1, 2, 3);
  const first = await reader.next("video-frame");
  expect([first["index"], reader.unread]).toEqual([1, []]);
  reader.send("frame-ack", { seq: first["seq"] });
  const second = await reader.next("video-frame");
  expect(second).toMatchObject({ index: 3, dropped: 1 });
  await film(4);
  expect(reader.unread).toEqual([]);
  reader.send("frame-ack", { seq: second["seq"] });
  expect(await reader.next("video-frame")).toMatchObject({ index: 4, dropped: 0 });
});
