// The stream of a client that names none: each user's own, where the operator says how it is called.
import { SignJWT } from "jose";
import { expect, test } from "vitest";
import { keyEntry } from "../../support/a-key.ts";
import { gatewaysByVariables } from "../../support/held-phones.ts";
import { signSession } from "../../support/session-token.ts";
import { openSocketIo } from "../../support/socket-io-client.ts";

const start = gatewaysByVariables();
const KEY = "a-key-of-a-service-that-has-no-stream";
const JWT_SECRET = "another-system-8Qw2eR4tY6uI1oP3aS5dF7gH9jK0lZxC";
const VARIABLES = {
  SOCKET_IO_DEFAULT_STREAM: "user-{userId}",
  JWT_SECRET,
  API_KEYS: JSON.stringify([keyEntry(KEY, "robot", ["read"], ["user-*"])]),
};

test.each([
  ["anna_7-x", "user-anna_7-x"],
  ["anna.7", "user-YW5uYS43"],
  ["ünï/😀?", "user-w7xuw68v8J-YgD8"],
])("the user %s comes to %s, which is his: he writes and reads there", async (userId, streamId) => {
  const { url } = await start(VARIABLES);
  const client = await openSocketIo(url, { token: await signSession({ userId }) }).connected();
  expect(await client.next("success")).toMatchObject({ userId, streamId });
  expect(await client.ask("alert", { message: "to myself" })).toMatchObject({ type: "success", offset: 1 });
  expect(await client.next("alert")).toMatchObject({ message: "to myself", streamId });
  const other = openSocketIo(url, { token: await signSession({ userId: "other" }), query: { runId: streamId } });
  expect(await other.refused()).toMatchObject({ data: { code: "UNAUTHORIZED" } });
});

test("two connections of one session, such as tabs, meet there", async () => {
  const { url } = await start(VARIABLES);
  const token = await signSession({ userId: "twice" });
  const [one, other] = [await openSocketIo(url, { token }).connected(), await openSocketIo(url, { token }).connected()];
  await other.next("success");
  one.send("chat", { text: "hello" });
  expect(await other.next("chat")).toMatchObject({ text: "hello" });
  other.send("video-frame", { data: "AAAA" });
  expect(await one.next("video-frame")).toMatchObject({ data: "AAAA" });
});

test("a user of another system has his own, whose name is that of nobody else", async () => {
  const { url } = await start(VARIABLES);
  const jwt = new SignJWT({ id: "anna" }).setProtectedHeader({ alg: "HS256" }).setIssuedAt().setExpirationTime("1h");
  const token = await jwt.sign(new TextEncoder().encode(JWT_SECRET));
  const theirs = await openSocketIo(url, { token }).connected();
  const { streamId } = await theirs.next("success");
  expect(streamId).toBe(`user-${Buffer.from("jwt:anna").toString("base64url")}`);
});

test("who names one comes to that and not to his own", async () => {
  const { url } = await start(VARIABLES);
  const client = await openSocketIo(url, { token: await signSession(), query: { runId: "named" } }).connected();
  expect(await client.next("success")).toMatchObject({ streamId: "named" });
});

test("a program has none, and says by `register` where it wants to be", async () => {
  const { url } = await start(VARIABLES);
  const client = await openSocketIo(url, { token: KEY }).connected();
  expect(await client.ask("register", { streamId: "user-nobody", consumes: ["*"] })).toMatchObject({
    userId: "key:robot",
  });
  expect(client.unread).toEqual([]);
});

test("a user whose id makes a name that is too long is told so", async () => {
  const { url } = await start(VARIABLES);
  const client = openSocketIo(url, { token: await signSession({ userId: "x".repeat(124), sessionId: "s" }) });
  expect(await client.refused()).toMatchObject({ data: { code: "INVALID_STREAM_ID" }, active: false });
});
