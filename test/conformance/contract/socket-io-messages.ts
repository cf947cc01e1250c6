// The contract of events: what is acknowledged and how, what arrives at whom, and that bytes stay the bytes that they were.
import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { openSocketIo, type SocketIoClient } from "../../support/socket-io-client.ts";
import { type Contract, newStream, newUser } from "./contract.ts";

export function socketIoMessages(contract: Contract): void {
  interface Camera {
    readonly camera: SocketIoClient;
    readonly streamId: string;
    readonly userId: string;
  }

  async function openCamera(consumes: readonly string[] = []): Promise<Camera> {
    const [streamId, userId] = [newStream(), newUser()];
    const camera = openSocketIo(contract.url(), { token: await contract.signSession({ userId }) });
    await camera.connected();
    const register = { streamId, produces: ["video-frame", "alert", "chat"], consumes };
    expect(await camera.ask("register", register)).toMatchObject({ type: "success", userId });
    return { camera, streamId, userId };
  }

  /** By its URL, so that it hears everything. */
  async function openReader({ streamId, userId }: Omit<Camera, "camera">): Promise<SocketIoClient> {
    const token = await contract.signSession({ userId });
    const reader = await openSocketIo(contract.url(), { token, query: { runId: streamId } }).connected();
    await reader.next("success");
    return reader;
  }

  describe.concurrent("an acknowledgement of Socket.IO", () => {
    test("of an alert says that it is stored, and where", async () => {
      const { camera } = await openCamera();
      const alert = { message: "seen", id: "a-1" };
      const stored = await camera.ask("alert", alert);
      expect(stored).toMatchObject({ type: "success", id: "a-1", offset: 1, epoch: expect.any(String) });
      expect(stored).not.toHaveProperty("ref");
      expect(await camera.ask("alert", alert)).toMatchObject({ type: "success", offset: 1, duplicate: true });
      expect(await camera.ask("alert", { message: "other", id: "a-1" })).toMatchObject({
        type: "error",
        code: "CONFLICT",
      });
      expect(camera.unread).toEqual([]);
    });

    test.each([
      ["a message of the live lane", "chat", { text: "hello" }],
      ["a frame", "video-frame", { data: Buffer.from([1, 2, 3]) }],
      ["a frame that is bytes alone", "video-frame", Buffer.from([1, 2, 3])],
      ["a frame in JSON", "video-frame", { data: "AAAA" }],
    ])("of %s says that it was sent", async (_what, type, message) => {
      const { camera } = await openCamera();
      expect(await camera.ask(type, message)).toEqual({ type: "success", message: "Sent" });
    });

    test.each([
      ["register a second time", "register", [{}], "ALREADY_REGISTERED"],
      ["a type that nobody knows", "gossip", [{}], "UNKNOWN_TYPE"],
      ["a type that it does not produce", "audio-frame", [{}], "NOT_A_PRODUCER"],
      ["two arguments", "chat", [{}, {}], "BAD_MESSAGE"],
      ["two attachments", "chat", [{ data: Buffer.from([1]), more: Buffer.from([2]) }], "BAD_MESSAGE"],
      ["an attachment that is not its data", "chat", [{ picture: Buffer.from([1]) }], "BAD_MESSAGE"],
      ["an alert with an attachment", "alert", [{ data: Buffer.from([1]) }], "BAD_MESSAGE"],
      ["a word of the gateway's own", "success", [{}], "UNKNOWN_TYPE"],
    ])("of what is refused says why: %s", async (_what, type, args, code) => {
      const { camera } = await openCamera();
      const error = await camera.ask(type, ...args);
      expect(error).toMatchObject({ type: "error", code, temporary: false });
      expect(error).not.toHaveProperty("ref");
      await camera.caughtUp();
      expect(camera.unread).toEqual([]);
    });

    test("of a ping is a pong, and without one the pong is an event", async () => {
      const { camera } = await openCamera();
      expect(await camera.ask("ping")).toEqual({ type: "pong" });
      camera.send("ping");
      expect(await camera.next("pong")).toEqual({ type: "pong" });
    });

    test("repeats the `ref` that the message has of its own", async () => {
      const { camera } = await openCamera();
      expect(await camera.ask("alert", { ref: "mine" })).toMatchObject({ type: "success", ref: "mine" });
      expect(await camera.ask("chat", { ref: 7 })).toEqual({ type: "success", message: "Sent", ref: 7 });
      expect(await camera.ask("gossip", { ref: "no" })).toMatchObject({ code: "UNKNOWN_TYPE", ref: "no" });
      expect(await camera.ask("chat", { ref: "x".repeat(128) })).toMatchObject({ code: "BAD_MESSAGE" });
    });

    test("is that of its own event, though many are under way", async () => {
      const { camera } = await openCamera();
      const types = ["chat", "gossip", "alert", "ping", "video-frame", "gossip", "chat"];
      const answers = await Promise.all(types.map((type, index) => camera.ask(type, { ref: index })));
      expect(answers.map((answer) => [answer["ref"], answer["code"] ?? answer["message"] ?? answer.type])).toEqual([
        [0, "Sent"],
        [1, "UNKNOWN_TYPE"],
        [2, expect.stringMatching(/./)],
        [3, "pong"],
        [4, "Sent"],
        [5, "UNKNOWN_TYPE"],
        [6, "Sent"],
      ]);
      expect(camera.unread).toEqual([]);
    });
  });

  test.concurrent("An event without an acknowledgement that is refused comes back as an event `error`", async () => {
    const { camera } = await openCamera();
    camera.send("gossip", { ref: "g" });
    expect(await camera.nextError("UNKNOWN_TYPE")).toMatchObject({ type: "error", ref: "g" });
    camera.send("chat", {}, {});
    expect(await camera.nextError("BAD_MESSAGE")).toMatchObject({ type: "error" });
    camera.send("chat", "a word");
    await camera.caughtUp();
    expect(camera.unread).toEqual([]);
  });

  describe.concurrent("members of one stream, by Socket.IO and by the gateway's own dialect,", () => {
    test("read the same of each other, stamps and all", async () => {
      const { camera, ...stream } = await openCamera(["chat"]);
      const [reader, raw] = [await openReader(stream), await contract.connect(stream.streamId, stream)];
      await raw.register({ produces: ["chat"], consumes: ["*"] });
      for (const [type, message] of [
        ["chat", { text: "Grüße 😀 \u2028", nested: { list: [1, null, "x"] }, seq: 5, userId: "somebody else" }],
        ["alert", { message: "seen", ref: "mine" }],
        ["video-frame", { data: "AAAA", timestamp: 5 }],
      ] as const) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        await camera.ask(type, message);
        // oxlint-disable-next-line no-await-in-loop -- as above
        const [event, text] = [await reader.next(type), await raw.next(type)];
        expect(event).toEqual(text);
        expect(event).toMatchObject({ ...stream, senderKind: "user", seq: expect.any(Number) });
        expect(event).not.toHaveProperty("ref");
      }
      raw.send({ type: "chat", text: "and back" });
      expect(await camera.next("chat")).toEqual(await reader.next("chat"));
    });

    test("get 200,000 bytes of each other as they were sent", async () => {
      const { camera, ...stream } = await openCamera();
      const [reader, raw] = [await openReader(stream), await contract.connect(stream.streamId, stream)];
      await raw.register({ produces: ["audio-frame"], consumes: ["video-frame"] });
      const bytes = randomBytes(200_000);
      camera.send("video-frame", { data: bytes, timestamp: 7 });
      const event = await reader.next("video-frame");
      expect(bytes.equals(event["data"] as Buffer)).toBe(true);
      const { header, payload } = await raw.nextFrame();
      expect(bytes.equals(payload)).toBe(true);
      expect(event).toEqual({ ...header, data: expect.anything() });
      expect(header).toMatchObject({ ...stream, timestamp: 7, dropped: 0 });
      raw.sendFrame({ type: "audio-frame", timestamp: 8 }, bytes);
      const back = await reader.next("audio-frame");
      expect(bytes.equals(back["data"] as Buffer)).toBe(true);
      expect(back).toMatchObject({ ...stream, timestamp: 8 });
    });

    test("get bytes of each other also where they say them as text", async () => {
      const [streamId, userId] = [newStream(), newUser()];
      const token = await contract.signSession({ userId });
      const camera = await openSocketIo(contract.url(), { token, forceBase64: true }).connected();
      await camera.ask("register", { streamId, produces: ["video-frame"] });
      const query = { runId: streamId };
      const reader = await openSocketIo(contract.url(), { token, forceBase64: true, query }).connected();
      await reader.next("success");
      expect(await camera.ask("video-frame", { data: Buffer.from([1, 2, 3]) })).toMatchObject({ type: "success" });
      expect(await reader.next("video-frame")).toMatchObject({ data: Buffer.from([1, 2, 3]) });
    });

    test("get no bytes that a producer only wrote the sign of", async () => {
      const { camera, ...stream } = await openCamera();
      const [reader, raw] = [await openReader(stream), await contract.connect(stream.streamId, stream)];
      await raw.register({ produces: ["audio-frame"] });
      raw.sendFrame({ type: "audio-frame", sign: { _placeholder: true, num: 9 } }, new Uint8Array([1]));
      expect(await reader.next("audio-frame")).toMatchObject({ sign: { num: 9 }, data: Buffer.from([1]) });
      camera.send("chat", { sign: { _placeholder: true, num: 9 } });
      expect(await reader.next("chat")).toMatchObject({ sign: { _placeholder: true, num: 9 } });
    });

    test("are told of each other's coming and going, and of a camera that has left", async () => {
      const { camera, ...stream } = await openCamera(["presence"]);
      expect(await camera.next("presence")).toMatchObject({ event: "snapshot" });
      const reader = await openReader(stream);
      const member = { connectionId: reader.socket.id, userId: stream.userId, consumes: ["*"] };
      expect(await camera.next("presence")).toMatchObject({ event: "join", member });
      reader.socket.disconnect();
      expect(await camera.next("presence")).toMatchObject({ event: "leave", member });
      const raw = await contract.connect(stream.streamId, stream);
      await raw.register({ consumes: ["*"] });
      await camera.ask("video-frame", { data: "AAAA" });
      camera.socket.disconnect();
      expect(await raw.next("status")).toMatchObject({ status: "paused", origin: "gateway" });
    });
  });

  test.concurrent.each([
    ["text", "x".repeat(1_100_000)],
    ["bytes", Buffer.alloc(1_100_000)],
  ])("An event of too many %s is told so, and its client does not come back by itself", async (_what, data) => {
    const { camera } = await openCamera();
    camera.send("chat", { data });
    expect(await camera.nextError("TOO_LARGE")).toMatchObject({ type: "error" });
    expect(await camera.disconnected()).toMatchObject({ reason: "io server disconnect", active: false });
  });
}
