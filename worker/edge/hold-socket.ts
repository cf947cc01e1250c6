// Answers an upgrade with a socket that the Worker holds itself: no object is addressed before its client is known.
import { ABNORMAL_CLOSURE } from "../../connection/close.ts";
import { heldUpgradeHeaders } from "../doors/refusal.ts";
import { HeldSocket, type HeldSocketOptions } from "./held-socket.ts";

export function holdSocket(options: HeldSocketOptions): Response {
  const { 0: client, 1: server } = new WebSocketPair();
  server.binaryType = "arraybuffer"; // the default is Blob since 2026-03-17
  server.accept({ allowHalfOpen: true });
  const held = new HeldSocket(server, options);
  held.start();
  server.addEventListener("message", ({ data }) => held.receive(data));
  server.addEventListener("close", ({ code }) => held.left(code));
  server.addEventListener("error", () => held.left(ABNORMAL_CLOSURE));
  return new Response(null, { status: 101, webSocket: client, headers: heldUpgradeHeaders(options.request) });
}
