// Sockets that the Worker holds: what they cost while nobody knows whose they are, and what a slow one costs the others.
import { afterAll, describe, expect, test } from "vitest";
import { Client } from "../support/client.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { signSession } from "../support/session-token.ts";

/** By their variables: tests of the same ones share a gateway, each on a stream of its own. */
const gateways = new Map<string, Promise<Gateway>>();
afterAll(async () => {
  for (const started of await Promise.allSettled(gateways.values())) {
    if (started.status === "fulfilled") await started.value.stop();
  }
});

function start(vars: Record<string, string> = {}): Promise<Gateway> {
  const key = JSON.stringify(vars);
  const gateway = gateways.get(key) ?? startGateway(vars);
  gateways.set(key, gateway);
  return gateway;
}

async function openPhone(url: URL, streamId: string, register: Record<string, unknown>): Promise<Client> {
  const phone = await Client.connect(new URL("/streams/register", url));
  phone.send({ type: "auth", token: await signSession() });
  await phone.next("success");
  await phone.register({ streamId, ...register });
  return phone;
}

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

/** What each frame says was dropped, up to the one with this index. */
async function droppedUntil(client: Client, last: number): Promise<readonly number[]> {
  const dropped: number[] = [];
  for (;;) {
    const { header } = await client.nextFrame();
    dropped.push(Number(header["dropped"]));
    if (header["index"] === last) return dropped;
  }
}

async function openCamera(url: URL, streamId: string, produces: string[]): Promise<Client> {
  const camera = await Client.connect(new URL(`/streams/${streamId}`, url), [
    "sluice.v1",
    `bearer.${await signSession()}`,
  ]);
  await camera.register({ produces });
  return camera;
}

describe("a socket that has not authenticated", () => {
  test("addresses no object, whatever it sends, and is closed when its time is over", async () => {
    const { url, harness } = await start({ AUTH_TIMEOUT_S: "1" });
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
    const { url } = await start({ REGISTER_TIMEOUT_S: "1" });
    const client = await Client.connect(new URL(`/ws?token=${await signSession()}`, url));
    expect(await client.nextError("REGISTER_TIMEOUT")).toMatchObject({ temporary: true, reauth: false });
    expect(await client.closed()).toMatchObject({ code: 4408 });
  });

  test("is closed where its path names the stream and it does not register in time either", async () => {
    const { url } = await start({ REGISTER_TIMEOUT_S: "1" });
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
    const { url } = await start({ IDLE_TIMEOUT_S: "1" });
    const phone = await openPhone(url, "cam", { produces: ["video-frame"] });
    const quiet = await openPhone(url, "cam", { consumes: ["alert"] });
    phone.send('{"type":"ping"}');
    await phone.nextError("IDLE");
    expect(await phone.closed()).toMatchObject({ code: 4408 });
    // One that never sent a keepalive is not closed for silence.
    await quiet.caughtUp();
  });
});

describe("a held socket whose connection is lost", () => {
  test("leaves its stream, and nobody notices but those who look for it", async () => {
    const { url, harness } = await start({ MAX_MEMBERS_PER_STREAM: "2" });
    const camera = await openCamera(url, "cam", ["video-frame"]);
    const lost = await openPhone(url, "cam", { consumes: ["video-frame"] });
    const sending = setInterval(() => camera.sendFrame({ type: "video-frame" }), 5);
    await lost.nextFrame();
    lost.cut();
    // The stream has two places; the second is free again once the object knows of the loss.
    await expect.poll(() => tryToJoin(url, "cam"), { timeout: 10_000 }).toBe("success");
    clearInterval(sending);
    expect(harness.getLogs()).toEqual([]);
  });
});

