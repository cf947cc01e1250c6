// How long a client of Socket.IO may take: to CONNECT, and to name a stream.
import { expect, test } from "vitest";
import { openEngine } from "../../support/engine-client.ts";
import { gatewaysByVariables } from "../../support/held-phones.ts";
import { signSession } from "../../support/session-token.ts";
import { openSocketIo } from "../../support/socket-io-client.ts";

const start = gatewaysByVariables();
const SOON = { AUTH_TIMEOUT_S: "1", REGISTER_TIMEOUT_S: "1" };

test("Who sends no CONNECT is closed", async () => {
  const client = await openEngine((await start(SOON)).url);
  expect(await client.closed()).toMatchObject({ code: 4408, reason: "AUTH_TIMEOUT" });
});

test("Who is refused has no more time than who is not", async () => {
  const client = await openEngine((await start(SOON)).url);
  // Five of them would be closed for something else, and each would have begun the time anew.
  const again = setInterval(() => client.send('40{"token":"bad"}'), 450);
  expect(await client.closed()).toMatchObject({ code: 4408, reason: "AUTH_TIMEOUT" });
  clearInterval(again);
});

test("Who has left and does not come back is closed", async () => {
  const client = await openEngine((await start(SOON)).url, "&runId=left");
  client.send(`40${JSON.stringify({ token: await signSession() })}`);
  await client.next('42["success"');
  client.send("41");
  expect(await client.closed()).toMatchObject({ code: 4408, reason: "AUTH_TIMEOUT" });
});

test("Who connects and names no stream is told so, and its transport is closed, so that it comes back", async () => {
  const client = openSocketIo((await start(SOON)).url, { token: await signSession() });
  await client.connected();
  expect(await client.nextError("REGISTER_TIMEOUT")).toMatchObject({ temporary: true });
  expect(await client.disconnected()).toMatchObject({ reason: "transport close", active: true });
  await client.connected();
});

test("Who has registered stays", async () => {
  const client = openSocketIo((await start(SOON)).url, { token: await signSession() });
  await client.connected();
  await client.ask("register", { streamId: "stays", produces: ["chat"] });
  const byUrl = openSocketIo((await start(SOON)).url, { token: await signSession(), query: { runId: "stays" } });
  await byUrl.connected();
  const from = Date.now();
  do {
    // oxlint-disable-next-line no-await-in-loop -- until both times are surely over
    await Promise.all([client.ask("chat", {}), byUrl.next("chat")]);
    // oxlint-disable-next-line no-await-in-loop -- as above
    await new Promise((resolve) => setTimeout(resolve, 100));
  } while (Date.now() - from < 1500);
  expect([client.socket.connected, byUrl.socket.connected]).toEqual([true, true]);
});
