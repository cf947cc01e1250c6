// S1, the phone that authenticates by its first message: its printed client, unchanged, streams the clip and is alerted.
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { readClip } from "../../examples/camera/clip.ts";
import { type FullGateway, startFullGateway } from "../support/full-gateway.ts";
import { printedCode, putIn, runPrinted } from "../support/printed-client.ts";

const DOCUMENT = "S1-first-message-auth.md";

let gateway: FullGateway;
beforeAll(async () => {
  gateway = await startFullGateway();
});
afterAll(() => gateway.stop());

interface StreamClient {
  connect(): Promise<void>;
  sendVideoFrame(data: string): void;
  disconnect(): void;
}

/** The printed class, for whom the phone's storage holds this token. */
async function newClient(token: string): Promise<StreamClient> {
  const url = gateway.url.href.replace("http", "ws").replace(/\/$/, "");
  const client = putIn(printedCode(DOCUMENT, "export class StreamClient"), { "ws://localhost:3000": url });
  const storage = `export const AuthService = { getToken: async () => ${JSON.stringify(token)} };`;
  vi.stubGlobal("__DEV__", true);
  const { StreamClient: Printed } = (await runPrinted({ "auth.ts": storage, "wsClient.ts": client })) as {
    StreamClient: new () => StreamClient;
  };
  return new Printed();
}

test("with the session token that the phone keeps, it streams base64 frames and gets the model's alert", async () => {
  const { sessionToken } = await gateway.signUp("phone@example.test");
  const alerted = new Promise<unknown>((resolve) => {
    vi.spyOn(console, "log").mockImplementation((text: unknown, detail: unknown) => {
      if (text === "Security alert:") resolve(detail);
    });
  });
  const client = await newClient(sessionToken);
  await client.connect();
  // Around the moment when people come into the picture, at the pace of a camera.
  const frames = readClip()
    .slice(55, 90)
    .map((jpeg) => Buffer.from(jpeg).toString("base64"));
  const camera = setInterval(() => client.sendVideoFrame(frames.shift() ?? ""), 100);
  expect(await alerted).toBe("Motion detected");
  clearInterval(camera);
  client.disconnect();
});

test("with a token that is no session, it is told what the document says", async () => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  const client = await newClient("invalid_token");
  await expect(client.connect()).rejects.toThrow("Invalid or expired token");
});

test("the sequences that the document prints are the ones on the wire", async () => {
  const { sessionToken } = await gateway.signUp("sequence@example.test");
  const socket = new WebSocket(new URL("/streams/register", gateway.url));
  const received: Record<string, unknown>[] = [];
  const arrived = (): Promise<void> =>
    new Promise((resolve) => {
      socket.addEventListener("message", ({ data }) => (received.push(JSON.parse(String(data)) as never), resolve()), {
        once: true,
      });
    });
  await new Promise((resolve) => socket.addEventListener("open", resolve, { once: true }));
  for (const message of [
    { type: "register", streamId: "s" },
    { type: "auth", token: sessionToken },
    {
      type: "register",
      streamId: `mobile-${Date.now()}`,
      clientType: "mobile",
      produces: ["video-frame"],
      consumes: ["alert"],
    },
  ]) {
    const answer = arrived();
    socket.send(JSON.stringify(message));
    await answer;
  }
  expect(received).toMatchObject([
    { type: "error", code: "AUTH_REQUIRED", message: "Must authenticate first" },
    { type: "success", message: "Authentication successful" },
    { type: "success", message: expect.stringMatching(/^Registration successful\. Stream ID: mobile-\d+$/) },
  ]);
  socket.close();
});
