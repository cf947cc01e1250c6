// The two kinds of sockets: one that goes straight through to the stream, and one that the Worker holds.
import { Client } from "../../support/client.ts";
import type { SessionOptions } from "../../support/session-token.ts";
import type { Door } from "./contract.ts";

/** @param life of the session, where it matters */
export type Open = (
  door: Door,
  streamId: string,
  userId: string,
  life?: Pick<SessionOptions, "sessionEndsInMs" | "tokenEndsInS">,
) => Promise<Client>;

export const straight: Open = (door, streamId, userId, life) => door.connect(streamId, { ...life, userId });

/** Authenticates by its first message. */
export const held: Open = async (door, streamId, userId, life) => {
  const client = await Client.connect(door.streamUrl(streamId));
  client.send({ type: "auth", token: await door.signSession({ ...life, userId }) });
  await client.next("success");
  return client;
};

export const BOTH_SOCKETS: readonly (readonly [string, Open])[] = [
  ["a socket that goes straight through", straight],
  ["a socket that the Worker holds", held],
];
