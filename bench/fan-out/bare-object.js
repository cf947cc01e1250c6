// What the gateway is compared with: an object that forwards each message to all others and does nothing else.

export default {
  /** @param {Request} request */
  fetch(request, env) {
    return env.OBJECTS.get(env.OBJECTS.idFromName(new URL(request.url).pathname)).fetch(request);
  },
};

export class BareObject {
  #ctx;
  /** Asked for once instead of with each message; undefined once somebody came or went. */
  #sockets;

  constructor(ctx) {
    this.#ctx = ctx;
  }

  fetch() {
    const { 0: client, 1: server } = new WebSocketPair();
    this.#ctx.acceptWebSocket(server);
    this.#sockets = undefined;
    return new Response(null, { status: 101, webSocket: client });
  }

  webSocketMessage(sender, message) {
    this.#sockets ??= this.#ctx.getWebSockets();
    for (const socket of this.#sockets) if (socket !== sender) socket.send(message);
  }

  webSocketClose() {
    this.#sockets = undefined;
  }
}
