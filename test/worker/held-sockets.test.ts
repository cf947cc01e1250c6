// Sockets that the Worker holds, up to being members: what they cost while nobody knows whose they are, and when they end.
import { describe, expect, test } from "vitest";
import { Client } from "../support/client.ts";
import { gatewaysByVariables, openCamera, openPhone } from "../support/held-phones.ts";
import { signSession } from "../support/session-token.ts";

const start = gatewaysByVariables();
const IMPATIENT = { AUTH_TIMEOUT_S: "2", REGISTER_TIMEOUT_S: "2" };
const SMALL = { IDLE_TIMEOUT_S: "1", MAX_MEMBERS_PER_STREAM: "2" };

/** The type of the answer: `success`, or `error` where the stream is full. */
async function tryToJoin(url: URL, streamId: string): Promise<string> {
  const phone = await Client.connect(new URL("/streams/register", url));
  phone.send({ type: "auth", token: await signSession() });
  await phone.next("success");
  phone.send({ type: "register", streamId, consumes: ["video-frame"] });
  const answer = await Promise.race([phone.next("success"), phone.nextError("STREAM_FULL")]);
  phone.close();
  return answer.type;
}

describe("a socket that has not authenticated", () => {
  test("addresses no object, whatever it sends, and is closed when its time is over", async () => {
    const { url, harness } = await start(IMPATIENT);
    const strangers = await Promise.all(
      ["/streams/register", "/streams/cam", "/streams/other"].map((path) => Client.connect(new URL(path, url))),
    );
    for (const stranger of strangers) {
      stranger.send({ type: "register", streamId: "cam", produces: ["video-frame"] });
      await stranger.nextError("AUTH_REQUIRED");
      stranger.sendFrame({ type: "video-frame" });
      await stranger.nextError("AUTH_REQUIRED");
    }
    for (const stranger of strangers) {
      expect(await stranger.nextError("AUTH_TIMEOUT")).toMatchObject({ temporary: true, reauth: true });
      expect(await stranger.closed()).toMatchObject({ code: 4408 });
    }
    const refused = await Client.connect(new URL("/streams/cam", url));
    refused.send({ type: "auth", token: "bad" });
    await refused.closed();
    expect(await harness.getWorker("sluice").listDurableObjectIds("STREAMS")).toEqual([]);
  });
});

describe("a socket that has authenticated", () => {
  test("is closed where it does not register in time", async () => {
    const { url } = await start(IMPATIENT);
    const client = await Client.connect(new URL(`/ws?token=${await signSession()}`, url));
    expect(await client.nextError("REGISTER_TIMEOUT")).toMatchObject({ temporary: true, reauth: false });
    expect(await client.closed()).toMatchObject({ code: 4408 });
  });

  test("is closed where its path names the stream and it does not register in time either", async () => {
    const { url } = await start(IMPATIENT);
    const silent = await Client.connect(new URL("/streams/cam", url));
    const timely = await Client.connect(new URL("/streams/cam", url));
    for (const client of [silent, timely]) {
      client.send({ type: "auth", token: await signSession() });
      await client.next("success");
    }
    await timely.register({ produces: ["video-frame"] });
    await silent.nextError("REGISTER_TIMEOUT");
    expect(await silent.closed()).toMatchObject({ code: 4408 });
    await timely.caughtUp();
  });

  test("is closed where it asks on and on and does not read the answers", async () => {
    const { url } = await start({
      CONSUMER_BUFFER_BYTES: "1024",
      MAX_MESSAGES_PER_S: "100000",
      MAX_BYTES_PER_S: "1000000000",
    });
    const client = await Client.connect(new URL(`/ws?token=${await signSession()}`, url));
    client.stall();
    const pings = Array.from({ length: 256 }, () => JSON.stringify({ type: "ping", ref: "x".repeat(128) })).join("\n");
    // Answers of far more than what kernel and client buffer on the way.
    for (let count = 0; count < 400; count += 1) client.send(pings);
    await client.sent();
    client.resume();
    await client.nextError("SLOW_CONSUMER");
    expect(await client.closed()).toMatchObject({ code: 4508 });
  });

  test("is told to slow down where it asks faster than the rate, and closed where it goes on", async () => {
    const { url } = await start({ MAX_MESSAGES_PER_S: "5" });
    const client = await Client.connect(new URL(`/ws?token=${await signSession()}`, url));
    for (let count = 0; count < 30; count += 1) client.send('{"type":"ping"}');
    expect((await client.nextError("RATE_LIMITED"))["retryAfterMs"]).toBeGreaterThan(0);
    expect(await client.closed()).toMatchObject({ code: 4429 });
  });

  test("is closed where it sent keepalives and then fell silent", async () => {
    const { url } = await start(SMALL);
    const phone = await openPhone(url, "idle", { produces: ["video-frame"] });
    const quiet = await openPhone(url, "idle", { consumes: ["alert"] });
    phone.send('{"type":"ping"}');
    await phone.nextError("IDLE");
    expect(await phone.closed()).toMatchObject({ code: 4408 });
    // One that never sent a keepalive is not closed for silence.
    await quiet.caughtUp();
  });
});

describe("a held socket whose connection is lost", () => {
  test("leaves its stream, and nobody notices but those who look for it", async () => {
    const { url, harness } = await start(SMALL);
    const camera = await openCamera(url, "cam", ["video-frame"]);
    const lost = await openPhone(url, "cam", { consumes: ["video-frame"] });
    const sending = setInterval(() => camera.sendFrame({ type: "video-frame" }), 5);
    await lost.nextFrame();
    lost.cut();
    // The stream has two places; the second is free again once the object knows of the loss.
    await expect.poll(() => tryToJoin(url, "cam"), { timeout: 10_000 }).toBe("success");
    clearInterval(sending);
    // Nothing beside what is told of everybody who comes and goes.
    expect(harness.getLogs().filter(({ level }) => level !== "log")).toEqual([]);
  });
});
