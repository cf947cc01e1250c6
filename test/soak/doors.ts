// The two ways in that the people of a soak use: a WebSocket whose messages go to a listener, and HTTP.
import { WebSocket } from "ws";
import { type Message, readEnvelope } from "../support/client.ts";
import { signSession } from "../support/session-token.ts";
import type { Stage } from "./stage.ts";

export interface Line {
  readonly send: (message: Record<string, unknown>) => void;
  readonly sendBytes: (message: Buffer) => void;
  readonly close: () => void;
  /** Resolves once the connection is gone, whoever ended it. */
  readonly ended: Promise<void>;
}

/**
 * Opens a socket through the main door. Rejects where that does not succeed.
 * @param hear gets each message as it arrives, of a binary one its header
 */
export async function openLine(
  { gateway, network }: Pick<Stage, "gateway" | "network">,
  streamId: string,
  userId: string,
  hear: (message: Message) => void,
): Promise<Line> {
  const url = new URL(`/streams/${streamId}`, gateway);
  url.protocol = "ws:";
  const socket = new WebSocket(url, ["sluice.v1", `bearer.${await signSession({ userId })}`], {
    perMessageDeflate: false,
  });
  const ended = Promise.withResolvers<void>();
  const opened = Promise.withResolvers<Line>();
  socket.on("message", (data: Buffer, isBinary) => {
    hear(isBinary ? readEnvelope(data).header : (JSON.parse(data.toString()) as Message));
  });
  socket.once("close", () => ended.resolve());
  network.addEventListener("abort", () => socket.terminate());
  socket.on("error", (error) => opened.reject(error)); // once it is open, a close follows, and that is enough
  socket.once("open", () => {
    // After the runtime was killed a message may still be under way into a socket that is closing: it is lost, as it was.
    const send = (data: string | Buffer): void => socket.send(data, () => {});
    opened.resolve({
      send: (message) => send(JSON.stringify(message)),
      sendBytes: send,
      close: () => socket.close(),
      ended: ended.promise,
    });
  });
  return opened.promise;
}

export interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** Rejects where no whole answer came: then nobody knows what was done. */
export async function ask(
  { gateway, network }: Pick<Stage, "gateway" | "network">,
  userId: string,
  method: string,
  path: string,
  body?: Record<string, unknown>,
): Promise<Answer> {
  const response = await fetch(new URL(path, gateway), {
    method,
    signal: network,
    headers: { Authorization: `Bearer ${await signSession({ userId })}`, "Content-Type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === "" ? {} : (JSON.parse(text) as Record<string, unknown>) };
}
