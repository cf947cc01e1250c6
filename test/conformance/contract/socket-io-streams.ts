// The contract of how a client of Socket.IO comes to a stream: by the query of its URL, or by `register`.
import { describe, expect, test } from "vitest";
import { openSocketIo, type SocketIoClient, type SocketIoOptions } from "../../support/socket-io-client.ts";
import { type Contract, newStream, newUser } from "./contract.ts";
import { askerOf } from "./http.ts";

export function socketIoStreams(contract: Contract): void {
  const open = async (userId: string, options: SocketIoOptions = {}): Promise<SocketIoClient> =>
    openSocketIo(contract.url(), { token: await contract.signSession({ userId }), ...options });

  describe.concurrent("a stream that the query of Socket.IO names", () => {
    test.each([
      ["runId", (streamId: string) => ({ runId: streamId })],
      ["streamId", (streamId: string) => ({ streamId })],
      ["both", (streamId: string) => ({ runId: streamId, streamId })],
    ])("as %s is joined with CONNECT, and one `success` says so", async (_name, queryOf) => {
      const [streamId, userId] = [newStream(), newUser()];
      const client = await (await open(userId, { query: queryOf(streamId) })).connected();
      expect(await client.next("success")).toMatchObject({
        message: `Registration successful. Stream ID: ${streamId}`,
        connectionId: client.socket.id,
        userId,
        streamId,
        keepaliveMs: 25_000,
      });
      await client.caughtUp();
      expect(client.unread).toEqual([]);
    });

    test("lets its reader hear every type, and say none", async () => {
      const { streamId, userId, producer } = await contract.openPair();
      const reader = await (await open(userId, { query: { runId: streamId } })).connected();
      for (const type of ["chat", "alert", "video-frame"]) {
        producer.send({ type, text: "for all" });
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        expect(await reader.next(type)).toMatchObject({ text: "for all", userId, streamId });
      }
      expect(await reader.ask("chat", {})).toMatchObject({ code: "UNKNOWN_TYPE" });
      expect(await reader.ask("register", { streamId })).toMatchObject({ code: "ALREADY_REGISTERED" });
    });

    test.each([
      ["two names that differ", { runId: "one", streamId: "two" }],
      ["a name with a space", { runId: "no such run" }],
      ["a name of dots", { runId: ".." }],
      ["a name that is too long", { streamId: "x".repeat(129) }],
      ["the name of an endpoint", { streamId: "register" }],
      ["no name", { runId: "" }],
    ])("by %s refuses the CONNECT", async (_what, query) => {
      const client = await open(newUser(), { query });
      const refused = { data: { code: "INVALID_STREAM_ID", temporary: false, reauth: false }, active: false };
      expect(await client.refused()).toMatchObject(refused);
    });

    test("and that is another user's refuses the CONNECT, until he lets the client in", async () => {
      const { streamId, userId } = await contract.openPair();
      const guest = newUser();
      const client = await open(guest, { query: { runId: streamId } });
      expect(await client.refused()).toMatchObject({
        message: "unauthorized",
        data: { code: "UNAUTHORIZED", message: "No permission to read this stream", reauth: false },
        active: false,
      });
      expect(client.unread).toEqual([]);
      await askerOf(contract)("PUT", `/streams/${streamId}/access`, userId, { readers: [guest] });
      client.socket.connect();
      await client.connected();
      expect(await client.next("success")).toMatchObject({ streamId, userId: guest });
    });

    test("gives its reader the newest frame when it joins, as an attachment", async () => {
      const { streamId, userId, producer } = await contract.openPair();
      producer.sendFrame({ type: "video-frame", index: 1 }, new Uint8Array([7, 8, 9]));
      await producer.caughtUp();
      const reader = await (await open(userId, { query: { runId: streamId } })).connected();
      expect(await reader.next("video-frame")).toMatchObject({ index: 1, data: Buffer.from([7, 8, 9]) });
    });
  });

  describe.concurrent("a client of Socket.IO that names no stream", () => {
    test("is connected, told nothing, and heard once it has registered", async () => {
      const client = await (await open(newUser())).connected();
      expect(await client.ask("chat", {})).toMatchObject({ type: "error", code: "NOT_REGISTERED" });
      const streamId = newStream();
      const success = await client.ask("register", { streamId, produces: ["chat"], consumes: ["alert"] });
      expect(success).toMatchObject({ type: "success", streamId, connectionId: client.socket.id });
      expect(await client.ask("chat", { text: "hello" })).toEqual({ type: "success", message: "Sent" });
      expect(client.unread).toEqual([]);
    });

    test("may register without an acknowledgement, and gets the answer as an event", async () => {
      const client = await (await open(newUser())).connected();
      client.send("register", { streamId: newStream(), ref: "mine" });
      expect(await client.next("success")).toMatchObject({ ref: "mine" });
      client.send("register", { streamId: newStream(), ref: 5 });
      expect(await client.nextError("ALREADY_REGISTERED")).toMatchObject({ type: "error", ref: 5 });
    });

    test("may try another one where it has no right on the first", async () => {
      const { streamId } = await contract.openPair();
      const client = await (await open(newUser())).connected();
      expect(await client.ask("register", { streamId, produces: ["chat"] })).toMatchObject({
        code: "UNAUTHORIZED",
        message: "No permission to publish to this stream",
      });
      expect(await client.ask("register", { streamId: "no such" })).toMatchObject({ code: "INVALID_STREAM_ID" });
      expect(await client.ask("register", { streamId: newStream() })).toMatchObject({ type: "success" });
    });

    test("resumes behind the last alert that it saw", async () => {
      const { streamId, userId, epoch, producer } = await contract.openPair();
      for (const message of ["first", "second", "third"]) producer.send({ type: "alert", message });
      await producer.caughtUp();
      const client = await (await open(userId)).connected();
      const resume = { epoch, offset: 1 };
      const success = await client.ask("register", { streamId, consumes: ["alert"], resume });
      expect(success).toMatchObject({ recovered: true, offset: 3 });
      expect(await client.next("alert")).toMatchObject({ message: "second", offset: 2 });
      expect(await client.next("alert")).toMatchObject({ message: "third", offset: 3 });
    });
  });
}
