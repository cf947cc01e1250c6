// The two kinds of sockets: one that goes straight through to the stream, and one that the Worker holds.
import { Client } from "../../support/client.ts";
import type { Door } from "./contract.ts";

export type Open = (door: Door, streamId: string, userId: string) => Promise<Client>;

export const straight: Open = (door, streamId, userId) => door.connect(streamId, { userId });

/** Authenticates by its first message. */
export const held: Open = async (door, streamId, userId) => {
  const client = await Client.connect(door.streamUrl(streamId));
  client.send({ type: "auth", token: await door.signSession({ userId }) });
  await client.next("success");
  return client;
};

export const BOTH_SOCKETS: readonly (readonly [string, Open])[] = [
  ["a socket that goes straight through", straight],
  ["a socket that the Worker holds", held],
];
