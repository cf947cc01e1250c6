// The contract of clients that go in ways of their own: without a code, without a word, with codes that nobody may send.
import { describe, expect, test } from "vitest";
import type { Client } from "../../support/client.ts";
import { statusBecomes } from "./asking.ts";
import { BOTH_SOCKETS } from "./both-sockets.ts";
import type { Contract } from "./contract.ts";

/** The code of a close frame as it is on the wire. */
const code = (number: number): Uint8Array => Uint8Array.of(number >> 8, number & 0xff);

/** How it goes, and the code that it is answered with. */
const WAYS: readonly (readonly [string, (client: Client) => void, answer: number])[] = [
  ["with a code of its own", (client) => client.close(4321), 4321],
  ["without a code", (client) => client.socket.close(), 1000],
  ["by a cut of its connection", (client) => client.cut(), 1006],
  ...[0, 999, 1005, 1006, 65_535].map(
    (number) => [`with ${number} on the wire`, (client: Client) => client.closeWith(code(number)), 1000] as const,
  ),
  ["with half a code", (client) => client.closeWith(Uint8Array.of(3)), 1000],
  ["with a reason that is no text", (client) => client.closeWith(Uint8Array.of(...code(1000), 0xff, 0xfe)), 1000],
];

export function goingAway(contract: Contract): void {
  describe.concurrent.each(BOTH_SOCKETS)("a client that goes, by %s,", (_kind, open) => {
    test.each(WAYS)("%s is a member no more, and the others go on", async (_way, go, answer) => {
      const { streamId, userId, producer, consumer } = await contract.openPair();
      const client = await open(contract, streamId, userId);
      await client.register({ produces: ["chat"], consumes: ["*"] });
      await statusBecomes(contract, { streamId, userId }, ({ counts }) => counts?.["members"] === 3);
      go(client);
      expect((await client.closed()).code).toBe(answer);
      await statusBecomes(contract, { streamId, userId }, ({ counts }) => counts?.["members"] === 2);
      producer.sendFrame({ type: "video-frame", n: 1 });
      expect((await consumer.nextFrame()).header).toMatchObject({ n: 1, dropped: 0 });
      producer.send({ type: "alert", message: "on", ref: 1 });
      expect(await producer.next("success")).toMatchObject({ ref: 1, offset: 1 });
      expect(await consumer.next("alert")).toMatchObject({ message: "on" });
      expect([consumer.unread, producer.socket.readyState]).toEqual([[], producer.socket.OPEN]);
    });
  });
}
