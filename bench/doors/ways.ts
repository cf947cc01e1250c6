// The doors of one gateway: the same bundle for all, and where its clients knock.
import type { Door } from "../delivery/entering.ts";
import type { Bundle } from "../delivery/runtime.ts";
import { type Server, socketUrl } from "../delivery/server.ts";

/** One client's door at a gateway. */
export type Way = (url: URL, streamId: string, token: string) => Door;

/** Straight through to the object. */
export const mainDoor: Way = (url, streamId, token) => ({
  kind: "main",
  url: socketUrl(url, `/streams/${streamId}`),
  token,
});

/** Held by the Worker, and bridged. */
export const firstMessage: Way = (url, streamId, token) => ({
  kind: "first-message",
  url: socketUrl(url, "/streams/register"),
  token,
  streamId,
});

/** Held by the Worker, and translated. */
export const socketIo: Way = (url, streamId, token) => ({
  kind: "socket-io",
  url: socketUrl(url, "/socket.io/?EIO=4&transport=websocket"),
  token,
  streamId,
});

/** @param token of the one user whom all clients are */
export function doorsOf(bundle: Bundle, token: string): (sender: Way, consumer: Way) => Server {
  return (sender, consumer) => ({
    bundle,
    targetAt: (url, streamId) => ({ sender: sender(url, streamId, token), consumer: consumer(url, streamId, token) }),
  });
}
