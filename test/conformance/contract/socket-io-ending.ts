// The contract of how a connection of Socket.IO ends: whether its client comes back by itself, and with which token.
import { describe, expect, test } from "vitest";
import { openSocketIo, type SocketIoClient, type SocketIoOptions } from "../../support/socket-io-client.ts";
import { type Contract, newStream, newUser } from "./contract.ts";
import { askerOf } from "./http.ts";
import { BEFORE, revokerOf } from "./revoke.ts";

export function socketIoEnding(contract: Contract): void {
  const { graceS } = contract;
  const openReader = async (streamId: string, options: SocketIoOptions): Promise<SocketIoClient> => {
    const reader = await openSocketIo(contract.url(), { query: { runId: streamId }, ...options }).connected();
    await reader.next("success");
    return reader;
  };

  describe.concurrent("a session that ends on a live connection of Socket.IO", () => {
    test(
      "closes the transport alone, so that the client comes back with what its `auth` function says then",
      async () => {
        const { streamId, userId, producer } = await contract.openPair();
        const lives = [{ sessionEndsInMs: 3000 }, {}];
        let asked = 0;
        const auth = (say: (payload: object) => void): void => {
          const life = lives[asked] ?? {};
          asked += 1;
          void contract.signSession({ userId, ...life }).then((token) => say({ token }));
        };
        const reader = await openReader(streamId, { auth });
        expect(await reader.next("auth-expiring")).toMatchObject({ expiresAt: expect.any(Number) });
        const talk = setInterval(() => producer.send({ type: "chat" }), 50);
        expect(await reader.nextError("TOKEN_EXPIRED")).toMatchObject({ temporary: true, reauth: true });
        expect(await reader.disconnected()).toMatchObject({ reason: "transport close", active: true });
        await reader.connected();
        clearInterval(talk);
        expect(await reader.next("success")).toMatchObject({ streamId, userId });
        expect([asked, reader.opened]).toEqual([2, 2]);
      },
      (graceS + 20) * 1000,
    );

    test(
      "goes on where the client renews it with an `auth` event",
      async () => {
        const { streamId, userId, producer } = await contract.openPair();
        const reader = await openReader(streamId, {
          token: await contract.signSession({ userId, sessionEndsInMs: 4000 }),
        });
        const { expiresAt } = await reader.next("auth-expiring");
        const renewed = await reader.ask("auth", { token: await contract.signSession({ userId }) });
        expect(renewed).toMatchObject({ type: "success", userId, connectionId: reader.socket.id });
        expect(Number(renewed["expiresAt"])).toBeGreaterThan(Number(expiresAt));
        const endMs = Number(expiresAt) + graceS * 1000;
        do {
          producer.send({ type: "chat" });
          // oxlint-disable-next-line no-await-in-loop -- until the first session is surely over
          await reader.next("chat");
          // oxlint-disable-next-line no-await-in-loop -- as above
          await new Promise((resolve) => setTimeout(resolve, 100));
        } while (Date.now() < endMs + 500);
        expect(reader.socket.connected).toBe(true);
      },
      (graceS + 20) * 1000,
    );

    test("is not renewed by another user's token, which ends the connection", async () => {
      const { streamId, userId } = await contract.openPair();
      const reader = await openReader(streamId, { token: await contract.signSession({ userId }) });
      reader.send("auth", { token: await contract.signSession({ userId: newUser() }) });
      await reader.nextError("AUTH_FAILED");
      expect(await reader.disconnected()).toMatchObject({ reason: "io server disconnect", active: false });
    });
  });

  describe.skipIf(contract.adminKey === undefined).concurrent("an operator", () => {
    const operate = (path: string, body?: unknown) =>
      askerOf(contract)("POST", path, undefined, body, { "x-api-key": `${contract.adminKey}` });

    test("who revokes a user takes him out, and keeps out the token that he has", async () => {
      const { streamId, userId } = await contract.openPair();
      const reader = await openReader(streamId, { token: await contract.signSession({ userId, ...BEFORE }) });
      expect(await revokerOf(contract)({ userId })).toMatchObject({ status: 202 });
      expect(await reader.nextError("SESSION_REVOKED")).toMatchObject({ reauth: true });
      expect(await reader.disconnected()).toMatchObject({ reason: "io server disconnect", active: false });
      reader.socket.connect();
      expect(await reader.refused()).toMatchObject({
        message: "unauthorized",
        data: { code: "SESSION_REVOKED", reauth: true },
        active: false,
      });
    });

    test.each(["connectionId", "userId"] as const)("who takes a client out by its %s has it stay away", async (by) => {
      const { streamId, userId } = await contract.openPair();
      const reader = await openReader(streamId, { token: await contract.signSession({ userId }) });
      const who = { connectionId: reader.socket.id, userId };
      await operate(`/admin/streams/${streamId}/disconnect`, { [by]: who[by] });
      await reader.nextError("UNAUTHORIZED");
      expect(await reader.disconnected()).toMatchObject({ reason: "io server disconnect", active: false });
    });

    test("who drains a stream has its clients come back", async () => {
      const { streamId, userId } = await contract.openPair();
      const reader = await openReader(streamId, { token: await contract.signSession({ userId }) });
      await operate(`/admin/streams/${streamId}/drain`);
      expect(await reader.next("reconnect")).toMatchObject({ afterMs: expect.any(Number) });
      expect(await reader.disconnected()).toMatchObject({ reason: "transport close", active: true });
      await reader.connected();
      expect(await reader.next("success")).toMatchObject({ streamId });
    });
  });

  test.concurrent("A stream that is lost with its sockets is joined again, by clients of Socket.IO too", async () => {
    const { streamId, userId } = await contract.openPair();
    const reader = await openReader(streamId, { token: await contract.signSession({ userId }) });
    await contract.crash(streamId);
    expect(await reader.disconnected()).toMatchObject({ reason: "transport close", active: true });
    await reader.connected();
    expect(await reader.next("success")).toMatchObject({ streamId });
  });

  test.concurrent("A stream that slept meanwhile has not lost its clients of Socket.IO", async () => {
    const { streamId, userId, producer } = await contract.openPair();
    const reader = await openReader(streamId, { token: await contract.signSession({ userId }) });
    await contract.sleep(streamId);
    producer.send({ type: "chat", text: "awake" });
    expect(await reader.next("chat")).toMatchObject({ text: "awake" });
  });

  test.concurrent("A client that leaves may come back over the transport that it has", async () => {
    const userId = newUser();
    const client = await openReader(newStream(), { token: await contract.signSession({ userId }) });
    // Of another namespace that will not be there, so that the transport is kept.
    const other = client.socket.io.socket("/none");
    other.connect();
    client.socket.disconnect();
    expect(await client.disconnected()).toMatchObject({ reason: "io client disconnect" });
    client.socket.connect();
    await client.connected();
    expect(await client.next("success")).toMatchObject({ userId, connectionId: client.socket.id });
    other.disconnect();
  });
}
