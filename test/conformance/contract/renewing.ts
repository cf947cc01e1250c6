// The contract of renewing: another token on a live connection, and the word that it is time for one.
import { describe, expect, test } from "vitest";
import { Client } from "../../support/client.ts";
import { goesOnUntil } from "../../support/goes-on.ts";
import { BOTH_SOCKETS } from "./both-sockets.ts";
import { ALARM_GRAIN_MS, type Contract, newStream, newUser } from "./contract.ts";

export function renewing(contract: Contract): void {
  const { graceS } = contract;

  describe.concurrent.each(BOTH_SOCKETS)("a member by %s", (_kind, open) => {
    test(
      "that renews goes on after the end of its first session, and misses nothing",
      async () => {
        const { streamId, userId, producer } = await contract.openPair();
        const member = await open(contract, streamId, userId, { sessionEndsInMs: 4000 });
        const { expiresAt, connectionId } = await member.register({ produces: ["chat"], consumes: ["*"] });
        const token = await contract.signSession({ userId, sessionId: "another" });
        member.send({ type: "auth", token, ref: "renew" });
        producer.send({ type: "chat", text: "meanwhile" });
        const renewed = await member.next("success");
        expect(renewed).toMatchObject({ message: "Authentication successful", ref: "renew", connectionId, userId });
        expect(Number(renewed["expiresAt"])).toBeGreaterThan(Number(expiresAt) + 60_000);
        expect(await member.next("chat")).toMatchObject({ text: "meanwhile" });
        await goesOnUntil(member, Number(expiresAt) + graceS * 1000 + 1000);
      },
      (graceS + 25) * 1000,
    );

    test(
      "is told that its session ends, over a sleep too, and may then renew",
      async () => {
        const [streamId, userId] = [newStream(), newUser()];
        const from = Date.now() + 15_000;
        const member = await open(contract, streamId, userId, { sessionEndsInMs: 15_000 });
        const to = Date.now() + 15_000;
        await contract.sleep(streamId);
        const { expiresAt } = await member.next("auth-expiring");
        expect([Number(expiresAt) >= from, Number(expiresAt) <= to]).toEqual([true, true]);
        await contract.sleep(streamId);
        member.send({ type: "auth", token: await contract.signSession({ userId }) });
        await member.next("success");
        await contract.sleep(streamId);
        await member.register({ produces: ["chat"] });
        await goesOnUntil(member, Number(expiresAt) + graceS * 1000 + 1000);
        expect(member.unread).toEqual([]);
      },
      (graceS + 30) * 1000 + ALARM_GRAIN_MS,
    );

    test.each([
      ["of another user", () => contract.signSession({ userId: newUser() })],
      ["that is none", () => Promise.resolve("invalid_token")],
      ["that is too long", () => Promise.resolve("x".repeat(9000))],
    ])("is closed by a token %s, and its stream goes on", async (_whose, token) => {
      const { streamId, userId, producer, consumer } = await contract.openPair();
      const member = await open(contract, streamId, userId);
      await member.register({ consumes: ["chat"] });
      member.send({ type: "auth", token: await token(), ref: 1 });
      expect(await member.nextError("AUTH_FAILED")).toMatchObject({ ref: 1, reauth: true });
      expect(await member.closed()).toMatchObject({ code: 1008 });
      producer.send({ type: "chat" });
      await consumer.next("chat");
    });

    test("is closed by a token that is over, and told so", async () => {
      const [streamId, userId] = [newStream(), newUser()];
      const member = await open(contract, streamId, userId);
      await member.register({ produces: ["chat"] });
      member.send({ type: "auth", token: await contract.signSession({ userId, sessionEndsInMs: -1000 }) });
      expect(await member.nextError("AUTH_FAILED")).toMatchObject({ reason: "expired" });
      expect(await member.closed()).toMatchObject({ code: 1008 });
    });
  });

  describe.concurrent("before register", () => {
    test.each([
      ["/streams/register, where a credential came with the upgrade", "/streams/register"],
      ["/ws", "/ws"],
    ])("a client renews at %s, and what it sends behind waits for that", async (_where, path) => {
      const [streamId, userId] = [newStream(), newUser()];
      const token = await contract.signSession({ userId, sessionEndsInMs: 60_000 });
      const client = await Client.connect(new URL(`${path}?token=${token}`, contract.url()));
      client.send({ type: "auth", token: await contract.signSession({ userId, sessionEndsInMs: 600_000 }), ref: "a" });
      client.send({ type: "register", streamId, produces: ["chat"], ref: "r" });
      const renewed = await client.next("success");
      expect(renewed).toMatchObject({ message: "Authentication successful", ref: "a", userId });
      expect(await client.next("success")).toMatchObject({ ref: "r", streamId, expiresAt: renewed["expiresAt"] });
      expect(Number(renewed["expiresAt"])).toBeGreaterThan(Date.now() + 300_000);
    });

    test("a client is closed by a token of another user", async () => {
      const client = await Client.connect(new URL(`/ws?token=${await contract.signSession()}`, contract.url()));
      client.send({ type: "auth", token: await contract.signSession({ userId: newUser() }) });
      await client.nextError("AUTH_FAILED");
      expect(await client.closed()).toMatchObject({ code: 1008 });
    });

    test("a client that came straight through to a stream renews there", async () => {
      const [streamId, userId] = [newStream(), newUser()];
      const client = await contract.connect(streamId, { userId });
      client.send({ type: "auth", token: await contract.signSession({ userId }) });
      expect(await client.next("success")).toMatchObject({ message: "Authentication successful", userId });
      expect(await client.register({ produces: ["chat"] })).toMatchObject({ streamId });
    });
  });
}
