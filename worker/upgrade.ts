// Whether a request asks for a WebSocket.

/** RFC 6455 §4.1: the token is compared without regard to case. */
export function isUpgrade(request: Request): boolean {
  return request.headers.get("Upgrade")?.toLowerCase() === "websocket";
}
