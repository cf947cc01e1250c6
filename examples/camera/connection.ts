// One WebSocket to a stream, as any browser could open it: the token travels in the subprotocol, not in the URL.

export type Message = Record<string, unknown>;

/** Resolves once registered; rejects with the reason that the gateway gave. */
export function openConnection(
  gateway: URL,
  streamId: string,
  token: string,
  register: { produces: readonly string[]; consumes: readonly string[] },
  onMessage: (message: Message) => void,
  onLost: (why: string) => void,
): Promise<WebSocket> {
  const url = new URL(`/streams/${streamId}?reject=close`, gateway);
  url.protocol = url.protocol.replace("http", "ws");
  const socket = new WebSocket(url, ["sluice.v1", `bearer.${token}`]);
  socket.binaryType = "arraybuffer";
  return new Promise((resolve, reject) => {
    let lose = reject;
    socket.addEventListener("open", () => socket.send(JSON.stringify({ type: "register", ...register })));
    socket.addEventListener("message", ({ data }) => {
      const message = readMessage(data);
      if (message["type"] === "success") {
        lose = onLost;
        resolve(socket);
      } else onMessage(message);
    });
    socket.addEventListener("close", ({ code, reason }) => lose(`the connection was closed: ${code} ${reason}`));
  });
}

/** A frame as a binary message: version, reserved, length of the header, header, bytes. */
export function frameMessage(header: Message, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(JSON.stringify(header));
  const message = new Uint8Array(4 + text.length + bytes.length);
  message[0] = 1;
  new DataView(message.buffer).setUint16(2, text.length);
  message.set(text, 4);
  message.set(bytes, 4 + text.length);
  return message;
}

/** Of a binary message the header is enough here. */
function readMessage(data: unknown): Message {
  const text =
    data instanceof ArrayBuffer
      ? new TextDecoder().decode(new Uint8Array(data, 4, new DataView(data).getUint16(2)))
      : String(data);
  return JSON.parse(text) as Message;
}
