// The example that publishes: a signed webhook becomes one alert of a stream, with what the camera saw.
import { createHmac } from "node:crypto";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { createTestHarness } from "wrangler";
import { readDelivery } from "../../examples/webhook-worker/delivery.ts";
import { ROOT } from "../../scripts/wrangler.ts";
import { Client } from "../support/client.ts";
import { asGateway, type Gateway } from "../support/gateway.ts";
import { signSession, TEST_SECRET } from "../support/session-token.ts";

const WEBHOOK_SECRET = "tests-only-webhook-secret";

let gateway: Gateway;
beforeAll(async () => {
  const harness = createTestHarness({
    root: ROOT,
    workers: [
      { configPath: "wrangler.toml", secrets: { BETTER_AUTH_SECRET: TEST_SECRET } },
      { configPath: "examples/webhook-worker/wrangler.toml", secrets: { WEBHOOK_SECRET } },
    ],
  });
  const { url } = await harness.listen();
  gateway = asGateway(harness, url);
});
afterAll(() => gateway.stop());

async function owner(streamId: string): Promise<Client> {
  const protocols = ["sluice.v1", `bearer.${await signSession({ userId: "anna" })}`];
  const client = await Client.connect(new URL(`/streams/${streamId}`, gateway.url), protocols);
  await client.register({ produces: ["video-frame"], consumes: ["alert"] });
  return client;
}

function post(streamId: string, body: unknown, signature?: string, method = "POST") {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const hmac = createHmac("sha256", WEBHOOK_SECRET).update(text).digest("hex");
  const headers = { "X-Signature": signature ?? `sha256=${hmac}` };
  return gateway.harness
    .getWorker("sluice-webhook")
    .fetch(`http://webhook/hooks/${streamId}`, { method, headers, ...(method === "POST" ? { body: text } : {}) });
}

const OPENED = { id: "event-1", message: "The door was opened" };

test("A webhook that comes twice is one alert, with the frame that the camera had then", async () => {
  const client = await owner("cam-door");
  client.sendFrame({ type: "video-frame" });
  const first = await post("cam-door", OPENED);
  expect([first.status, await first.json()]).toMatchObject([200, { kind: "stored", offset: 1 }]);
  expect(await client.next("alert")).toMatchObject({
    message: "The door was opened",
    userId: "svc:webhook",
    frameSeq: expect.any(Number) as unknown,
  });
  expect(await (await post("cam-door", OPENED)).json()).toMatchObject({ offset: 1, duplicate: true });
});

test.each<readonly [string, number, Parameters<typeof post>]>([
  ["with a signature of somebody else", 401, ["cam-door", OPENED, `sha256=${"0".repeat(64)}`]],
  ["without a signature", 401, ["cam-door", OPENED, ""]],
  ["that is not JSON", 400, ["cam-door", "not JSON"]],
  ["without an id", 400, ["cam-door", { message: "x" }]],
  ["that is too long", 413, ["cam-door", { id: "x", message: "x".repeat(20_000) }]],
  ["with another method", 405, ["cam-door", OPENED, undefined, "GET"]],
  ["for no stream", 404, ["", OPENED]],
  ["for a stream that nobody owns, and which a repetition would not help", 422, ["cam-nobody", OPENED]],
  ["for a stream that the operator did not name", 422, ["garden", OPENED]],
])("A webhook %s is refused with %i", async (_what, status, args) => {
  expect((await post(...args)).status).toBe(status);
});

test("A webhook that does not say how long it is is refused, and not read to find out", async () => {
  const pull = vi.fn<(controller: ReadableStreamDefaultController) => void>();
  const body = new ReadableStream({ pull }, { highWaterMark: 0 });
  const request = new Request("http://webhook/hooks/cam-door", { method: "POST", body, duplex: "half" } as RequestInit);
  expect(await readDelivery(request, WEBHOOK_SECRET)).toEqual({ kind: "refused", status: 413 });
  expect(pull).not.toHaveBeenCalled();
});
