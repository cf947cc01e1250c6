// What is written down of clients of Socket.IO: who joined from where, who was refused and why, who left.
import { expect, test } from "vitest";
import { auditLines, awaitLines } from "../../support/audit-lines.ts";
import { gatewaysByVariables } from "../../support/held-phones.ts";
import { signSession } from "../../support/session-token.ts";
import { openSocketIo } from "../../support/socket-io-client.ts";

const start = gatewaysByVariables();
const FROM = { "CF-Connecting-IP": "2001:db8:0:1::7", "CF-Ray": "0123456789abcdef-VIE" };

test("A client is written down as one that came by message: verified, joined, left", async () => {
  const { url, harness } = await start();
  const token = await signSession({ userId: "anna", sessionId: "s-1" });
  const client = await openSocketIo(url, { token, query: { runId: "told" }, headers: FROM }).connected();
  const { connectionId } = await client.next("success");
  client.socket.disconnect();
  await awaitLines(harness, { event: "left" });
  const who = { streamId: "told", principal: "user", userId: "anna", sessionId: "s-1" };
  const from = { place: "message", address: "2001:db8:0:1::/64", ray: FROM["CF-Ray"] };
  expect(auditLines(harness)).toMatchObject([
    { event: "credential-accepted", tokenKind: "session-jwt", slot: "any-token", ...from, ...who },
    { event: "joined", connectionId, ...from, ...who },
    { event: "left", connectionId, ...who },
  ]);
});

test("A client that is refused is written down with the reason that it is not told", async () => {
  const { url, harness } = await start({ MAX_MEMBERS_PER_STREAM: "100" });
  const owner = await openSocketIo(url, { token: await signSession({ userId: "owner" }) }).connected();
  await owner.ask("register", { streamId: "owned", produces: ["chat"] });
  const query = { runId: "owned" };
  const bad = await signSession({ secret: "another-secret-Zk3vQ1xP8mN5tR7wY2bC6dF" });
  await openSocketIo(url, { token: bad, query }).refused();
  await openSocketIo(url, { query }).refused();
  await openSocketIo(url, { token: await signSession({ userId: "bob" }), query }).refused();
  await openSocketIo(url, { token: await signSession({ userId: "bob" }), query: { runId: "no such" } }).refused();
  const refused = auditLines(harness).filter(({ event }) => String(event).endsWith("-refused"));
  expect(refused).toMatchObject([
    { event: "credential-refused", place: "message", code: "AUTH_FAILED", reason: "signature-mismatch" },
    { event: "connection-refused", place: "message", code: "AUTH_REQUIRED", streamId: "owned" },
    { event: "connection-refused", place: "message", code: "UNAUTHORIZED", streamId: "owned", userId: "bob" },
    { event: "connection-refused", place: "message", code: "INVALID_STREAM_ID", userId: "bob" },
  ]);
});
