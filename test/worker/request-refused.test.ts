// Who is known and refused over HTTP is written down: at each path of the gateway's own and on a route, once, and nobody else is.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { OWN_ENDPOINTS } from "../../worker/own-endpoints.ts";
import { newUser } from "../conformance/contract/contract.ts";
import { keyEntry } from "../support/a-key.ts";
import { type AuditLine, auditLines, awaitLines } from "../support/audit-lines.ts";
import { clientsOf } from "../support/clients-of.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { TEST_ADMIN_KEY } from "../support/session-token.ts";
import { ticketText } from "../support/tickets.ts";

const KEY = "the-key-of-the-robot-0123456789";
/** It may do nothing with the stream, and not pass on a route. */
const ROBOT = { "x-api-key": KEY };
const STREAM = "of-somebody-else";

let gateway: Gateway;
const { contract, ask } = clientsOf(() => gateway);
beforeAll(async () => {
  gateway = await startGateway({
    ADMIN_KEY: TEST_ADMIN_KEY,
    API_KEYS: JSON.stringify([keyEntry(KEY, "robot", ["read"], ["other-*"])]),
    // Nobody listens there, and nobody is let through to it.
    ROUTES: JSON.stringify([{ path: "/api", upstream: "http://127.0.0.1:1" }]),
    REVOCATION_CACHE_S: "0",
  });
  await contract.openPair(STREAM);
});
afterAll(() => gateway.stop());

const EVENT = "request-refused";

/** All that a program may be refused. */
const ASKED: readonly (readonly [method: string, path: string, body?: AuditLine])[] = [
  ["POST", "/tickets", { streamId: STREAM, operations: ["read"] }],
  ["POST", "/explain", { streamId: STREAM, operation: "read" }],
  ["GET", "/streams/:streamId"],
  ["DELETE", "/streams/:streamId"],
  ["GET", "/streams/:streamId/frame"],
  ["POST", "/admin/revocations", { userId: "anna" }],
  ["GET", "/admin/streams/:streamId"],
  ["POST", "/admin/streams/:streamId/disconnect", { userId: "anna" }],
  ["POST", "/admin/streams/:streamId/drain"],
  ["GET", "/streams/:streamId/access"],
  ["PUT", "/streams/:streamId/access", {}],
  ["GET", "/streams/:streamId/alerts"],
  ["POST", "/streams/:streamId/alerts", { message: "x" }],
];
/** Of anybody, or of an upgrade. */
const OF_ANYBODY = new Set(["GET /health", "GET /ready", "GET /.well-known/jwks.json", "GET /ws"]);
/** It refuses a ticket alone. */
const OF_TICKETS = "GET /streams";

test("what is tried here is all that the gateway has of its own", () => {
  const all = OWN_ENDPOINTS.flatMap(([path, allow]) => allow.split(", ").map((method) => `${method} ${path}`));
  const tried = [...ASKED.map(([method, path]) => `${method} ${path}`), OF_TICKETS];
  expect(tried.toSorted()).toEqual(all.filter((one) => !OF_ANYBODY.has(one)).toSorted());
});

describe.each(ASKED.map(([method, path, body], index) => ({ method, path, body, address: `192.0.2.${index + 1}` })))(
  "a key without the right to $method $path",
  ({ method, path, body, address }) => {
    test("is told with its name, the code, and the stream where one was named", async () => {
      const headers = { ...ROBOT, "CF-Connecting-IP": address, "CF-Ray": "0123456789abcdef-VIE" };
      expect(await ask(method, path.replace(":streamId", STREAM), undefined, body, headers)).toMatchObject({
        status: 403,
        body: { code: "UNAUTHORIZED" },
      });
      const where = { address, ray: "0123456789abcdef-VIE", place: "http" };
      const who = { principal: "service", userId: "key:robot" };
      // What says nothing of a stream, or was not asked yet which it is.
      const streamId = ["/explain", "/admin/revocations"].includes(path) ? {} : { streamId: STREAM };
      const refused = { event: EVENT, code: "UNAUTHORIZED", ...where, ...who, ...streamId };
      const [told, ...others] = await awaitLines(gateway.harness, { event: EVENT, address });
      expect([told, others]).toEqual([{ ...refused, country: told?.["country"] }, []]);
    });
  },
);

test("who passes no route by his key or ticket is told, and a ticket that asks for the list of streams", async () => {
  const nowS = Math.floor(Date.now() / 1000);
  const times = { issuedAtS: nowS, mintedAtS: nowS, expiresAtS: nowS + 60, sessionEndsAtMs: (nowS + 3600) * 1000 };
  const address = "198.51.100.1";
  const from = { "CF-Connecting-IP": address };
  const asTicket = { Authorization: `Bearer ${await ticketText(times)}`, ...from };
  expect(await ask("GET", "/api/x", undefined, undefined, { ...ROBOT, ...from })).toMatchObject({ status: 403 });
  expect(await ask("GET", "/api/x", undefined, undefined, asTicket)).toMatchObject({ status: 401 });
  expect(await ask("GET", "/streams", undefined, undefined, asTicket)).toMatchObject({ status: 403 });
  expect(await awaitLines(gateway.harness, { event: EVENT, address }, 3)).toMatchObject([
    { code: "UNAUTHORIZED", userId: "key:robot" },
    { code: "AUTH_FAILED", principal: "ticket" },
    { code: "UNAUTHORIZED", principal: "ticket" },
  ]);
});

test("whose session was revoked is told with its name", async () => {
  const userId = newUser();
  const address = "198.51.100.2";
  const from = { "CF-Connecting-IP": address };
  const order = { userId, graceMs: 0 };
  const asOperator = { "x-api-key": TEST_ADMIN_KEY };
  expect(await ask("POST", "/admin/revocations", undefined, order, asOperator)).toMatchObject({ status: 202 });
  expect(await ask("GET", "/streams", userId, undefined, from)).toMatchObject({ status: 401 });
  expect(await awaitLines(gateway.harness, { event: EVENT, address })).toMatchObject([
    { code: "SESSION_REVOKED", principal: "user", userId, sessionId: `session-of-${userId}` },
  ]);
});

test("who shows nothing, or nothing good, or asks for what is wrong or not there, is not", async () => {
  const address = "198.51.100.3";
  const from = { "CF-Connecting-IP": address };
  const statusOf = async (path: string, userId?: string, headers: Record<string, string> = {}): Promise<number> =>
    (await ask("GET", path, userId, undefined, { ...headers, ...from })).status;
  const owner = newUser();
  expect(await statusOf("/streams")).toBe(401);
  expect(await statusOf("/api/x")).toBe(401);
  expect(await statusOf("/streams/x/frame", owner)).toBe(404);
  expect(await statusOf("/streams/x/alerts?limit=no", owner)).toBe(400);
  expect(await statusOf("/streams", undefined, { Authorization: "Bearer forged" })).toBe(401);
  await awaitLines(gateway.harness, { event: "credential-refused", address });
  expect(auditLines(gateway.harness, { event: EVENT, address })).toEqual([]);
});
