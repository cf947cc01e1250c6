// The least that the wire contract allows a relay: each message is read, stamped and written anew once, and nothing is checked.

export default {
  /** @param {Request} request */
  fetch(request, env) {
    return env.OBJECTS.get(env.OBJECTS.idFromName(new URL(request.url).pathname)).fetch(request);
  },
};

/** Version, a reserved byte and the length of the header. */
const PREFIX_BYTES = 4;
const decoder = new TextDecoder();
const encoder = new TextEncoder();

export class LeastObject {
  #ctx;
  #sockets;
  #seq = 0;

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
    const stamped = typeof message === "string" ? this.#stamp(message) : this.#stampEnvelope(message);
    for (const socket of this.#sockets) if (socket !== sender) socket.send(stamped);
  }

  webSocketClose() {
    this.#sockets = undefined;
  }

  #stamp(text) {
    const message = JSON.parse(text);
    this.#seq += 1;
    message.streamId = "measured";
    message.userId = "user-1";
    message.senderKind = "user";
    message.seq = this.#seq;
    message.receivedAt = Date.now();
    message.dropped = 0;
    return JSON.stringify(message);
  }

  #stampEnvelope(message) {
    const end = PREFIX_BYTES + new DataView(message).getUint16(2);
    const header = encoder.encode(
      this.#stamp(decoder.decode(new Uint8Array(message, PREFIX_BYTES, end - PREFIX_BYTES))),
    );
    const payload = new Uint8Array(message, end);
    const stamped = new Uint8Array(PREFIX_BYTES + header.byteLength + payload.byteLength);
    stamped[0] = 1;
    new DataView(stamped.buffer).setUint16(2, header.byteLength);
    stamped.set(header, PREFIX_BYTES);
    stamped.set(payload, PREFIX_BYTES + header.byteLength);
    return stamped;
  }
}