describe("a held reader with credits", () => {
  /** Sends so many frames, and hands out those that arrived. */
  async function film(camera: Client, reader: Client, count: number): Promise<readonly unknown[]> {
    for (let index = 0; index < count; index += 1) camera.sendFrame({ type: "video-frame", index });
    await camera.caughtUp();
    await reader.caughtUp();
    return reader.takeFrames().map(({ header }) => header["seq"]);
  }

  // The bridge looks for acknowledgements in short texts only, and the object leaves them to the bridge: the credit is lost,
  // and who has none left never gets a frame to acknowledge anew.
  test("has its acknowledgement heard wherever it stands in a long text", async () => {
    const { url } = await start();
    const camera = await openCamera(url, "acknowledging", ["video-frame"]);
    const reader = await openPhone(url, "acknowledging", { consumes: ["video-frame"], window: 1 });
    const [seq] = await film(camera, reader, 2);
    reader.send(`{"type":"frame-ack","seq":${String(seq)}}\n${'{"type":"ping","ref":"x"}\n'.repeat(20)}`);
    await reader.caughtUp();
    expect(reader.takeFrames()).toHaveLength(1);
  });

  // The bridge notes the window of the first registration only; the object takes a second one after a right was lost.
  test("has those of its newest registration where it lost its right and registers again", async () => {
    const { url } = await start();
    const token = await signSession({ userId: "anna" });
    const guest = await Client.connect(new URL("/streams/register", url));
    guest.send({ type: "auth", token: await signSession({ userId: "bob" }) });
    await guest.next("success");
    await guest.register({ streamId: "anew", consumes: ["video-frame"] });
    const camera = await Client.connect(new URL("/streams/anew", url), ["sluice.v1", `bearer.${token}`]);
    await camera.register({ produces: ["video-frame"] }); // from now on the stream is hers
    await guest.nextError("UNAUTHORIZED");
    const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
    const body = JSON.stringify({ readers: ["bob"] });
    const changed = await fetch(new URL("/streams/anew/access", url), { method: "PUT", headers, body });
    expect(changed.status).toBe(200);
    await guest.register({ streamId: "anew", consumes: ["video-frame"], window: 1 });
    expect(await film(camera, guest, 3)).toHaveLength(1);
  });
});

describe("a held reader that stalls", () => {
  const FRAME = new Uint8Array(256 * 1024);
  const FRAMES = 56;
  /** Kernels take between four and twenty megabytes before anything waits; these are thirty. */
  const TALKS = 120;
  const RATES = { MAX_BYTES_PER_S: "1000000000", MAX_MESSAGES_PER_S: "1000" };

  test("costs the others nothing, and is told what it missed", async () => {
    const { url } = await start();
    const camera = await openCamera(url, "stalling", ["video-frame"]);
    const viewer = await openPhone(url, "stalling", { consumes: ["video-frame"] });
    const slow = await openPhone(url, "stalling", { consumes: ["video-frame"] });
    slow.stall();
    for (let index = 0; index < FRAMES; index += 1) {
      camera.sendFrame({ type: "video-frame", index }, FRAME);
      expect((await viewer.nextFrame()).header).toMatchObject({ index, dropped: 0 });
    }
    slow.resume();
    camera.sendFrame({ type: "video-frame", index: FRAMES });
    await viewer.nextFrame();
    const dropped = await droppedUntil(slow, FRAMES);
    const missed = dropped.reduce((sum, count) => sum + count, 0);
    expect(missed).toBeGreaterThan(0);
    expect(dropped.length + missed).toBe(FRAMES + 1);
  });

  test("is closed where it would miss what may not be missed", async () => {
    const { url } = await start(RATES);
    const camera = await openCamera(url, "refusing", ["chat"]);
    const viewer = await openPhone(url, "refusing", { consumes: ["chat"] });
    const slow = await openPhone(url, "refusing", { consumes: ["chat"] });
    slow.stall();
    const text = "x".repeat(250_000);
    for (let index = 0; index < TALKS; index += 1) {
      camera.send({ type: "chat", text });
      await viewer.next("chat");
    }
    slow.resume();
    await slow.nextError("SLOW_CONSUMER");
    expect(await slow.closed()).toMatchObject({ code: 4508 });
  });

  // `close` frees nothing of what waits: only its end does, which a client that does not read can put off for ever.
  test("is cut off with all that waits for it, where it goes on reading nothing after it was closed", async () => {
    const { url, harness } = await start({ ...RATES, CONSUMER_STALL_S: "1" });
    const camera = await openCamera(url, "deaf", ["chat"]);
    const slow = await openPhone(url, "deaf", { consumes: ["chat"] });
    slow.stall();
    const text = "x".repeat(250_000);
    for (let index = 0; index < TALKS; index += 1) camera.send({ type: "chat", text });
    await camera.caughtUp();
    await expect.poll(() => JSON.stringify(harness.getLogs()), { timeout: 15_000 }).toContain("client-cut-off");
    slow.resume();
    // The reason was the last that waited.
    expect(await slow.closed()).toMatchObject({ code: 1006 });
    expect(slow.unread.map((message) => ("type" in message ? message["type"] : "binary"))).not.toContain("error");
  }, 20_000);
});
