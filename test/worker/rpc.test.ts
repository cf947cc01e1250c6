// `StreamGateway`, as Workers see it that are bound to the gateway: real bindings with real props.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestHarness } from "wrangler";
import { ROOT } from "../../scripts/wrangler.ts";
import { Client } from "../support/client.ts";
import { asGateway, type Gateway } from "../support/gateway.ts";
import { signSession, TEST_SECRET } from "../support/session-token.ts";

type Answer = Record<string, unknown>;
type Binding = "NAMED" | "NARROW" | "UNNAMED" | "WRONG";

let gateway: Gateway;
/** The other Worker has no address of its own; the harness speaks to it. */
let probe: ReturnType<Gateway["harness"]["getWorker"]>;
beforeAll(async () => {
  const harness = createTestHarness({
    root: ROOT,
    workers: [
      { configPath: "wrangler.toml", secrets: { BETTER_AUTH_SECRET: TEST_SECRET } },
      { configPath: "test/support/rpc-probe/wrangler.toml" },
    ],
  });
  const { url } = await harness.listen();
  gateway = asGateway(harness, url);
  probe = harness.getWorker("rpc-probe");
});
afterAll(() => gateway.stop());

async function call(binding: Binding, method: string, ...args: unknown[]): Promise<Answer> {
  const response = await probe.fetch(`http://probe/call/${binding}/${method}`, {
    method: "POST",
    body: JSON.stringify(args),
  });
  return JSON.parse(await response.text()) as Answer;
}

let streams = 0;
const newStream = (prefix = "cam"): string => `${prefix}-${(streams += 1)}`;

/** A stream that somebody owns, seen by its owner, who consumes everything. */
async function claimed(streamId = newStream()): Promise<{ streamId: string; owner: Client; epoch: unknown }> {
  const protocols = ["sluice.v1", `bearer.${await signSession({ userId: "anna" })}`];
  const owner = await Client.connect(new URL(`/streams/${streamId}`, gateway.url), protocols);
  const { epoch } = await owner.register({ produces: ["video-frame"], consumes: ["*"] });
  return { streamId, owner, epoch };
}

const refused = (code: string): unknown => expect.objectContaining({ kind: "refused", code });

describe("publish", () => {
  test("stores an alert as the service that the props name, and sends it", async () => {
    const { streamId, owner, epoch } = await claimed();
    expect(await call("NAMED", "publish", streamId, { type: "alert", message: "hello" })).toEqual({
      kind: "stored",
      offset: 1,
      epoch,
      id: expect.any(String) as unknown,
      delivered: 1,
    });
    expect(await owner.next("alert")).toMatchObject({ message: "hello", userId: "svc:probe", senderKind: "service" });
  });

  test("stores an alert of one id once", async () => {
    const { streamId } = await claimed();
    const first = await call("NAMED", "publish", streamId, { id: "one", message: "hello" });
    const again = await call("NAMED", "publish", streamId, { id: "one", message: "hello" });
    expect(again).toMatchObject({ kind: "stored", offset: first["offset"], duplicate: true, delivered: 0 });
    expect(await call("NAMED", "publish", streamId, { id: "one", message: "other" })).toEqual(refused("CONFLICT"));
  });

  test("sends a frame of bytes on as a binary message, and keeps it as the newest", async () => {
    const { streamId, owner } = await claimed();
    const frame = { type: "video-frame", contentType: "image/png", timestamp: 5, data: { $bytes: [1, 2, 3] } };
    const sent = await call("NAMED", "publish", streamId, frame);
    expect(sent).toMatchObject({ kind: "relayed", delivered: 1 });
    const { header, payload } = await owner.nextFrame();
    expect(header).toMatchObject({ type: "video-frame", userId: "svc:probe", seq: sent["seq"] });
    expect([...payload]).toEqual([1, 2, 3]);
    expect(await call("NAMED", "latestFrame", streamId)).toEqual({
      kind: "frame",
      type: "video-frame",
      seq: sent["seq"],
      timestamp: 5,
      contentType: "image/png",
      bytes: { $bytes: [1, 2, 3] },
    });
  });

  test.each<readonly [string, Binding, unknown, string]>([
    ["without a name", "UNNAMED", {}, "UNAUTHORIZED"],
    ["with a name that is none", "WRONG", {}, "UNAUTHORIZED"],
    ["a text", "NAMED", "alert", "BAD_MESSAGE"],
    ["a control word", "NAMED", { type: "success" }, "UNKNOWN_TYPE"],
    ["an alert with bytes", "NAMED", { type: "alert", data: { $bytes: [1] } }, "BAD_REQUEST"],
    ["an alert with an id that is none", "NAMED", { id: 7 }, "BAD_REQUEST"],
    ["too much", "NAMED", { message: "x".repeat(1_100_000) }, "TOO_LARGE"],
  ])("%s is refused and stores nothing", async (_what, binding, message, code) => {
    const { streamId } = await claimed();
    expect(await call(binding, "publish", streamId, message)).toEqual(refused(code));
    expect(await call("NAMED", "alerts", streamId)).toMatchObject({ head: 0, alerts: [] });
  });

  test("of what JSON would lose a part of is refused", async () => {
    const { streamId } = await claimed();
    expect(await call("NAMED", "publish", streamId, { message: { $map: [["a", 1]] } })).toEqual(refused("BAD_MESSAGE"));
  });

  test("does not make a stream", async () => {
    const streamId = newStream();
    expect(await call("NAMED", "publish", streamId, { message: "hello" })).toEqual(refused("NOT_FOUND"));
  });

  test("to what is no stream id is refused", async () => {
    expect(await call("NAMED", "publish", "a/b", { message: "hello" })).toEqual(refused("INVALID_STREAM_ID"));
  });
});

