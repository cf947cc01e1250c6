// The two kinds of sockets: one that goes straight through to the stream, and one that the Worker holds.
import { Client } from "../../support/client.ts";
import type { Contract } from "./contract.ts";

type Open = (contract: Contract, streamId: string, userId: string) => Promise<Client>;

const straight: Open = (contract, streamId, userId) => contract.connect(streamId, { userId });

/** Authenticates by its first message. */
const held: Open = async (contract, streamId, userId) => {
  const client = await Client.connect(contract.streamUrl(streamId));
  client.send({ type: "auth", token: await contract.signSession({ userId }) });
  await client.next("success");
  return client;
};

export const BOTH_SOCKETS: readonly (readonly [string, Open])[] = [
  ["a socket that goes straight through", straight],
  ["a socket that the Worker holds", held],
];
