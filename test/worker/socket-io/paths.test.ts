// Where clients of Socket.IO connect, and in whose words they are refused: as the operator configured it.
import { describe, expect, test } from "vitest";
import type { Gateway } from "../../support/gateway.ts";
import { gatewaysByVariables } from "../../support/held-phones.ts";
import { signSession } from "../../support/session-token.ts";
import { openSocketIo } from "../../support/socket-io-client.ts";

const start = gatewaysByVariables();

/** As the applications of S3 and S4 expect it, and one below another path. */
const SOCKET_IO_PATHS = JSON.stringify([
  { path: "/runs", refusal: "nestjs" },
  { path: "/socket.io/", texts: { missing: "Authentication error: Token required", invalid: "Authentication error" } },
  { path: "/app/v2/live", texts: { forbidden: "not yours" } },
]);

describe("a path that refuses as a guard of NestJS does", () => {
  test.each([
    ["without a token", undefined],
    ["with a bad one", "bad"],
  ])("connects a client %s, tells it `unauthorized` in an event `error`, and disconnects it", async (_what, token) => {
    const { url } = await start({ SOCKET_IO_PATHS });
    const auth = { token };
    const client = openSocketIo(url, { path: "/runs", auth, query: { runId: "r" } });
    client.send("chat", { text: "said before it is connected, and sent as soon as it is" });
    await client.connected();
    expect(await client.next("error")).toEqual({ type: "error", data: "unauthorized" });
    expect(await client.disconnected()).toMatchObject({ reason: "io server disconnect", active: false });
    client.socket.auth = { token: await signSession() };
    client.socket.connect();
    await client.connected();
    expect(await client.next("success")).toMatchObject({ streamId: "r" });
    expect(client.unread).toEqual([]);
  });
});

describe("a path with words of its own", () => {
  test.each([
    ["/socket.io", "that has none", undefined, "Authentication error: Token required", "AUTH_REQUIRED"],
    ["/socket.io", "that is bad", "bad", "Authentication error", "AUTH_FAILED"],
    ["/app/v2/live", "that has none", undefined, "unauthorized", "AUTH_REQUIRED"],
  ])("%s uses them for a client %s", async (path, _what, token, message, code) => {
    const { url } = await start({ SOCKET_IO_PATHS });
    expect(await openSocketIo(url, { path, auth: { token } }).refused()).toMatchObject({ message, data: { code } });
  });

  test("uses them for who is known and has no right", async () => {
    const { url } = await start({ SOCKET_IO_PATHS });
    const owner = await openSocketIo(url, { token: await signSession() }).connected();
    await owner.ask("register", { streamId: "owned", produces: ["chat"] });
    const query = { runId: "owned" };
    const token = await signSession({ userId: "stranger" });
    const refused = await openSocketIo(url, { path: "/app/v2/live", token, query }).refused();
    expect(refused).toMatchObject({ message: "not yours", data: { code: "UNAUTHORIZED" } });
  });
});

test("A path that is not configured is none of Socket.IO's, and an empty list has none at all", async () => {
  const ask = async ({ url }: Gateway, path: string): Promise<number> =>
    (await fetch(new URL(`${path}?EIO=4&transport=polling`, url))).status;
  const some = await start({ SOCKET_IO_PATHS });
  expect(await Promise.all(["/runs/", "/app/v2/live", "/app/v2", "/runs/x"].map((path) => ask(some, path)))).toEqual([
    400, 400, 404, 404,
  ]);
  const none = await start({ SOCKET_IO_PATHS: "[]" });
  expect(await Promise.all(["/runs/", "/socket.io/"].map((path) => ask(none, path)))).toEqual([404, 404]);
});

test("What is wrong with these variables closes the gate, and /ready says what it is", async () => {
  const wrong = [
    { path: "runs" },
    { path: "/streams/x" },
    { path: "/a", refusal: "http" },
    { path: "/b", texts: { missing: "" } },
    { path: "/c", texts: { other: "x" } },
    { path: "/d", more: 1 },
    { path: "/e" },
    { path: "/e/" },
    5,
  ];
  const { url } = await start({ SOCKET_IO_PATHS: JSON.stringify(wrong), SOCKET_IO_DEFAULT_STREAM: "everybody" });
  const response = await fetch(new URL("/ready", url));
  const { problems } = (await response.json()) as {
    readonly problems: readonly { readonly variable: string; readonly message: string }[];
  };
  expect(response.status).toBe(503);
  expect(problems.map(({ variable }) => variable)).toEqual([
    ...Array.from({ length: 8 }, () => "SOCKET_IO_PATHS"),
    "SOCKET_IO_DEFAULT_STREAM",
  ]);
  expect(problems.map(({ message }) => message)).toEqual(
    expect.arrayContaining([
      expect.stringContaining("path is none"),
      expect.stringContaining("gateway's own"),
      expect.stringContaining("neither io-use nor nestjs"),
      expect.stringContaining("texts are not"),
      expect.stringContaining("other names than"),
      expect.stringContaining("twice"),
      expect.stringContaining("{userId}"),
    ]),
  );
  const client = openSocketIo(url, { path: "/e", token: await signSession() });
  expect(await client.refused()).toMatchObject({ message: "websocket error", active: true });
});
