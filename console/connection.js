// One connection to a stream: opens the socket, registers, keeps it alive, and says once how it ended.
import { subprotocolsOf } from "./credential.js";
import { readMessage } from "./message.js";
import { Refusal } from "./refusal.js";

/** @import { Credential } from "./credential.js" */
/** @import { Fields, Message } from "./message.js" */
/**
 * @typedef {object} Listener
 * @property {(success: Fields) => void} registered
 * @property {(message: Message) => void} received
 * @property {(why: Refusal) => void} ended
 */

const PING = '{"type":"ping"}'; // exactly these bytes are answered without waking the stream
const KEEPALIVE_MS = 25_000;

/**
 * @param {string} streamId
 * @param {Credential} credential
 * @param {{ epoch: string, offset: number } | undefined} resume
 * @param {Listener} listener
 * @returns {(why?: Refusal) => void} ends it, for a reason that the listener is told, or without one in silence
 */
export function connect(streamId, credential, resume, listener) {
  const url = new URL(`/streams/${encodeURIComponent(streamId)}?reject=close`, location.origin);
  url.protocol = url.protocol.replace("http", "ws");
  const socket = new WebSocket(url, subprotocolsOf(credential));
  socket.binaryType = "arraybuffer";
  let heard = true;
  let over = false;

  const keepalive = setInterval(() => {
    // A network that went away closes no socket: only the missing answer tells.
    if (!heard) return end(Refusal.lost());
    heard = false;
    if (socket.readyState === WebSocket.OPEN) socket.send(PING);
  }, KEEPALIVE_MS);

  /** @param {Refusal} [why] */
  function end(why) {
    if (over) return;
    over = true;
    clearInterval(keepalive);
    socket.close();
    if (why !== undefined) listener.ended(why);
  }

  socket.addEventListener("open", () => {
    socket.send(JSON.stringify({ type: "register", produces: [], consumes: ["video-frame", "alert"], resume }));
  });
  socket.addEventListener("message", ({ data }) => {
    heard = true;
    const message = over ? undefined : readMessage(data);
    if (message === undefined) return;
    if (message.fields["type"] === "success") listener.registered(message.fields);
    // All that this page ever asks is to register, so an error is about that, or the end of the connection.
    else if (message.fields["type"] === "error") end(new Refusal(message.fields));
    else listener.received(message);
  });
  socket.addEventListener("close", () => end(Refusal.lost()));
  return end;
}
