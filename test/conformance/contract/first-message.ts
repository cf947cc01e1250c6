// The contract of the doors for clients that can show no credential at the upgrade, and of `/ws`.
import { describe, expect, test } from "vitest";
import { Client } from "../../support/client.ts";
import { type Contract, newStream, newUser } from "./contract.ts";

export function firstMessage(contract: Contract): void {
  const open = (path: string, headers: Record<string, string> = {}): Promise<Client> =>
    Client.connect(new URL(path, contract.url()), [], { headers });
  const authenticate = async (client: Client, userId = newUser()): Promise<string> => {
    client.send({ type: "auth", token: await contract.signSession({ userId }) });
    await client.next("success");
    return userId;
  };

  describe.concurrent("a client that authenticates by message", () => {
    test("is told who it is, registers on the stream that it names, and streams", async () => {
      const [streamId, userId] = [newStream(), newUser()];
      const phone = await open("/streams/register");
      phone.send({ type: "auth", token: await contract.signSession({ userId }), ref: 1 });
      const greeting = await phone.next("success");
      expect(greeting).toMatchObject({ message: "Authentication successful", userId, ref: 1 });
      const success = await phone.register({ streamId, clientType: "mobile" });
      expect(success).toMatchObject({
        message: `Registration successful. Stream ID: ${streamId}`,
        connectionId: greeting["connectionId"],
        userId,
      });
      const viewer = await contract.connect(streamId, { userId });
      await viewer.register({ consumes: ["*"] });
      phone.send({ type: "video-frame", data: "AAAA", timestamp: 5 });
      expect(await viewer.next("video-frame")).toMatchObject({ data: "AAAA", userId, streamId });
    });

    test("may come to the stream's own path, where register need not name it", async () => {
      const streamId = newStream();
      const client = await open(`/streams/${streamId}`);
      await authenticate(client);
      expect(await client.register({ produces: ["video-frame"] })).toMatchObject({ streamId });
    });

    test("may send everything at once, and it is handled in order", async () => {
      const [streamId, userId] = [newStream(), newUser()];
      const viewer = await contract.connect(streamId, { userId });
      await viewer.register({ produces: ["chat"], consumes: ["*"] });
      const phone = await open("/streams/register");
      phone.send({ type: "auth", token: await contract.signSession({ userId }) });
      phone.send({ type: "register", streamId, produces: ["video-frame", "alert"] });
      for (const index of [1, 2, 3]) phone.sendFrame({ type: "video-frame", index });
      phone.send({ type: "alert", message: "last", ref: "a" });
      expect(await phone.next("success")).toMatchObject({ message: "Authentication successful" });
      expect(await phone.next("success")).toMatchObject({ streamId });
      expect(await phone.next("success")).toMatchObject({ ref: "a", offset: 1 });
      for (const index of [1, 2, 3]) expect((await viewer.nextFrame()).header).toMatchObject({ index });
      expect(await viewer.next("alert")).toMatchObject({ message: "last" });
    });

    test("that sends something else first is told to authenticate, twice, and closed at the third", async () => {
      const client = await open("/streams/register");
      client.send({ type: "register", streamId: newStream(), ref: "early" });
      expect(await client.nextError("AUTH_REQUIRED")).toMatchObject({
        message: "Must authenticate first",
        ref: "early",
      });
      client.send("nonsense");
      await client.nextError("AUTH_REQUIRED");
      client.sendFrame({ type: "video-frame" });
      await client.nextError("AUTH_REQUIRED");
      expect(await client.closed()).toMatchObject({ code: 1008 });
    });

    test("with a bad token is told AUTH_FAILED and closed with 1008", async () => {
      const client = await open("/streams/register");
      client.send({ type: "auth", token: "invalid_token" });
      expect(await client.nextError("AUTH_FAILED")).toMatchObject({ message: "Invalid or expired token" });
      expect(await client.closed()).toMatchObject({ code: 1008 });
    });

    test("with an expired token is told so", async () => {
      const client = await open(`/streams/${newStream()}`);
      client.send({ type: "auth", token: await contract.signSession({ sessionEndsInMs: -1000 }) });
      expect(await client.nextError("AUTH_FAILED")).toMatchObject({ reason: "expired", reauth: true });
    });

    test("that sends more than a token before it authenticated is closed with 1009", async () => {
      const client = await open("/streams/register");
      client.send({ type: "auth", token: "x".repeat(17_000) });
      await client.nextError("TOO_LARGE");
      expect(await client.closed()).toMatchObject({ code: 1009 });
    });

    test("may try another stream where it has no right on the first", async () => {
      const { streamId } = await contract.openPair();
      const client = await open("/streams/register");
      await authenticate(client);
      client.send({ type: "register", streamId, produces: ["video-frame"], ref: 1 });
      const message = "No permission to publish to this stream";
      expect(await client.nextError("UNAUTHORIZED")).toMatchObject({ message, ref: 1 });
      expect(await client.register({ streamId: newStream(), produces: ["video-frame"] })).toMatchObject({
        type: "success",
      });
    });

    test("without a right on the stream of its path is told so and closed", async () => {
      const { streamId } = await contract.openPair();
      const client = await open(`/streams/${streamId}`);
      await authenticate(client);
      await client.nextError("UNAUTHORIZED");
      expect(await client.closed()).toMatchObject({ code: 1008 });
    });

    test("must name a stream that can exist", async () => {
      const client = await open("/streams/register");
      await authenticate(client);
      client.send({ type: "register", streamId: "no such stream" });
      await client.nextError("INVALID_STREAM_ID");
      client.send({ type: "register" });
      await client.nextError("INVALID_STREAM_ID");
      await client.register({ streamId: newStream() });
    });

    test("gets its keepalive answered in every state", async () => {
      const client = await open("/streams/register");
      client.send('{"type":"ping"}');
      await client.next("pong");
      await authenticate(client);
      client.send('{"type":"ping"}');
      await client.next("pong");
      await client.register({ streamId: newStream() });
      client.send('{"type":"ping"}');
      await client.next("pong");
    });

    test("is closed with the code that it closed with", async () => {
      const client = await open("/streams/register");
      await authenticate(client);
      await client.register({ streamId: newStream() });
      client.close(4000);
      expect(await client.closed()).toMatchObject({ code: 4000 });
    });

    test("gets what was on its way when it closed: an alert that was stored is acknowledged", async () => {
      const client = await open("/streams/register");
      await authenticate(client);
      await client.register({ streamId: newStream(), produces: ["alert"], consumes: ["alert"] });
      client.send({ type: "alert", message: "last words", ref: 1 });
      client.close(1000);
      expect(await client.next("success")).toMatchObject({ ref: 1, offset: 1 });
      expect(await client.closed()).toMatchObject({ code: 1000 });
    });

    test("sees the end of its session as any other", async () => {
      const client = await open("/streams/register");
      client.send({ type: "auth", token: await contract.signSession({ userId: newUser(), sessionEndsInMs: 5000 }) });
      await client.next("success");
      await client.register({ streamId: newStream(), produces: ["video-frame"] });
      const keepSending = setInterval(() => client.sendFrame({ type: "video-frame" }), 50);
      await client.nextError("TOKEN_EXPIRED");
      clearInterval(keepSending);
      expect(await client.closed()).toMatchObject({ code: 4401 });
    });

    test("does not notice that its stream slept", async () => {
      const [streamId, userId] = [newStream(), newUser()];
      const phone = await open(`/streams/${streamId}`);
      await authenticate(phone, userId);
      await phone.register({ produces: ["alert"], consumes: ["alert", "video-frame"] });
      const camera = await contract.connect(streamId, { userId });
      await camera.register({ produces: ["video-frame"] });
      await contract.sleep(streamId);
      camera.sendFrame({ type: "video-frame" });
      // The Worker, which holds this socket, did not sleep and kept count.
      expect((await phone.nextFrame()).header).toMatchObject({ dropped: 0 });
      phone.send({ type: "alert", message: "after", ref: 1 });
      expect(await phone.next("success")).toMatchObject({ offset: 1 });
    });
  });

  describe.concurrent("the door /ws", () => {
    test("takes a token from the query and lets register name the stream", async () => {
      const [streamId, userId] = [newStream(), newUser()];
      const client = await open(`/ws?token=${await contract.signSession({ userId })}`);
      expect(await client.register({ streamId, clientType: "mobile" })).toMatchObject({ userId, streamId });
    });

    test("takes a token from the Authorization header", async () => {
      const client = await open("/ws", {
        Authorization: `Bearer ${await contract.signSession({ userId: newUser() })}`,
      });
      await client.register({ streamId: newStream() });
    });

    test("refuses a bad token", async () => {
      expect(await contract.refusal(new URL("/ws?token=bad", contract.url()))).toMatchObject({ code: "AUTH_FAILED" });
    });
  });

  describe.concurrent("a cookie", () => {
    const cookieOf = async (userId: string, name = "better-auth.session_data"): Promise<string> =>
      `theme=dark; ${name}=${await contract.signSession({ userId })}`;

    test("opens a stream for a native client, which sends no Origin", async () => {
      const [streamId, userId] = [newStream(), newUser()];
      const client = await open(`/streams/${streamId}`, { Cookie: await cookieOf(userId) });
      expect(await client.register({ produces: ["video-frame"] })).toMatchObject({ userId });
    });

    test("opens a stream for a page of the gateway's own origin, and for React Native, which sends that origin", async () => {
      const userId = newUser();
      const headers = { Cookie: await cookieOf(userId), Origin: contract.url().origin };
      const client = await open(`/ws`, headers);
      expect(await client.register({ streamId: newStream() })).toMatchObject({ userId });
    });

    test.each(["https://evil.example", "null", "http://localhost.evil.example"])(
      "of a page of %s opens nothing at /ws",
      async (origin) => {
        const client = await open("/ws", { Cookie: await cookieOf(newUser()), Origin: origin });
        await client.nextError("ORIGIN_NOT_ALLOWED");
        expect(await client.closed()).toMatchObject({ code: 1008 });
      },
    );

    test("of a foreign page counts as absent where the client may authenticate by message", async () => {
      const [streamId, userId] = [newStream(), newUser()];
      const headers = { Cookie: await cookieOf(newUser()), Origin: "https://evil.example" };
      const client = await open(`/streams/${streamId}`, headers);
      client.send({ type: "register", streamId, produces: ["video-frame"] });
      await client.nextError("AUTH_REQUIRED");
      await authenticate(client, userId);
      expect(await client.register({ produces: ["video-frame"] })).toMatchObject({ userId });
    });

    test("that is stale does not keep its client from authenticating by message", async () => {
      const stale = await contract.signSession({ sessionEndsInMs: -1000 });
      const client = await open(`/streams/${newStream()}`, { Cookie: `better-auth.session_data=${stale}` });
      const userId = await authenticate(client);
      expect(await client.register()).toMatchObject({ userId });
    });

    test("of another user never decides where the client authenticates by message", async () => {
      const userId = newUser();
      const client = await open("/streams/register", { Cookie: await cookieOf(newUser()) });
      client.send({ type: "register", streamId: newStream() });
      await client.nextError("AUTH_REQUIRED");
      await authenticate(client, userId);
      expect(await client.register({ streamId: newStream() })).toMatchObject({ userId });
    });

    test("that stands twice with different values is nobody's", async () => {
      const cookie = `${await cookieOf(newUser())}; ${await cookieOf(newUser())}`;
      expect(await contract.refusal(new URL("/ws", contract.url()), { Cookie: cookie })).toMatchObject({
        code: "AUTH_FAILED",
      });
    });

    test("gives way to a header, and does not stand in for it where that fails", async () => {
      const headers = { Cookie: await cookieOf(newUser()), Authorization: "Bearer bad" };
      expect(await contract.refusal(new URL("/ws", contract.url()), headers)).toMatchObject({ code: "AUTH_FAILED" });
    });
  });
}
