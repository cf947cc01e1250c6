// How one client comes in by one door: it shows its token as the door demands, and says what it sends or wants.
import { on } from "node:events";
import { WebSocket } from "ws";
import { type Dialect, TYPE } from "./numbered-message.ts";

/** Plain data, since it is told to another process. `unguarded`: nobody is asked for anything. */
export type Door =
  | { readonly kind: "unguarded"; readonly url: string }
  | { readonly kind: "main"; readonly url: string; readonly token: string }
  | { readonly kind: "first-message"; readonly url: string; readonly token: string; readonly streamId: string }
  | { readonly kind: "socket-io"; readonly url: string; readonly token: string; readonly streamId: string };

export type Role = "sender" | "consumer";

type Messages = ReturnType<typeof on>;

const REGISTRATIONS = { sender: { produces: [TYPE] }, consumer: { consumes: [TYPE] } } as const;
const SUCCESS = '{"type":"success"';
const PING = "2";
const PONG = "3";

export function dialectAt({ kind }: Door): Dialect {
  return kind === "socket-io" ? "socket-io" : "native";
}

/** Resolves with a socket that may send, and has read all that it asked for. */
export async function enter(door: Door, role: Role): Promise<WebSocket> {
  const protocols = door.kind === "main" ? ["sluice.v1", `bearer.${door.token}`] : [];
  const socket = new WebSocket(urlOf(door, role), protocols, { perMessageDeflate: false });
  // All that comes at once is kept, which listening for one message at a time would not do.
  const messages = on(socket, "message", { close: ["close"] });
  await opened(socket);
  await introduce(socket, messages, door, role);
  await messages.return?.();
  return socket;
}

async function introduce(socket: WebSocket, messages: Messages, door: Door, role: Role): Promise<void> {
  const registration = { type: "register", ...REGISTRATIONS[role] };
  switch (door.kind) {
    case "unguarded":
      return;
    case "main":
      socket.send(JSON.stringify(registration));
      return expectNext(messages, SUCCESS);
    case "first-message":
      socket.send(JSON.stringify({ type: "auth", token: door.token }));
      await expectNext(messages, SUCCESS);
      socket.send(JSON.stringify({ ...registration, streamId: door.streamId }));
      return expectNext(messages, SUCCESS);
    case "socket-io":
      await expectNext(messages, "0{");
      socket.on("message", (data: Buffer) => {
        // Of frames only the length is looked at.
        if (data.length === PING.length && String(data) === PING) socket.send(PONG);
      });
      socket.send(`40${JSON.stringify({ token: door.token })}`);
      await expectNext(messages, "40{");
      // Its URL has a consumer registered.
      if (role === "sender") {
        socket.send(`42${JSON.stringify(["register", { streamId: door.streamId, ...REGISTRATIONS[role] }])}`);
      }
      return expectNext(messages, '42["success"');
  }
}

function urlOf(door: Door, role: Role): string {
  if (door.kind !== "socket-io" || role === "sender") return door.url;
  return `${door.url}&runId=${door.streamId}`;
}

function opened(socket: WebSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
  });
}

async function expectNext(messages: Messages, start: string): Promise<void> {
  const { done, value } = await messages.next();
  const [data]: readonly unknown[] = done === true ? [] : value;
  if (!String(data).startsWith(start))
    throw new Error(`${start} was due, and this came: ${String(data).slice(0, 200)}`);
}
