// Bound Workers that hang, throw or answer nonsense, over the real binding: who is told, and that the stream goes on.
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestHarness } from "wrangler";
import { ROOT } from "../../scripts/wrangler.ts";
import { awaitLines } from "../support/audit-lines.ts";
import { Client } from "../support/client.ts";
import { asGateway, type Gateway } from "../support/gateway.ts";
import { signSession, TEST_ADMIN_KEY, TEST_SECRET } from "../support/session-token.ts";

let gateway: Gateway;
beforeAll(async () => {
  const secrets = { BETTER_AUTH_SECRET: TEST_SECRET, ADMIN_KEY: TEST_ADMIN_KEY };
  const harness = createTestHarness({
    root: ROOT,
    workers: [
      { configPath: "examples/local/wrangler.toml", vars: { FRAME_SINK_TIMEOUT_MS: "500" }, secrets },
      { configPath: "test/support/odd-worker/as-auth.toml" },
      { configPath: "test/support/odd-worker/as-model.toml" },
      { configPath: "test/support/odd-worker/as-notifier.toml" },
    ],
  });
  const { url } = await harness.listen();
  gateway = asGateway(harness, url);
});
afterAll(() => gateway.stop());

/** A camera whose pictures and alerts tell the bound Workers what to do, and a viewer. */
async function start() {
  const url = new URL(`/streams/${randomUUID()}`, gateway.url);
  const protocols = ["sluice.v1", `bearer.${await signSession({ userId: "anna" })}`];
  const [camera, viewer] = await Promise.all([1, 2].map(() => Client.connect(url, protocols)));
  if (camera === undefined || viewer === undefined) throw new Error("two were asked for");
  await camera.register({ produces: ["*"], consumes: [] });
  await viewer.register({ consumes: ["*"] });
  const film = async (word: string): Promise<void> => {
    camera.sendFrame({ type: "video-frame", word }, new TextEncoder().encode(word));
    expect((await viewer.nextFrame()).header).toMatchObject({ word, dropped: 0 });
  };
  return { camera, viewer, film };
}

describe.concurrent("a model that answers", () => {
  test.each([
    ["hang", "timeout"],
    ["throw", "failed"],
    ["text", "invalid-alert"],
    ["number", "invalid-alert"],
    ["object", "invalid-alert"],
    ["seventeen alerts", "invalid-alert"],
    ["a text as an alert", "invalid-alert"],
    ["a cycle", "invalid-alert"],
    ["a large number", "invalid-alert"],
    ["a function", "invalid-alert"],
    ["a stub", "invalid-alert"],
    ["a huge alert", "invalid-alert"],
    ["more than a call may carry", "failed"],
    ["what cannot be sent", "failed"],
  ] as const)("%s is in trouble: %s; the frames go on, and its next alert is one", async (word, reason) => {
    const { camera, viewer, film } = await start();
    await film(word);
    expect(await viewer.next("status")).toEqual({
      type: "status",
      status: "sink-error",
      sink: "ML",
      reason,
      origin: "gateway",
      streamId: expect.any(String) as unknown,
    });
    await film("smoke");
    expect(await viewer.next("alert")).toMatchObject({ message: "smoke", userId: "svc:ML", offset: 1 });
    expect([viewer.unread, camera.socket.readyState]).toEqual([[], camera.socket.OPEN]);
  });

  test.each(["a function inside", "a stub inside"])("%s has it left out, as JSON has no word for it", async (word) => {
    const { viewer, film } = await start();
    await film(word);
    const alert = await viewer.next("alert");
    expect(alert).toMatchObject({ message: "inside", userId: "svc:ML" });
    expect([alert["act"], alert["stub"]]).toEqual([undefined, undefined]);
  });
});

describe.concurrent("a sink of alerts", () => {
  test.each(["hang", "throw"])("that answers %s holds up no alert, no publisher and no consumer", async (word) => {
    const { camera, viewer } = await start();
    for (const message of [word, "two", "three"]) {
      camera.send({ type: "alert", message, ref: message });
      expect(await camera.next("success")).toMatchObject({ ref: message });
      expect(await viewer.next("alert")).toMatchObject({ message });
    }
  });

  test("that throws is told, and not in its own words", async () => {
    const { camera, viewer } = await start();
    camera.send({ type: "alert", message: "throw" });
    const told = await viewer.next("status");
    expect(told).toMatchObject({ status: "sink-error", sink: "NOTIFY", reason: "failed" });
    expect(JSON.stringify(told)).not.toContain("secret");
  });
});

test("An auth server that fails is told as any upstream that is away, with a time to come back", async () => {
  const answer = await fetch(new URL("/api/auth/get-session", gateway.url));
  expect([answer.status, await answer.json()]).toMatchObject([502, { code: "UPSTREAM_UNAVAILABLE", temporary: true }]);
  expect(answer.headers.get("Retry-After")).toMatch(/^[1-5]$/);
  const told = { event: "upstream-trouble", sink: "service:AUTH", reason: "unreachable" };
  expect(await awaitLines(gateway.harness, told)).toMatchObject([{ place: "http", code: "UPSTREAM_UNAVAILABLE" }]);
});
