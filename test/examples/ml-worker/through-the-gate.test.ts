// The model behind the gate: frames of a real camera reach it over the service binding, and its alerts come back.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readClip } from "../../../examples/camera/clip.ts";
import { Client } from "../../support/client.ts";
import { type FullGateway, startFullGateway } from "../../support/full-gateway.ts";
import { signSession } from "../../support/session-token.ts";

let gateway: FullGateway;
beforeAll(async () => {
  gateway = await startFullGateway();
});
afterAll(() => gateway.stop());

const clip = readClip();
/** People are in the middle of the picture here, and were not thirty frames before. */
const EMPTY_LAWN = clip[30] ?? new Uint8Array();
const PEOPLE = clip[80] ?? new Uint8Array();

async function openCamera(streamId: string): Promise<Client> {
  const token = await signSession({ userId: "camera-owner" });
  const client = await Client.connect(new URL(`/streams/${streamId}`, gateway.url), ["sluice.v1", `bearer.${token}`]);
  await client.register({ produces: ["video-frame"], consumes: ["alert", "status"] });
  return client;
}

describe("a camera", () => {
  test("gets an alert with the region that changed, as the service it comes from", async () => {
    const camera = await openCamera("motion");
    camera.sendFrame({ type: "video-frame", timestamp: 1000 }, EMPTY_LAWN);
    camera.sendFrame({ type: "video-frame", timestamp: 1100 }, EMPTY_LAWN);
    // The model has one frame at a time; what it is sent meanwhile waits, and only the newest.
    const alert = await untilAlert(camera, () => camera.sendFrame({ type: "video-frame", timestamp: 1200 }, PEOPLE));
    expect(alert).toMatchObject({
      severity: "medium",
      userId: "svc:ML",
      senderKind: "service",
      offset: 1,
      region: { x: expect.any(Number), y: expect.any(Number), width: expect.any(Number), height: expect.any(Number) },
      timestamp: 1200,
    });
  });

  test("gets the alert for frames as base64 JSON too", async () => {
    const camera = await openCamera("base64");
    const send = (timestamp: number, jpeg: Uint8Array): void =>
      camera.send({
        type: "video-frame",
        timestamp,
        data: `data:image/jpeg;base64,${Buffer.from(jpeg).toString("base64")}`,
      });
    send(1000, EMPTY_LAWN);
    expect(await untilAlert(camera, () => send(1200, PEOPLE))).toMatchObject({ userId: "svc:ML" });
  });

  test("that sends what is no picture, or claims a monstrous one, does not stop the model", async () => {
    const camera = await openCamera("hostile");
    camera.sendFrame({ type: "video-frame", timestamp: 900 }, claiming(EMPTY_LAWN, 20_000, 20_000));
    camera.sendFrame({ type: "video-frame", timestamp: 950 }, new Uint8Array(1000));
    camera.sendFrame({ type: "video-frame", timestamp: 960 }, EMPTY_LAWN.subarray(0, 500));
    camera.send({ type: "video-frame", timestamp: 970, data: "not base64!" });
    camera.sendFrame({ type: "video-frame", timestamp: 1000 }, EMPTY_LAWN);
    const alert = await untilAlert(camera, () => camera.sendFrame({ type: "video-frame", timestamp: 1200 }, PEOPLE));
    expect(alert).toMatchObject({ timestamp: 1200, comparedWith: 1000 });
    expect(camera.unread).toEqual([]);
  });
});

/** Sends a frame again and again until it is the one that the model looked at. */
async function untilAlert(camera: Client, send: () => void): Promise<Record<string, unknown>> {
  const resend = setInterval(send, 20);
  try {
    return await camera.next("alert");
  } finally {
    clearInterval(resend);
  }
}

/** The same JPEG with another size in its frame header. */
function claiming(jpeg: Uint8Array, width: number, height: number): Uint8Array {
  const copy = Buffer.from(jpeg);
  const frameHeader = copy.indexOf(Buffer.from([0xff, 0xc0, 0x00, 0x11]));
  if (frameHeader < 0) throw new Error("the clip has baseline frames");
  copy.writeUInt16BE(height, frameHeader + 5);
  copy.writeUInt16BE(width, frameHeader + 7);
  return copy;
}
