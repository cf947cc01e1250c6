// The wire contract as sentences, tried from outside against a URL: any gateway that speaks docs/PROTOCOL.md passes.
import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import { Client, Refused } from "../support/client.ts";
import type { SessionOptions } from "../support/session-token.ts";

export interface ContractOptions {
  /** The gateway, asked for when the tests run. */
  readonly url: () => URL;
  /** A token that the gateway accepts, for a session of the given life. */
  readonly signSession: (session?: SessionOptions) => Promise<string>;
  /** Takes the stream's object out of memory while its sockets stay. */
  readonly sleep: (streamId: string) => Promise<void>;
  /** `AUTH_GRACE_S` of the gateway. */
  readonly graceS: number;
}

/** The grain of the gateway's alarm: how much later than a deadline it may act. */
const ALARM_GRAIN_MS = 5000;

export function gatewayContract({ url, signSession, sleep, graceS }: ContractOptions): void {
  const newStream = (): string => `stream-${randomUUID()}`;
  const newUser = (): string => `user-${randomUUID()}`;
  const streamUrl = (streamId: string, query = ""): URL => new URL(`/streams/${streamId}${query}`, url());

  async function connect(streamId: string, session: SessionOptions = {}): Promise<Client> {
    return Client.connect(streamUrl(streamId), ["sluice.v1", `bearer.${await signSession(session)}`]);
  }

  /** A producer of frames and alerts, and a consumer of everything, of the same user. */
  async function openPair(streamId = newStream(), userId = newUser()) {
    const producer = await connect(streamId, { userId });
    const { epoch } = await producer.register({ produces: ["video-frame", "alert", "chat"], consumes: ["alert"] });
    const consumer = await connect(streamId, { userId });
    await consumer.register({ consumes: ["*"] });
    return { streamId, userId, epoch, producer, consumer };
  }

  describe.concurrent("the main door", () => {
    test("takes a token from the Authorization header, whatever the case of the scheme", async () => {
      const headers = { Authorization: `bEARER ${await signSession({ userId: newUser() })}` };
      const client = await Client.connect(streamUrl(newStream()), [], { headers });
      expect(await client.register()).toMatchObject({ type: "success" });
    });

    test("takes a token from the subprotocol and names only its own subprotocol in the answer", async () => {
      const client = await connect(newStream());
      expect(client.socket.protocol).toBe("sluice.v1");
    });

    test("takes a token from the query", async () => {
      const token = await signSession({ userId: newUser() });
      const client = await Client.connect(streamUrl(newStream(), `?token=${token}`));
      expect(await client.register()).toMatchObject({ type: "success" });
    });

    test("lets the first place that holds a credential decide, and does not fall through to the next", async () => {
      const token = await signSession();
      const headers = { Authorization: "Bearer not-a-token" };
      await expect(Client.connect(streamUrl(newStream(), `?token=${token}`), [], { headers })).rejects.toEqual(
        new Refused(401),
      );
    });

    test("refuses two different tokens in one query", async () => {
      const query = `?token=${await signSession()}&token=another`;
      expect(await upgradeRefusal(streamUrl(newStream(), query))).toMatchObject({ status: 400, code: "BAD_REQUEST" });
    });

    test("says AUTH_REQUIRED where there is no credential", async () => {
      expect(await upgradeRefusal(streamUrl(newStream()))).toMatchObject({
        status: 401,
        code: "AUTH_REQUIRED",
        reauth: true,
        temporary: false,
        headers: {
          "www-authenticate": expect.stringContaining("Bearer"),
          "cache-control": "no-store",
          "referrer-policy": "no-referrer",
          "content-type": "application/problem+json",
        },
      });
    });

    test("says AUTH_FAILED for a token of another secret, without a reason", async () => {
      const token = await signSession({ secret: "another-Zk3vQ1xP8mN5tR7wY2bC6dF9gH4jL0sA" });
      const refusal = await upgradeRefusal(streamUrl(newStream(), `?token=${token}`));
      expect(refusal).toMatchObject({ status: 401, code: "AUTH_FAILED" });
      expect(refusal).not.toHaveProperty("reason");
    });

    test("says that a token is expired only after its signature was found good", async () => {
      const token = await signSession({ issuedAgoS: 600, tokenEndsInS: -300 });
      const refusal = await upgradeRefusal(streamUrl(newStream(), `?token=${token}`));
      expect(refusal).toMatchObject({ code: "AUTH_FAILED", reason: "expired" });
    });

    test("refuses a session that is over, though its token is not", async () => {
      const token = await signSession({ sessionEndsInMs: -1000 });
      const refusal = await upgradeRefusal(streamUrl(newStream(), `?token=${token}`));
      expect(refusal).toMatchObject({ code: "AUTH_FAILED", reason: "expired" });
    });

    test("repeats nothing of a token that it refused", async () => {
      const token = `${await signSession()}x`;
      const refusal = await upgradeRefusal(streamUrl(newStream(), `?token=${token}`));
      expect(JSON.stringify(refusal)).not.toContain(token.slice(40, 80));
    });

    test("tells a browser inside the socket, since it cannot read a status", async () => {
      const client = await Client.connect(streamUrl(newStream()), [], { headers: { Origin: "https://app.example" } });
      expect(await client.nextError("AUTH_REQUIRED")).toMatchObject({
        message: "Must authenticate first",
        reauth: true,
      });
      expect(await client.closed()).toMatchObject({ code: 1008 });
    });

    test("names its subprotocol where it refuses inside the socket, or a browser would not see the reason", async () => {
      const client = await Client.connect(streamUrl(newStream(), "?reject=close"), ["sluice.v1", "bearer.nonsense"]);
      expect(client.socket.protocol).toBe("sluice.v1");
      await client.nextError("AUTH_FAILED");
      expect(await client.closed()).toMatchObject({ code: 1008 });
    });

    test("refuses in the way that ?reject asks for", async () => {
      const headers = { Origin: "https://app.example" };
      await expect(Client.connect(streamUrl(newStream(), "?reject=http"), [], { headers })).rejects.toEqual(
        new Refused(401),
      );
    });

    test.each([".", "..", "a b", "a%2fb", "%00", "ä", "register", "x".repeat(129)])(
      "refuses the stream id %s before any object is addressed",
      async (streamId) => {
        const target = `${url().origin}/streams/${encodeURIComponent(decodeURIComponent(streamId))}?token=${await signSession()}`;
        const refusal = await upgradeRefusal(target);
        // A client normalises dots away before it sends; what then arrives is no stream's path.
        expect(["INVALID_STREAM_ID", "NOT_FOUND"]).toContain(refusal.code);
      },
    );

    test("answers a request that is no upgrade with 426", async () => {
      const response = await fetch(streamUrl(newStream()));
      expect(response.status).toBe(426);
      expect(await response.json()).toMatchObject({ code: "UPGRADE_REQUIRED" });
    });

    test("is alive and ready", async () => {
      expect(await (await fetch(new URL("/health", url()))).json()).toMatchObject({ status: "ok" });
      expect((await fetch(new URL("/ready", url()))).status).toBe(200);
    });

    test("answers an unknown path with a problem", async () => {
      const response = await fetch(new URL("/no/such/path", url()));
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({ code: "NOT_FOUND" });
    });
  });

  describe.concurrent("registering", () => {
    test("says who, where, until when and within which limits", async () => {
      const streamId = newStream();
      const userId = newUser();
      const client = await connect(streamId, { userId });
      const success = await client.register({ streamId, clientType: "mobile", ref: 7 });
      expect(success).toMatchObject({
        message: `Registration successful. Stream ID: ${streamId}`,
        ref: 7,
        userId,
        streamId,
        connectionId: expect.any(String),
        epoch: expect.stringMatching(/^.{1,32}$/),
        offset: 0,
        keepaliveMs: expect.any(Number),
        limits: {
          maxMessageBytes: expect.any(Number),
          maxMessagesPerS: expect.any(Number),
          maxBytesPerS: expect.any(Number),
        },
      });
      expect(success["expiresAt"]).toBeGreaterThan(Date.now());
      expect(success).not.toHaveProperty("recovered");
    });

    test("lets a phone that declares nothing send frames and get alerts", async () => {
      const { streamId, userId, consumer } = await openPair();
      const phone = await connect(streamId, { userId });
      await phone.register({ clientType: "mobile" });
      phone.send({ type: "video-frame", data: "AAAA" });
      expect(await consumer.next("video-frame")).toMatchObject({ data: "AAAA" });
    });

    test("stores nothing for who only reads a stream that nobody owns", async () => {
      const reader = await connect(newStream());
      expect(await reader.register({ consumes: ["*"] })).toMatchObject({ epoch: "", offset: 0 });
    });
  });

  describe.concurrent("frames", () => {
    test("reach consumers as JSON with the gateway's stamps in place of the producer's", async () => {
      const { streamId, userId, producer, consumer } = await openPair();
      const forged = {
        streamId: "x",
        userId: "x",
        senderKind: "service",
        seq: -1,
        receivedAt: 1,
        dropped: 9,
        origin: "x",
      };
      producer.send({ type: "video-frame", data: "AAAA", timestamp: 5, note: "kept", ...forged });
      const frame = await consumer.next("video-frame");
      expect(frame).toMatchObject({
        data: "AAAA",
        timestamp: 5,
        note: "kept",
        streamId,
        userId,
        senderKind: "user",
        dropped: 0,
      });
      expect(frame["seq"]).toBeGreaterThan(0);
      expect(frame["receivedAt"]).toBeGreaterThan(Date.now() - 60_000);
      expect(frame).not.toHaveProperty("origin");
    });

    test("reach consumers as the same bytes, with the stamps in the header", async () => {
      const { streamId, userId, producer, consumer } = await openPair();
      const payload = new Uint8Array(50_000).map((_, index) => index % 251);
      producer.sendFrame({ type: "video-frame", timestamp: 5, userId: "forged" }, payload);
      const frame = await consumer.nextFrame();
      expect(frame.header).toMatchObject({ type: "video-frame", timestamp: 5, streamId, userId, dropped: 0 });
      expect(Buffer.compare(frame.payload, payload)).toBe(0);
    });

    test("carry a seq that rises strictly", async () => {
      const { producer, consumer } = await openPair();
      for (let index = 0; index < 5; index += 1) producer.sendFrame({ type: "video-frame" });
      const seqs: number[] = [];
      for (let index = 0; index < 5; index += 1) seqs.push(Number((await consumer.nextFrame()).header["seq"]));
      expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
      expect(new Set(seqs).size).toBe(5);
    });

    test("do not come back to their own producer", async () => {
      const streamId = newStream();
      const client = await connect(streamId);
      await client.register({ produces: ["video-frame"], consumes: ["*"] });
      client.sendFrame({ type: "video-frame" });
      await client.caughtUp();
      expect(client.unread).toEqual([]);
    });
  });

  describe.concurrent("alerts", () => {
    test("are acknowledged with their offset and reach everyone who consumes them, their sender included", async () => {
      const { producer, consumer, epoch } = await openPair();
      producer.send({ type: "alert", severity: "high", message: "first", ref: "a" });
      producer.send({ type: "alert", severity: "high", message: "second", id: "my-id" });
      expect(await producer.next("success")).toMatchObject({ ref: "a", offset: 1, epoch, id: expect.any(String) });
      expect(await consumer.next("alert")).toMatchObject({ message: "first", offset: 1, epoch });
      expect(await consumer.next("alert")).toMatchObject({ message: "second", offset: 2, epoch, id: "my-id" });
      expect(await producer.next("alert")).toMatchObject({ offset: 1 });
      expect(await producer.next("alert")).toMatchObject({ offset: 2 });
    });

    test("are stored once for each id, and a different body under the same id is refused", async () => {
      const { producer, consumer } = await openPair();
      const alert = { type: "alert", message: "once", id: "one" };
      producer.send({ ...alert, ref: 1 });
      producer.send({ ...alert, ref: 2 });
      producer.send({ ...alert, message: "other", ref: 3 });
      expect(await producer.next("success")).toMatchObject({ ref: 1, offset: 1 });
      expect(await producer.next("success")).toMatchObject({ ref: 2, offset: 1, duplicate: true });
      expect(await producer.nextError("CONFLICT")).toMatchObject({ ref: 3 });
      await consumer.next("alert");
      await consumer.caughtUp();
      expect(consumer.unread).toEqual([]);
    });

    test("that were missed come back to who resumes, before anything new", async () => {
      const { streamId, userId, epoch, producer } = await openPair();
      for (const ref of [1, 2, 3]) producer.send({ type: "alert", message: `number ${ref}`, ref });
      for (let index = 0; index < 3; index += 1) await producer.next("success");
      const late = await connect(streamId, { userId });
      const success = await late.register({ consumes: ["alert"], resume: { epoch, offset: 1 } });
      expect(success).toMatchObject({ recovered: true, offset: 3 });
      expect(await late.next("alert")).toMatchObject({ offset: 2, message: "number 2" });
      expect(await late.next("alert")).toMatchObject({ offset: 3, message: "number 3" });
    });

    test("of another epoch cannot be resumed, and nothing is replayed", async () => {
      const { streamId, userId, producer } = await openPair();
      producer.send({ type: "alert", message: "one", ref: 1 });
      await producer.next("success");
      const late = await connect(streamId, { userId });
      const success = await late.register({ consumes: ["alert"], resume: { epoch: "another", offset: 0 } });
      expect(success).toMatchObject({ recovered: false });
      await late.caughtUp();
      expect(late.unread).toEqual([]);
    });
  });

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
      const { producer, consumer } = await openPair();
      producer.send(text);
      await producer.nextError(code);
      producer.sendFrame({ type: "video-frame" });
      await consumer.nextFrame();
      expect(consumer.unread).toEqual([]);
    });

    test("a list a hundred thousand levels deep harms nobody", async () => {
      const { producer, consumer } = await openPair();
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
      const { producer, consumer } = await openPair();
      producer.socket.send(Buffer.from(bytes));
      await producer.nextError("BAD_MESSAGE");
      producer.sendFrame({ type: "video-frame" });
      await consumer.nextFrame();
    });

    test("an alert in an envelope is refused, since durable types are JSON text", async () => {
      const { producer } = await openPair();
      producer.sendFrame({ type: "alert", message: "binary" });
      await producer.nextError("BAD_MESSAGE");
    });

    test("publishing before register is NOT_REGISTERED", async () => {
      const client = await connect(newStream());
      client.sendFrame({ type: "video-frame", ref: "early" });
      expect(await client.nextError("NOT_REGISTERED")).toMatchObject({ ref: "early" });
    });

    test("registering for another stream than the path's is INVALID_STREAM_ID", async () => {
      const client = await connect(newStream());
      client.send({ type: "register", streamId: newStream() });
      await client.nextError("INVALID_STREAM_ID");
      await client.register();
    });

    test("a message over the limit closes its socket with 1009 and nobody else's", async () => {
      const { producer, consumer, streamId, userId } = await openPair();
      const other = await connect(streamId, { userId });
      other.socket.send(Buffer.alloc(1_048_577));
      await other.nextError("TOO_LARGE");
      expect(await other.closed()).toMatchObject({ code: 1009 });
      producer.sendFrame({ type: "video-frame" });
      await consumer.nextFrame();
    });

    test("ten errors in a row close the socket with 4400", async () => {
      const client = await connect(newStream());
      for (let index = 0; index < 10; index += 1) client.send("{");
      expect(await client.closed()).toMatchObject({ code: 4400 });
    });

    test("messages faster than the limit are refused with the time to wait", async () => {
      const { producer, consumer } = await openPair();
      for (let index = 0; index < 300; index += 1) producer.send({ type: "chat", index });
      const error = await producer.nextError("RATE_LIMITED");
      expect(error["retryAfterMs"]).toBeGreaterThan(0);
      expect(await consumer.next("chat")).toMatchObject({ index: 0 });
    });
  });

  describe.concurrent("two users", () => {
    test("are kept apart: the second is refused before the socket opens", async () => {
      const { streamId } = await openPair();
      const token = await signSession({ userId: newUser() });
      const refusal = await upgradeRefusal(streamUrl(streamId, `?token=${token}`));
      expect(refusal).toMatchObject({ status: 403, code: "UNAUTHORIZED" });
    });

    test("are kept apart: who waited before the owner came is told so and receives nothing", async () => {
      const streamId = newStream();
      const lurker = await connect(streamId, { userId: newUser() });
      await lurker.register({ consumes: ["*"] });
      const { producer, consumer } = await openPair(streamId);
      await lurker.nextError("UNAUTHORIZED");
      producer.sendFrame({ type: "video-frame" });
      producer.send({ type: "alert", message: "private" });
      await consumer.next("alert");
      await lurker.caughtUp();
      expect(lurker.unread).toEqual([]);
    });

    test("who register at once on a new stream leave exactly one owner", async () => {
      const streamId = newStream();
      const clients = await Promise.all(Array.from({ length: 5 }, () => connect(streamId, { userId: newUser() })));
      for (const client of clients) client.send({ type: "register", produces: ["video-frame"] });
      const outcomes = await Promise.all(
        clients.map((client) =>
          Promise.race([
            client.next("success").then(() => "owner"),
            client.nextError("UNAUTHORIZED").then(() => "refused"),
          ]),
        ),
      );
      expect(outcomes.toSorted()).toEqual(["owner", "refused", "refused", "refused", "refused"]);
    });
  });

  describe.concurrent("sleep", () => {
    test("between connecting and register is not noticed", async () => {
      const streamId = newStream();
      const client = await connect(streamId);
      await sleep(streamId);
      expect(await client.register({ produces: ["video-frame"] })).toMatchObject({ streamId });
    });

    test("between register and frame is not noticed, but that the first frame after it says nothing of dropped ones", async () => {
      const { streamId, producer, consumer } = await openPair();
      producer.sendFrame({ type: "video-frame" });
      const before = await consumer.nextFrame();
      await sleep(streamId);
      producer.sendFrame({ type: "video-frame" });
      producer.sendFrame({ type: "video-frame" });
      const after = await consumer.nextFrame();
      expect(after.header).not.toHaveProperty("dropped");
      expect(Number(after.header["seq"])).toBeGreaterThan(Number(before.header["seq"]));
      expect((await consumer.nextFrame()).header).toMatchObject({ dropped: 0 });
    });

    test("keeps the alerts, their offsets and the owner", async () => {
      const { streamId, epoch, producer, consumer } = await openPair();
      producer.send({ type: "alert", message: "before", ref: 1 });
      await producer.next("success");
      await sleep(streamId);
      producer.send({ type: "alert", message: "after", ref: 2 });
      expect(await producer.next("success")).toMatchObject({ offset: 2, epoch });
      expect(await consumer.next("alert")).toMatchObject({ message: "before" });
      expect(await consumer.next("alert")).toMatchObject({ message: "after" });
      const token = await signSession({ userId: newUser() });
      expect(await upgradeRefusal(streamUrl(streamId, `?token=${token}`))).toMatchObject({ code: "UNAUTHORIZED" });
    });

    test("does not keep a keepalive from being answered", async () => {
      const streamId = newStream();
      const client = await connect(streamId);
      await sleep(streamId);
      client.send('{"type":"ping"}');
      expect(await client.next("pong")).toEqual({ type: "pong" });
    });

    test(
      "does not outlast the session: it ends by itself, with nobody sending",
      async () => {
        const streamId = newStream();
        const client = await connect(streamId, { sessionEndsInMs: 500 });
        await client.register({ produces: ["video-frame"] });
        await sleep(streamId);
        expect(await client.nextError("TOKEN_EXPIRED")).toMatchObject({ temporary: true, reauth: true });
        expect(await client.closed()).toMatchObject({ code: 4401 });
      },
      (graceS + 10) * 1000 + 2 * ALARM_GRAIN_MS,
    );
  });

  describe.concurrent("the end of a session", () => {
    test(
      "is enforced on the next message, whenever the alarm comes",
      async () => {
        const streamId = newStream();
        const client = await connect(streamId, { sessionEndsInMs: 300 });
        await client.register({ produces: ["video-frame"] });
        const keepSending = setInterval(() => client.sendFrame({ type: "video-frame" }), 50);
        await client.nextError("TOKEN_EXPIRED");
        clearInterval(keepSending);
        expect(await client.closed()).toMatchObject({ code: 4401 });
      },
      (graceS + 10) * 1000,
    );
  });

  describe.concurrent("a reader that stalls", () => {
    const FRAME = new Uint8Array(256 * 1024);

    test("costs the others nothing, and afterwards is told how many frames it missed", async () => {
      const { streamId, userId, producer, consumer } = await openPair();
      const slow = await connect(streamId, { userId });
      await slow.register({ consumes: ["video-frame"] });
      slow.stall();
      // Far more than kernel and client buffer on the way, at the pace of the reader that keeps up.
      const frames = 56;
      for (let index = 0; index < frames; index += 1) {
        producer.sendFrame({ type: "video-frame", index }, FRAME);
        expect((await consumer.nextFrame()).header).toMatchObject({ index, dropped: 0 });
      }
      slow.resume();
      await slow.caughtUp();
      producer.sendFrame({ type: "video-frame", index: frames });
      await consumer.nextFrame();
      await slow.caughtUp();
      const dropped = slow.takeFrames().map(({ header }) => Number(header["dropped"]));
      const missed = dropped.reduce((sum, count) => sum + count, 0);
      expect(missed).toBeGreaterThan(0);
      expect(dropped.length + missed).toBe(frames + 1);
    });

    test("is closed where it would miss what may not be missed", async () => {
      const { streamId, userId, producer, consumer } = await openPair();
      const slow = await connect(streamId, { userId });
      await slow.register({ consumes: ["chat"] });
      slow.stall();
      const text = "x".repeat(250_000);
      for (let index = 0; index < 56; index += 1) {
        producer.send({ type: "chat", text });
        await consumer.next("chat");
      }
      slow.resume();
      await slow.nextError("SLOW_CONSUMER");
      expect(await slow.closed()).toMatchObject({ code: 4508 });
    });
  });
}

interface Refusal {
  readonly status: number;
  readonly code: unknown;
  readonly headers: Record<string, string>;
  readonly [member: string]: unknown;
}

/** Asks for an upgrade as a client without an Origin does, and reads the refusal. */
async function upgradeRefusal(target: string | URL): Promise<Refusal> {
  const { request } = await import("node:http");
  const { promise, resolve, reject } = Promise.withResolvers<Refusal>();
  const headers = {
    Connection: "Upgrade",
    Upgrade: "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": Buffer.from(randomUUID().slice(0, 16)).toString("base64"),
  };
  request(target, { headers }, (response) => {
    let body = "";
    response.on("data", (chunk: Buffer) => (body += chunk.toString()));
    response.on("end", () => {
      resolve({
        ...(JSON.parse(body) as Refusal),
        status: response.statusCode ?? 0,
        headers: response.headers as Record<string, string>,
      });
    });
  })
    .on("upgrade", () => reject(new Error("the upgrade was not refused")))
    .on("error", reject)
    .end();
  return promise;
}
