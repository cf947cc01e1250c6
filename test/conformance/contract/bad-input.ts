// The contract for bad input: each mistake gets its code, and nobody else notices.
import { describe, expect, test } from "vitest";
import { type Contract, newStream } from "./contract.ts";

export function badInput(contract: Contract): void {
  describe.concurrent("bad input", () => {
    const badTexts: [string, string, string][] = [
      ["text that is not JSON", "{", "BAD_MESSAGE"],
      ["an empty text", "", "BAD_MESSAGE"],
      ["a list", "[]", "BAD_MESSAGE"],
      ["null", "null", "BAD_MESSAGE"],
      ["an object without a type", "{}", "BAD_MESSAGE"],
      ["a type that is no text", '{"type":7}', "BAD_MESSAGE"],
      ["an unknown type", '{"type":"no-such-type"}', "UNKNOWN_TYPE"],
      ["a word of the gateway's own", '{"type":"success"}', "UNKNOWN_TYPE"],
      ["a type that it did not register to produce", '{"type":"audio-frame"}', "NOT_A_PRODUCER"],
      ["a second register", '{"type":"register"}', "ALREADY_REGISTERED"],
      ["a ref that is no ref", '{"type":"alert","ref":{}}', "BAD_MESSAGE"],
      ["an alert id that is no text", '{"type":"alert","id":7}', "BAD_MESSAGE"],
    ];

    test.each(badTexts)("%s gets its code, and the socket and the stream go on", async (_name, text, code) => {
      const { producer, consumer } = await contract.openPair();
      producer.send(text);
      await producer.nextError(code);
      producer.sendFrame({ type: "video-frame" });
      await consumer.nextFrame();
      expect(consumer.unread).toEqual([]);
    });

    test("a list a hundred thousand levels deep harms nobody", async () => {
      const { producer, consumer } = await contract.openPair();
      producer.send(`{"type":"chat","deep":${"[".repeat(100_000)}${"]".repeat(100_000)}}`);
      producer.sendFrame({ type: "video-frame" });
      await consumer.nextFrame();
    });

    const badBytes: [string, number[]][] = [
      ["no bytes at all", []],
      ["another version", [2, 0, 0, 2, 123, 125]],
      ["a reserved byte that is set", [1, 1, 0, 2, 123, 125]],
      ["a header longer than the message", [1, 0, 0, 200, 123, 125]],
      ["a header longer than allowed", [1, 0, 255, 255, 123, 125]],
      ["a header of no length", [1, 0, 0, 0]],
      ["a header that is not UTF-8", [1, 0, 0, 2, 0xff, 0xfe]],
      ["a header that is no object", [1, 0, 0, 2, 91, 93]],
    ];

    test.each(badBytes)("an envelope with %s is BAD_MESSAGE, and the socket goes on", async (_name, bytes) => {
      const { producer, consumer } = await contract.openPair();
      producer.socket.send(Buffer.from(bytes));
      await producer.nextError("BAD_MESSAGE");
      producer.sendFrame({ type: "video-frame" });
      await consumer.nextFrame();
    });

    test("an alert in an envelope is refused, since durable types are JSON text", async () => {
      const { producer } = await contract.openPair();
      producer.sendFrame({ type: "alert", message: "binary" });
      await producer.nextError("BAD_MESSAGE");
    });

    test("publishing before register is NOT_REGISTERED", async () => {
      const client = await contract.connect(newStream());
      client.sendFrame({ type: "video-frame", ref: "early" });
      expect(await client.nextError("NOT_REGISTERED")).toMatchObject({ ref: "early" });
    });

    test("registering for another stream than the path's is INVALID_STREAM_ID", async () => {
      const client = await contract.connect(newStream());
      client.send({ type: "register", streamId: newStream() });
      await client.nextError("INVALID_STREAM_ID");
      await client.register();
    });

    test("a message over the limit closes its socket with 1009 and nobody else's", async () => {
      const { producer, consumer, streamId, userId } = await contract.openPair();
      const other = await contract.connect(streamId, { userId });
      other.socket.send(Buffer.alloc(1_048_577));
      await other.nextError("TOO_LARGE");
      expect(await other.closed()).toMatchObject({ code: 1009 });
      producer.sendFrame({ type: "video-frame" });
      await consumer.nextFrame();
    });

    test("ten errors in a row close the socket with 4400", async () => {
      const client = await contract.connect(newStream());
      for (let index = 0; index < 10; index += 1) client.send("{");
      expect(await client.closed()).toMatchObject({ code: 4400 });
    });

    test("messages faster than the limit are refused with the time to wait", async () => {
      const { producer, consumer } = await contract.openPair();
      for (let index = 0; index < 1000; index += 1) producer.send({ type: "chat", index });
      const error = await producer.nextError("RATE_LIMITED");
      expect(error["retryAfterMs"]).toBeGreaterThan(0);
      expect(await consumer.next("chat")).toMatchObject({ index: 0 });
    });
  });
}
