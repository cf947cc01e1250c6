// Who takes part where consumers stop reading: a camera that watches who goes, and readers that come and are closed.
import type { Open } from "../conformance/contract/both-sockets.ts";
import type { Door } from "../conformance/contract/contract.ts";
import type { Client } from "../support/client.ts";

const [STREAM_ID, OWNER] = ["cam", "owner"];

export async function openCamera(door: Door): Promise<Client> {
  const camera = await door.connect(STREAM_ID, { userId: OWNER });
  await camera.register({ produces: ["video-frame"], consumes: ["presence"] });
  return camera;
}

export async function openReaders(door: Door, open: Open, count: number): Promise<readonly Client[]> {
  const readers = await Promise.all(Array.from({ length: count }, () => open(door, STREAM_ID, OWNER)));
  await Promise.all(readers.map((reader) => reader.register({ consumes: ["video-frame"] })));
  return readers;
}

/** Resolves with the time at which so many had left; that takes longer than a client waits for a message. */
export function departures(watcher: Client, count: number): Promise<number> {
  const all = Promise.withResolvers<number>();
  let left = 0;
  watcher.socket.on("message", (data: Buffer) => {
    if (!data.toString().includes('"event":"leave"')) return;
    left += 1;
    if (left === count) all.resolve(performance.now());
  });
  return all.promise;
}

/** Reads again, up to the close: with which code, and how many frames there were. */
export async function readToTheEnd(stuck: Client): Promise<{ readonly code: number; readonly read: number }> {
  stuck.resume();
  const { code } = await stuck.closed();
  return { code, read: stuck.takeFrames().length };
}