describe("a binding", () => {
  test("without props reads and does not write", async () => {
    const { streamId, epoch } = await claimed();
    expect(await call("UNNAMED", "status", streamId)).toMatchObject({ kind: "status", epoch });
    expect(await call("UNNAMED", "alerts", streamId)).toMatchObject({ kind: "page", epoch });
  });

  test("without props opens no socket, whatever an owner lets its name do", async () => {
    const { streamId } = await claimed();
    const response = await probe.fetch(`http://probe/fetch/UNNAMED/streams/${streamId}`, {
      headers: { Upgrade: "websocket" },
    });
    expect(response.status).toBe(403);
  });

  test("that names its streams has no right on others, not even on a public one", async () => {
    const { streamId } = await claimed(newStream("door"));
    const token = await signSession({ userId: "anna" });
    await fetch(new URL(`/streams/${streamId}/access`, gateway.url), {
      method: "PUT",
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
      body: JSON.stringify({ public: true }),
    });
    for (const method of ["publish", "latestFrame", "alerts", "status"]) {
      expect(await call("NARROW", method, streamId)).toEqual(
        refused(method === "publish" ? "BAD_MESSAGE" : "UNAUTHORIZED"),
      );
    }
    const { streamId: camera } = await claimed();
    expect(await call("NARROW", "publish", camera, { message: "hello" })).toMatchObject({ kind: "stored" });
  });
});

describe("alerts", () => {
  test("are handed out by pages", async () => {
    const { streamId } = await claimed();
    for (const message of ["one", "two", "three"]) await call("NAMED", "publish", streamId, { message });
    const page = await call("NAMED", "alerts", streamId, 1, { limit: 1 });
    expect(page).toMatchObject({ kind: "page", head: 3, next: 2, alerts: [{ message: "two", offset: 2 }] });
  });

  test("behind an offset need no options", async () => {
    const { streamId } = await claimed();
    expect(await call("NAMED", "alerts", streamId, 0, null)).toMatchObject({ kind: "page" });
  });

  test.each([[-1], ["1"], [1.5], [null]])("behind %j are refused", async (after) => {
    const { streamId } = await claimed();
    expect(await call("NAMED", "alerts", streamId, after)).toEqual(refused("BAD_REQUEST"));
  });

  test("of another epoch are refused", async () => {
    const { streamId } = await claimed();
    expect(await call("NAMED", "alerts", streamId, 0, { epoch: "other" })).toEqual(refused("CONFLICT"));
  });
});

test("A stream without a frame has no newest one", async () => {
  const { streamId } = await claimed();
  expect(await call("NAMED", "latestFrame", streamId)).toEqual(refused("NOT_FOUND"));
});

test("The status says who is there, since a service that writes may know", async () => {
  const { streamId } = await claimed();
  expect(await call("NAMED", "status", streamId)).toMatchObject({
    owner: "anna",
    counts: { members: 1, producers: 1, consumers: 1 },
    members: [{ userId: "anna" }],
  });
});

describe("fetch", () => {
  test("refuses what is no upgrade", async () => {
    const response = await probe.fetch("http://probe/fetch/NAMED/streams/cam-1");
    expect(response.status).toBe(426);
  });

  test.each([
    ["another path", "/fetch/NAMED/ws", 400],
    ["a stream that the props do not name", "/fetch/NARROW/streams/door", 403],
    ["props that say nothing", "/fetch/WRONG/streams/cam-1", 403],
  ])("refuses %s", async (_what, path, status) => {
    const response = await probe.fetch(`http://probe${path}`, { headers: { Upgrade: "websocket" } });
    expect(response.status).toBe(status);
  });

  test("opens a socket as the service", async () => {
    const { streamId, owner } = await claimed();
    const { webSocket } = await probe.fetch(`http://probe/fetch/NAMED/streams/${streamId}`, {
      headers: { Upgrade: "websocket" },
    });
    if (webSocket === null || webSocket === undefined) throw new Error("no socket");
    webSocket.accept();
    webSocket.send(JSON.stringify({ type: "register", produces: ["alert"] }));
    webSocket.send(JSON.stringify({ type: "alert", message: "from a socket" }));
    expect(await owner.next("alert")).toMatchObject({ message: "from a socket", userId: "svc:probe" });
    webSocket.close(1000, "done");
  });
});
