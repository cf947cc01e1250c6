// Readers whose sockets the Worker holds: their credits, and what a slow one costs the others and itself.
import { describe, expect, test } from "vitest";
import { Client } from "../support/client.ts";
import { gatewaysByVariables, openCamera, openPhone } from "../support/held-phones.ts";
import { signSession } from "../support/session-token.ts";

const start = gatewaysByVariables();

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

// `close` frees nothing of what waits: only its end does, which a client that does not read can put off for ever.
test("A held reader is cut off with all that waits for it, where it goes on reading nothing after it was closed", async () => {
  const { url, harness } = await start({
    MAX_BYTES_PER_S: "1000000000",
    MAX_MESSAGES_PER_S: "1000",
    CONSUMER_STALL_S: "1",
  });
  const camera = await openCamera(url, "deaf", ["chat"]);
  const viewer = await openPhone(url, "deaf", { consumes: ["chat"] });
  const slow = await openPhone(url, "deaf", { consumes: ["chat"] });
  slow.stall();
  const text = "x".repeat(250_000);
  // Kernels take between four and twenty megabytes before anything waits; these are thirty. Each by itself, since of a burst
  // too much would wait for a moment, and be gone when it is looked at.
  for (let index = 0; index < 120; index += 1) {
    camera.send({ type: "chat", text });
    await viewer.next("chat");
  }
  await expect.poll(() => JSON.stringify(harness.getLogs()), { timeout: 15_000 }).toContain("client-cut-off");
  slow.resume();
  // The reason was the last that waited.
  expect(await slow.closed()).toMatchObject({ code: 1006 });
  expect(slow.unread.map((message) => ("type" in message ? message["type"] : "binary"))).not.toContain("error");
}, 20_000);
