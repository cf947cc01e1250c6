// A camera that speaks Socket.IO, the model behind the gate, and whoever watches: each sees what the others send.
import { afterAll, beforeAll, expect, test } from "vitest";
import { readClip } from "../../../examples/camera/clip.ts";
import { type FullGateway, startFullGateway } from "../../support/full-gateway.ts";
import { openSocketIo } from "../../support/socket-io-client.ts";

let gateway: FullGateway;
beforeAll(async () => {
  gateway = await startFullGateway();
});
afterAll(() => gateway.stop());

const clip = readClip();
/** People are in the middle of the picture here, and were not thirty frames before. */
const EMPTY_LAWN = Buffer.from(clip[30] ?? []);
const PEOPLE = Buffer.from(clip[80] ?? []);

test.each([
  ["bytes", (jpeg: Buffer): unknown => jpeg],
  ["base64", (jpeg: Buffer): unknown => jpeg.toString("base64")],
])("A camera sends pictures as %s by Socket.IO, and the model's alert comes back as an event", async (form, dataOf) => {
  const { sessionData } = await gateway.signUp(`${form}@example.test`);
  const camera = await openSocketIo(gateway.url, { token: sessionData }).connected();
  await camera.ask("register", { streamId: `lawn-${form}`, produces: ["video-frame"], consumes: ["alert"] });
  await camera.ask("video-frame", { timestamp: 1000, data: dataOf(EMPTY_LAWN) });
  // The model has one frame at a time; what it is sent meanwhile waits, and only the newest.
  const film = setInterval(() => camera.send("video-frame", { timestamp: 1200, data: dataOf(PEOPLE) }), 50);
  expect(await camera.next("alert")).toMatchObject({ userId: "svc:ML", senderKind: "service", timestamp: 1200 });
  clearInterval(film);
});

test("A session token of the auth server opens it too, and its newest frame is there over HTTP", async () => {
  const { sessionToken, sessionData } = await gateway.signUp("raw@example.test");
  const camera = await openSocketIo(gateway.url, { token: sessionToken }).connected();
  await camera.ask("register", { streamId: "raw", produces: ["video-frame"] });
  await camera.ask("video-frame", { contentType: "image/jpeg", data: PEOPLE });
  const headers = { Authorization: `Bearer ${sessionData}` };
  const response = await fetch(new URL("/streams/raw/frame", gateway.url), { headers });
  expect([response.status, PEOPLE.equals(Buffer.from(await response.arrayBuffer()))]).toEqual([200, true]);
});
